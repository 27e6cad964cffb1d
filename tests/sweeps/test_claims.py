"""Claims: each run is done by one of those who share a store, and the dead hold nothing."""

import json
import os
import platform
import subprocess
import sys
import time

import pytest

from gradflow.sweeps.claims import BEING_WRITTEN, STALE, Claims


def claim_of(folder, name, **changes):
    """A claim as another process has left it."""
    content = {"host": platform.node(), "process": os.getpid(), "since": 0.0} | changes
    (folder / f"{name}.json").write_text(json.dumps(content))
    return folder / f"{name}.json"


def test_only_one_has_a_claim_until_it_gives_it_back(tmp_path):
    first, second = Claims(tmp_path), Claims(tmp_path)
    assert first.take("run")
    assert not second.take("run")
    assert second.is_held("run")
    assert [claim.process for claim in second.living()] == [os.getpid()]
    first.release("run")
    assert second.take("run")
    second.release_all()
    assert not first.is_held("run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_of_many_processes_exactly_one_has_the_claim(tmp_path):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gradflow.sweeps.claims import Claims\n"
        "claims = Claims(Path(sys.argv[1]))\n"
        "sys.stdin.readline()\n"
        "print(claims.take('run'), flush=True)\n"
        "sys.stdin.readline()\n"  # whoever has it lives until all have tried
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.stdout.readline().strip() for process in started]
    for process in started:
        process.communicate("end\n")
    assert sorted(answers) == ["False", "False", "True"]


def test_a_dead_process_holds_nothing_not_even_before_its_parent_has_looked(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    claims = Claims(tmp_path)
    claim_of(tmp_path, "run", process=dead.pid)
    while claims.is_held("run"):  # as long as it lives; then it is a zombie until it is waited for
        time.sleep(0.01)
    assert claims.take("run")
    dead.wait()


def test_a_claim_on_another_machine_counts_as_long_as_it_is_renewed(tmp_path):
    claims = Claims(tmp_path)
    path = claim_of(tmp_path, "run", host="elsewhere", process=1)
    assert not claims.take("run")
    os.utime(path, (time.time() - STALE - 1,) * 2)
    assert claims.take("run")


def test_what_is_held_is_renewed(tmp_path, monkeypatch):
    monkeypatch.setattr("gradflow.sweeps.claims.RENEWED", 0.01)
    claims = Claims(tmp_path)
    assert claims.take("run")
    path = tmp_path / "run.json"
    os.utime(path, (0, 0))
    while path.stat().st_mtime == 0:
        time.sleep(0.01)
    claims.release_all()


def test_a_claim_that_is_just_being_written_counts_and_one_torn_by_a_crash_does_not(tmp_path):
    claims = Claims(tmp_path)
    path = tmp_path / "run.json"
    path.write_text("")
    assert not claims.take("run")
    os.utime(path, (time.time() - BEING_WRITTEN - 1,) * 2)
    assert claims.take("run")
