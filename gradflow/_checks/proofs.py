"""What can be proved."""

from typing import Any

from gradflow._errors import WrongType, WrongValue


def provable(verb: str, problem: Any, kinds: tuple[type, ...], activation: type) -> None:
    """A problem whose loss can be enclosed."""
    if not isinstance(problem, kinds):
        raise WrongType(
            f"{verb}: proofs know {' and '.join(kind.__name__ for kind in kinds)}, got a {type(problem).__name__}, "
            "whose loss has no closed form to enclose. Write gf.certify(gf.TeacherStudent(teacher, width=4), point), "
            "or gf.classify(problem, point) for what the numbers say."
        )
    own = getattr(problem, "activation", None)
    if own is not None and type(own) is not activation:
        raise WrongValue(
            f"{verb}: proofs know {activation.__name__} neurons, got {own!r}. Write gf.classify(problem, point) for "
            "what the numbers say."
        )
