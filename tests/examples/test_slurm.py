"""The script for SLURM, with an srun that starts its tasks on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gradflow as gf

SCRIPT = Path(__file__).parents[2] / "examples" / "slurm.sh"
SRUN = """#!/usr/bin/env bash
tasks="${1#--ntasks=}"; shift; shift
trap 'kill $(jobs -p)' TERM
for _ in $(seq "$tasks"); do "$@" & done
wait
"""


def submit(folder, ntasks, *arguments):
    """What a job of so many tasks would run."""
    commands = folder / "bin"
    commands.mkdir()
    (commands / "srun").write_text(SRUN)
    (commands / "srun").chmod(0o755)
    code = f"#!{sys.executable}\nfrom gradflow.cli import main\nmain()\n"
    (commands / "gradflow").write_text(code)
    (commands / "gradflow").chmod(0o755)
    path = f"{commands}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "SLURM_NTASKS": str(ntasks), "SLURM_JOB_ID": "7"}
    return subprocess.run(
        [SCRIPT, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.process
def test_a_job_of_four_tasks_does_the_sweep_with_two_workers_and_leaves_nothing_behind(tmp_path):
    job = submit(tmp_path, 4, "--k", "8", "--widths", "4", "--runs", "4", "--out", "runs")
    assert job.returncode == 0, job.stderr
    (diagram,) = gf.stored_diagrams(tmp_path / "runs")
    assert [record.outcome for record in diagram.records] == ["C-A"] * 4
    assert "4/4 runs" in job.stderr
    assert not list(tmp_path.glob("scheduler-*.json"))


def test_a_job_that_is_too_small_says_what_it_needs(tmp_path):
    job = submit(tmp_path, 2)
    assert job.returncode == 2
    assert "at least three tasks are needed" in job.stderr
