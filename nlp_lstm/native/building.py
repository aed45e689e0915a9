"""Compiles the kernels: when the package is built, and by `python -m nlp_lstm.native.building`.

Needs nothing but the standard library, because it runs before anything is installed.
"""

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = ("kernels.c", "crf.c", "choose.c", "attend.c")
LIBRARY = "libkernels.dll" if sys.platform == "win32" else "libkernels.so"
FOLDER = Path(__file__).resolve().parent

_X86 = ("x86_64", "amd64")
_OPTIONS = ("-O3", "-fPIC", "-ffp-contract=fast", "-fno-math-errno", "-Wno-psabi")
_AVX512 = ("-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512cd")
# By the name that its functions end in: what a version needs of the processor.
VERSIONS: dict[str, tuple[str, ...]] = {
    "base": (),
    "avx2": ("-mavx2", "-mfma"),
    "avx512": _AVX512,
    "half": (*_AVX512, "-mavx512bf16", "-DHALF"),
}


class NoCompilerError(Exception):
    """The kernels could not be compiled, and why."""


def build(folder: Path = FOLDER) -> Path:
    """Compile the kernels into the folder of their sources, unless they are compiled already.

    The compiler is `$CC`, else `cc`, `gcc` or `clang`.

    Returns:
        The library.

    Raises:
        NoCompilerError: There is none, or it fails.
    """
    library = folder / LIBRARY
    mark = mark_of(folder)
    if library.is_file() and mark.encode() in library.read_bytes():
        return library
    compiler = _compiler()
    x86 = platform.machine().lower() in _X86
    with tempfile.TemporaryDirectory() as work:
        objects: list[str] = []
        for version, flags in VERSIONS.items():
            if flags and not x86:
                continue
            made = [str(Path(work) / f"{source}.{version}.o") for source in SOURCES]
            try:
                for source, target in zip(SOURCES, made, strict=True):
                    named = f"-DNAME(x)=nlp_lstm_##x##_{version}", f'-DMARK="{mark}"'
                    _run([*compiler, *_OPTIONS, *flags, *named, "-c", str(folder / source)], target)
            except NoCompilerError:
                if not flags:
                    raise
                continue  # a compiler that is older than the processor
            objects += made
        # Beside it first: a library that a running process has open must not change.
        beside = folder / f".{LIBRARY}.{os.getpid()}"
        _run([*compiler, "-shared", *objects, *([] if os.name == "nt" else ["-lm"])], str(beside))
        beside.replace(library)
    return library


def mark_of(folder: Path = FOLDER) -> str:
    """What a library of these sources, compiled as it would be here, says of itself."""
    parts = [str((platform.machine(), _OPTIONS, VERSIONS)).encode()]
    parts += [path.read_bytes() for path in sorted(folder.glob("*.[ch]"))]
    return f"nlp-lstm kernels {hashlib.sha256(b'|'.join(parts)).hexdigest()}"


def _compiler() -> list[str]:
    if given := os.environ.get("CC"):
        return shlex.split(given)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    raise NoCompilerError("no C compiler: neither $CC nor cc, gcc or clang")


def _run(command: list[str], target: str) -> None:
    try:
        done = subprocess.run([*command, "-o", target], capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoCompilerError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise NoCompilerError(f"{command[0]}: {said[0] if said else 'failed'}")


if __name__ == "__main__":
    try:
        print(build())
    except NoCompilerError as error:
        sys.exit(f"not compiled, PyTorch and NumPy are used instead: {error}")
