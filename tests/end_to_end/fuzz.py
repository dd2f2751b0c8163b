"""Mutate CSVs by the thousand: the reader must refuse each at the same line as a slow and plain reader, or return the
same arrays.

Exits with 1 at the first file on which the two differ, and keeps it.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from stages.artifacts.errors import PipelineError, run
from stages.ingest.kaggle_csv import CsvReader
from tests.helpers import mutations, slow_reader

READ, REFUSED = "read the same", "refused at the same line"
_LARGE = 0.1  # fraction of the files that are larger than one of the reader's blocks


def main() -> None:
    arguments = parse_arguments()
    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / "mutated.csv"
    outcomes: Counter[str] = Counter()
    for number in tqdm(range(arguments.files), unit=" files", disable=None):
        path.write_bytes(make(arguments.seed, number))
        try:
            outcomes[compare(path)] += 1
        except AssertionError as difference:
            sys.exit(f"file {number} of seed {arguments.seed} is read differently, {difference}: kept as {path}")
    path.unlink()
    path.parent.rmdir()
    print(f"{arguments.files:,} files: {', '.join(f'{outcomes[kind]:,} {kind}' for kind in (REFUSED, READ))}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=2000, metavar="N", help="default: 2000")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default: 1")
    return parser.parse_args()


def make(seed: int, number: int) -> bytes:
    """Return the bytes of a CSV with a few mutations, most often none or one, packed or not."""
    random = Random(f"{seed} {number}")
    rows = random.randrange(150, 400) if random.random() < _LARGE else random.randrange(1, 5)
    content = mutations.random_csv(random, rows)
    for _ in range(random.choice([0, 1, 1, 1, 1, 2, 3])):
        content = content and random.choice(mutations.MUTATIONS)(content, random)
    return mutations.pack(content, random) if random.random() < 0.3 else content


def compare(path: Path) -> str:
    """Return READ or REFUSED. Raises AssertionError, which states how the readers differ."""
    try:
        expected = slow_reader.read(path.read_bytes())
    except slow_reader.Refused as refused:
        expected = refused
    try:
        blocks = list(CsvReader(path).blocks())
    except PipelineError as error:
        message = str(error).removeprefix(str(path))
        assert isinstance(expected, slow_reader.Refused), f"refused only by the pipeline's reader ({message})"
        place = re.match(r", line (\d+)\b", message)
        line = int(place[1]) if place else slow_reader.WHOLE_FILE
        assert expected.line in (slow_reader.ANYWHERE, line), (
            f"refused at another line than {expected.line} ({message})"
        )
        assert "\n" not in message, f"refused in more than one line ({message})"
        return REFUSED
    except Exception as error:
        raise AssertionError(f"{error!r} is not a PipelineError") from error
    assert not isinstance(expected, slow_reader.Refused), f"refused only by the slow reader (line {expected.line})"
    pixels, labels, ids = zip(*((table.pixels, table.labels, ids) for table, ids in blocks), strict=True)
    assert np.array_equal(np.concatenate(pixels), expected.pixels), "other pixels"
    assert joined(labels) == expected.labels, "other labels"
    assert joined(ids) == expected.ids, "other ids"
    return READ


def joined(parts: tuple) -> list | None:
    """Return the labels or ids of all blocks, or None if the file has none."""
    return None if parts[0] is None else [item for part in parts for item in part]


if __name__ == "__main__":
    run(main)
