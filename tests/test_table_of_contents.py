"""The tables of contents: what type checkers see is what loads."""

import ast
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

import gradflow as gf
from gradflow import _lazy

HERE = Path(gf.__file__).parent
ROOMS = [".".join(("gradflow", *stub.relative_to(HERE).parent.parts)) for stub in sorted(HERE.rglob("__init__.pyi"))]


def homes_of(room):
    import_module(room)
    return _lazy.homes_of(room)


def stub_of(room):
    return HERE.joinpath(*room.split(".")[1:], "__init__.pyi")


@pytest.mark.parametrize("room", ROOMS)
def test_type_checkers_see_the_names_that_load_and_no_others(room):
    seen = []
    for statement in ast.parse(stub_of(room).read_text()).body:
        if isinstance(statement, ast.AnnAssign):
            assert ast.unparse(statement) == "__version__: str"
            continue
        assert isinstance(statement, ast.ImportFrom)
        (alias,) = statement.names
        assert alias.asname == alias.name  # `X as X`: a re-export for type checkers
        seen.append((alias.name, statement.module))
    assert seen == list(homes_of(room).items())  # each of them once
    assert [name for name in import_module(room).__all__ if name != "__version__"] == [name for name, _ in seen]


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_a_room_loads_and_is_that_of_its_module(room):
    for name, home in homes_of(room).items():
        found, own = getattr(import_module(room), name), getattr(import_module(home), name)
        # in front of a verb `gf` says what would fit where a call does not (`gradflow._public`)
        if room == "gradflow" and isinstance(own, FunctionType):
            assert found.__wrapped__ is own
        else:
            assert found is own


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_is_that_of_a_module_in_its_room(room):
    folder = stub_of(room).parent
    assert not {name for name in homes_of(room) if (folder / name).is_dir() or (folder / f"{name}.py").exists()}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_takes_its_names_from_its_own_modules(room):
    assert all(home.startswith(f"{room}.") for home in homes_of(room).values())


def test_dir_lists_the_table_of_contents():
    assert dir(gf) == sorted(gf.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gradflow' has no attribute 'nothing'"):
        gf.nothing  # noqa: B018
