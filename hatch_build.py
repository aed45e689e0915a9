"""Compiles the kernels into the package while it is built; without a compiler there are none."""

import importlib.util
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NATIVE = "nlp_lstm/native"


class KernelsHook(BuildHookInterface[Any]):
    """Builds the library of `nlp_lstm.native` for wheels and for editable installations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before files are gathered.

        Args:
            version: `standard` or `editable`.
            build_data: What hatchling is told about this wheel.
        """
        if self.target_name != "wheel":
            return
        building = _load(Path(self.root, NATIVE, "building.py"))
        try:
            building.build()
        except building.NoCompilerError as error:
            # One that was compiled before may not be of these sources.
            (building.FOLDER / building.LIBRARY).unlink(missing_ok=True)
            self.app.display_warning(
                f"no kernels compiled, PyTorch and NumPy are used instead: {error}"
            )
            return
        if version == "standard":
            build_data["artifacts"].append(f"/{NATIVE}/{building.LIBRARY}")
            build_data["pure_python"] = False
            # Any Python 3 can load it: it is found by ctypes, not imported.
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"py3-none-{platform}"


def _load(path: Path) -> ModuleType:
    """A module by its file: what the package imports is not installed yet."""
    spec = importlib.util.spec_from_file_location("building", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
