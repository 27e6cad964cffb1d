"""The command's entry point."""

import sys

import pytest

from gradflow.cli import main


@pytest.fixture
def command(monkeypatch, capsys, as_a_user_calls):
    """The command in this process: its exit code, and what it printed to stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["gradflow", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run
