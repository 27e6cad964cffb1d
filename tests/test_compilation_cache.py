"""Where compiled programs are kept."""

import os
import subprocess
import sys

import pytest

import gradflow as gf
from gradflow import _compilation_cache


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """An environment of its own, which what the call sets leaves again."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    monkeypatch.setattr(os, "environ", kept | {"XDG_CACHE_HOME": str(tmp_path)})
    return os.environ


def test_the_folder_is_named_after_the_processor_and_jax(environment, tmp_path, monkeypatch):
    here = _compilation_cache.folder()
    assert here.parent == tmp_path / "gradflow"
    assert here.name.endswith("-jax" + _compilation_cache.version("jax"))
    monkeypatch.setattr(_compilation_cache, "_processor", lambda: ("Some CPU @ 3.0 GHz", "avx2"))
    one = _compilation_cache.folder()
    assert one.name.startswith("some-cpu-3-0-ghz-")
    monkeypatch.setattr(_compilation_cache, "_processor", lambda: ("Some CPU @ 3.0 GHz", "avx2 avx512"))
    assert _compilation_cache.folder() != one


def test_the_command_keeps_every_program_there(environment, tmp_path):
    _compilation_cache.use_compilation_cache()
    assert environment["JAX_COMPILATION_CACHE_DIR"] == str(_compilation_cache.folder())
    assert environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"
    assert _compilation_cache.folder().is_dir()


@pytest.mark.parametrize("chosen", ["/elsewhere", ""])
def test_a_folder_of_one_s_own_is_left_alone(environment, chosen):
    environment["JAX_COMPILATION_CACHE_DIR"] = chosen
    _compilation_cache.use_compilation_cache()
    assert environment["JAX_COMPILATION_CACHE_DIR"] == chosen


def test_a_home_that_cannot_be_written_is_done_without(environment, tmp_path):
    (tmp_path / "gradflow").write_text("a file in the folder's place")
    _compilation_cache.use_compilation_cache()
    assert "JAX_COMPILATION_CACHE_DIR" not in environment


def test_in_python_programs_are_kept_when_that_is_asked_for(tmp_path):
    code = "import sys, gradflow as gf, jax.numpy as jnp; gf.cache(sys.argv[1]); jnp.arange(3.0) + 1"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "kept")], check=True)
    assert any((tmp_path / "kept").iterdir())


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cache: cannot write to"):
        gf.cache(tmp_path / "file" / "kept")
