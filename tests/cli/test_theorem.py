"""gradflow theorem, as a new user runs it."""

import pytest
from typer.testing import CliRunner

from gradflow.cli.main import app

runner = CliRunner()


@pytest.mark.slow
def test_theorem_writes_a_table_that_checks_and_an_edited_one_does_not(tmp_path, unchecked):
    table = tmp_path / "indices.csv"
    result = runner.invoke(app, ["theorem", "--k", "5", "--out", str(table)])
    assert result.exit_code == 0, result.output
    assert "complete: every 2 <= n < k <= 5" in result.stdout
    result = runner.invoke(app, ["theorem", "--k", "5", "--check", str(table)])
    assert result.exit_code == 0, result.output
    assert "every statement of 6 rows proved again" in result.stdout
    text = table.read_text()
    table.write_text(text.replace("5,4,0,0,C-A", "5,4,0,0,P-n-C"))
    result = runner.invoke(app, ["theorem", "--k", "5", "--check", str(table)])
    assert result.exit_code == 1
    assert "k = 5, n = 4: lower" in result.stdout
    table.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    result = runner.invoke(app, ["theorem", "--k", "5", "--check", str(table)])
    assert result.exit_code == 1
    assert "1 pairs are missing, k = 5, n = 4" in result.stdout
