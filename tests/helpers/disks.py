"""A disk that can be made full and folders that cannot be written to, by mounts: needs root, and undoes them."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Skipped(Exception):
    """The fault cannot be tried here; the message states why."""


@contextmanager
def own_disk(root: Path) -> Iterator[Callable[[int], None]]:
    """Move a folder to a separate disk in memory; yield a function that sets the size of this disk, in bytes."""
    kept = root.with_name("kept")
    root.rename(kept)
    root.mkdir()
    _mount("-t", "tmpfs", "tmpfs", root)
    try:
        shutil.copytree(kept, root, symlinks=True, dirs_exist_ok=True)
        yield lambda size: _mount("-o", f"remount,size={size}", root)
    finally:
        _unmount(root)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Forbid writing into a folder; by a mount if this is root, which permissions do not restrict."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    _mount("--bind", folder, folder)
    try:
        _mount("-o", "remount,bind,ro", folder)
        yield
    finally:
        _unmount(folder)


def _mount(*arguments: str | Path) -> None:
    finished = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if finished.returncode != 0:
        raise Skipped(f"it needs root, to mount a disk ({finished.stderr.splitlines()[0]})")


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", folder], check=True)
