"""Compiling the kernels: what is made of them, and what is said where they cannot be compiled."""

import ctypes
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from nlp_lstm.native import building, kernels
from nlp_lstm.native.building import LIBRARY, NoCompilerError, build, mark_of
from nlp_lstm.native.kernels import Kernels

FAILS = "import sys; sys.exit('error: no such option\\nand more')"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for source in building.FOLDER.glob("*.[ch]"):
        shutil.copy(source, tmp_path)
    return tmp_path


def need_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("no C compiler here")
    monkeypatch.delenv("CC", raising=False)


def choose_compiler(monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    monkeypatch.setenv("CC", shlex.join(command))


def test_where_there_is_no_compiler_those_that_would_do_are_named(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(NoCompilerError, match=r"neither \$CC nor cc, gcc or clang"):
        build(sources)


def test_a_compiler_that_is_not_there_is_named(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_compiler(monkeypatch, "no-such-compiler", "-pipe")

    with pytest.raises(NoCompilerError, match=r"^no-such-compiler: No such file"):
        build(sources)


def test_the_first_line_of_what_a_compiler_complains_of_is_told(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_compiler(monkeypatch, sys.executable, "-c", FAILS)

    with pytest.raises(NoCompilerError, match=r": error: no such option$"):
        build(sources)


def test_a_compiler_that_fails_without_a_word_is_told(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_compiler(monkeypatch, sys.executable, "-c", "raise SystemExit(1)")

    with pytest.raises(NoCompilerError, match=r": failed$"):
        build(sources)


def test_what_was_compiled_before_stays_whole_where_compiling_fails(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sources / LIBRARY).write_bytes(b"before")
    before = sorted(sources.iterdir())
    choose_compiler(monkeypatch, sys.executable, "-c", FAILS)

    with pytest.raises(NoCompilerError):
        build(sources)

    assert (sources / LIBRARY).read_bytes() == b"before"
    assert sorted(sources.iterdir()) == before


def test_a_version_that_the_compiler_does_not_know_is_left_out(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_compiler(monkeypatch)
    monkeypatch.setattr(building, "VERSIONS", {"base": (), "newer": ("-mno-such-processor",)})

    built = build(sources)

    library = ctypes.CDLL(str(built))
    kernels = Kernels(library, "base")
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    one = np.ones((1, 3), np.float32)
    product = kernels.linear(rows, kernels.pack(np.eye(3, dtype=np.float32)), one)
    assert built == sources / LIBRARY
    assert np.array_equal(product, rows + 1)
    with pytest.raises(AttributeError):
        Kernels(library, "newer")


def test_a_library_of_other_sources_is_not_used(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_compiler(monkeypatch)
    build(sources)
    monkeypatch.setattr(kernels, "FOLDER", sources)
    monkeypatch.setattr(kernels, "mark_of", lambda: mark_of(sources))
    fitting = kernels._library.__wrapped__()

    with (sources / "crf.c").open("a") as source:
        source.write("/* changed */")

    assert fitting is not None
    assert kernels._library.__wrapped__() is None
    assert mark_of(sources).encode() not in (sources / LIBRARY).read_bytes()
