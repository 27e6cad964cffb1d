"""How the arguments of public verbs are annotated."""

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

if TYPE_CHECKING:
    T = TypeVar("T")
    Checked = Annotated[T, "the check below says what is wrong"]
else:

    class Checked:
        """`Checked[int]` is an int for a type checker and anything at run time: the argument of a public verb whose
        check stands here, and whose message a run-time checker of annotations must not forestall.
        """

        def __class_getitem__(cls, _: object) -> object:
            return Any
