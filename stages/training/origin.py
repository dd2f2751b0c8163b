"""What a trained network comes from beside params and data: the code and the packages of a process."""

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("keras", "numpy", "tensorflow")


@functools.cache  # as it was at the first call, when the modules were loaded: a later `git pull` does not reload them
def origin() -> dict[str, str]:
    """Return the hash of all modules of this package, the versions of Python and of what computes, by their names."""
    folder = Path(__file__).parents[1]
    sources = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        sources.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        sources.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return {
        "the hash of stages/**/*.py": sources.hexdigest()[:12],
        "Python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }
