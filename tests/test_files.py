"""Only plain files are opened, and never more of them read than one can have."""

import errno
import os
import socket

import pytest

from gradflow._files import NotPlain, plain_content


def test_a_file_is_read_up_to_the_size_that_it_may_have(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert plain_content(file, 5) == plain_content(str(file), 6) == b"12345"
    with pytest.raises(NotPlain, match="it has 5 bytes, and 4 are the most"):
        plain_content(file, 4)


@pytest.fixture
def places(tmp_path):
    """A folder, a pipe, a socket, and links: to each, to nothing, to itself."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nothing").symlink_to("none")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("folder", "pipe"):
        (tmp_path / f"link to {name}").symlink_to(name)
    with socket.socket(socket.AF_UNIX) as server:
        # a socket's whole path must be short
        there = os.getcwd()
        os.chdir(tmp_path)
        try:
            server.bind("socket")
        finally:
            os.chdir(there)
        yield tmp_path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("folder", "a folder"),
        ("pipe", "a pipe"),
        ("socket", "a socket"),
        ("link to folder", "a folder"),
        ("link to pipe", "a pipe"),
    ],
)
def test_what_is_no_plain_file_is_named_and_not_waited_for(places, name, kind):
    with pytest.raises(NotPlain, match=f"it is {kind}, not a plain file"):
        plain_content(places / name, 100)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_not_read(device):
    with pytest.raises(NotPlain, match="it is a device"):
        plain_content(device, 100)


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="files of this kind are Linux's")
def test_a_file_that_states_no_size_is_read_no_farther_either():
    assert os.stat("/proc/self/maps").st_size == 0
    with pytest.raises(NotPlain, match="more than 100"):
        plain_content("/proc/self/maps", 100)


def test_links_to_nothing_and_in_a_circle_are_said_to_be_so(places):
    with pytest.raises(FileNotFoundError):
        plain_content(places / "nothing", 100)
    with pytest.raises(OSError, match="symbolic links") as found:
        plain_content(places / "loop", 100)
    assert found.value.errno == errno.ELOOP
    with pytest.raises(ValueError, match="null"):
        plain_content("a\0b", 100)
