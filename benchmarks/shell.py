"""How fast `app.predict` answers: from a cold start to one number, and many files with all cores.

The files are drawn digits, half of them PNGs of 200 pixels and half JPEGs of 1,200; whole processes are timed.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.strokes import DIGITS, image

_ROOT = Path(__file__).parent.parent
_STARTS = 9


def main() -> None:
    files = parse_arguments().files
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        draw(folder, files)
        one = [seconds(str(folder / "0.png")) for _ in range(_STARTS)]
        many = seconds(str(folder / "*.*"))
    print(f"on {processor()}")
    print(f"cold start to a number: median {statistics.median(one):.2f} s, at least {min(one):.2f} s")
    print(f"{files:,} files: {many:.1f} s, {files / many:.0f} a second")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shell", description=__doc__)
    parser.add_argument("--files", type=int, default=1000, metavar="N", help="default: 1000")
    return parser.parse_args()


def draw(folder: Path, files: int) -> None:
    for i in range(files):
        if i % 2:
            image(i % len(DIGITS), 1200).save(folder / f"{i}.jpg", quality=90)
        else:
            image(i % len(DIGITS), 200).save(folder / f"{i}.png")


def seconds(pattern: str) -> float:
    """Return how long the command takes. Raises CalledProcessError if it fails."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "app.predict", pattern], cwd=_ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
