"""Files that are written whole or not at all."""

import errno
import os
import stat

import matplotlib.pyplot as plt
import pytest

import gradflow as gf
from gradflow import _writing
from gradflow._writing import NotWritten, write_whole, written_whole


@pytest.fixture
def full(monkeypatch):
    """A disk that is full once the content is to reach it."""

    def refuse(file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_writing.os, "fsync", refuse)


def test_a_file_takes_the_place_of_what_was_there_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o600)
    with written_whole(path) as file:
        file.write_text("new")
        assert path.read_text() == "old"
        assert file.suffix == ".html"
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left_beside_it(tmp_path, full):
    path = tmp_path / "page.html"
    path.write_text("old")
    with (
        pytest.raises(NotWritten, match=r"^.*page\.html cannot be written: No space left on device\. What stood there"),
        written_whole(path) as file,
    ):
        file.write_text("new")
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed_for_a_caller_and_replaced_in_a_store(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    with written_whole(link) as file:
        file.write_text("page")
    assert link.is_symlink()
    assert target.read_text() == "page"
    write_whole(link, b"record")
    assert not link.is_symlink()
    assert target.read_text() == "page"


def test_a_device_is_written_to_and_a_pipe_that_nobody_reads_does_not_hold_it_up(tmp_path):
    with written_whole("/dev/null") as file:
        file.write_text("page")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotWritten, match="pipe cannot be written"), written_whole(tmp_path / "pipe"):
        raise AssertionError("nobody reads it")


@pytest.mark.parametrize("ending", ["html", "csv", "parquet", "nc", "svg", "txt", "json"])
def test_what_is_written_for_a_reader_is_whole_or_the_old_one(swept, tmp_path, monkeypatch, ending):
    folder, diagram = swept
    path = tmp_path / f"file.{ending}"
    verbs = {
        "html": lambda: gf.write_report(diagram, path),
        "svg": lambda: gf.plot_phase_diagram(diagram, path),
        "txt": lambda: gf.write_summary(diagram, path),
        "json": lambda: gf.write_certificate(_unproved(diagram), path),
    }
    write = verbs.get(ending, lambda: gf.export(folder, path))
    write()
    before = path.read_bytes()

    def refuse(file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_writing.os, "fsync", refuse)
    with pytest.raises(NotWritten, match="No space left on device"):
        write()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert plt.get_fignums() == []  # a figure that was not written is not left open either


def _unproved(diagram):
    from gradflow.sweeps.certified import certified_of, unproved

    record = diagram.records[0]
    content = unproved(diagram.experiment, record, RuntimeError("x"))
    return certified_of(diagram.experiment, record, content).certificate
