"""The table of contents: what type checkers see is what loads."""

import ast
import inspect
from importlib import import_module

import pytest

import gradflow as gf


def imported_for_type_checkers():
    """(room, name) of every import under TYPE_CHECKING in gradflow/__init__.py."""
    tree = ast.parse(inspect.getsource(gf))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        assert statement.module.startswith("gradflow.")
        for alias in statement.names:
            assert alias.asname == alias.name  # `X as X`: a re-export for type checkers
            yield statement.module.removeprefix("gradflow."), alias.name


def test_the_names_for_type_checkers_are_those_that_load():
    lazily = [(room, name) for room, names in gf._ROOMS.items() for name in names]
    assert sorted(imported_for_type_checkers()) == sorted(lazily)


def test_no_name_stands_in_two_rooms():
    assert len(set(gf.__all__)) == len(gf.__all__)


@pytest.mark.parametrize("name", gf.__all__)
def test_every_name_loads_and_is_that_of_its_room(name):
    value = getattr(gf, name)
    room = next((room for room, names in gf._ROOMS.items() if name in names), None)
    if room is not None:
        assert value is getattr(import_module(f"gradflow.{room}"), name)


def test_dir_lists_the_table_of_contents():
    assert dir(gf) == sorted(gf.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gradflow' has no attribute 'nothing'"):
        gf.nothing  # noqa: B018
