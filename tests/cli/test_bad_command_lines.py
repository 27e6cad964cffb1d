"""Wrong command lines are answered in a line of ours, with exit code 2."""

import pytest
from oracles.bad_command_lines import LINES, answers, places

pytestmark = pytest.mark.usefixtures("unchecked")


def test_wrong_command_lines_of_all_subcommands_are_one_line_and_exit_code_2(tmp_path, monkeypatch):
    named = places(tmp_path)
    monkeypatch.chdir(tmp_path / "folder")
    assert len(LINES.strip().splitlines()) >= 100
    assert [answer for answer in answers(named) if answer[1] is not None] == []
