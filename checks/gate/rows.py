"""Which rows of the test images the gate uses.

Each verdict on a change is a choice that has seen these rows, so with each they are a little less of a test. The gate
therefore uses some for each change and leaves the others, by default MNIST's official test images, for a release.
"""

from typing import Literal, NamedTuple

import numpy as np
import yaml

from checks.gate import official
from checks.gate.snapshot import Snapshot, git
from stages.artifacts.errors import PipelineError
from stages.config.params import PARAMS_FILE

_TAGS = "v*"  # of releases


class Selection(NamedTuple):
    """The rows that are used."""

    rows: np.ndarray  # (n,) int64, from 0
    total: int  # how many there are
    setting: str  # that of gate.rows
    release: bool  # they are the rows that gate.rows leaves out

    @property
    def words(self) -> str:
        """Return what a reader has to know of them, after their number."""
        if len(self.rows) == self.total:
            return ""
        setting = f"all but {self.setting}, as --release asks" if self.release else self.setting
        return f" of {self.total:,}, gate.rows: {setting}"


def select(setting: str, head: Snapshot, subset: Literal["test", "validation"], total: int, release: bool) -> Selection:
    """Return the rows that gate.rows names, or for a release the others; of validation images, all.

    Raises PipelineError if there are none, or if a range exceeds the rows.
    """
    used = np.ones(total, bool)
    if subset == "test" and setting == "not-official":
        if _is_default(head, total):
            used[: official.IMAGES] = False
    elif subset == "test" and setting != "all":
        first, last = map(int, setting.split("-"))
        if last > total:
            raise PipelineError(
                f"gate.rows is {setting}, and {head.name} has {total:,} {subset} rows: set another range"
            )
        used[:] = False
        used[first - 1 : last] = True
    if release:
        used = ~used
        if not used.any():
            raise PipelineError(
                f"--release uses the rows that gate.rows leaves out, and {setting} leaves out none of the {total:,} "
                f"{subset} rows of {head.name}: set gate.rows to a range"
            )
    return Selection(np.flatnonzero(used), total, setting, release)


def _is_default(head: Snapshot, total: int) -> bool:
    """Whether the test images are those that download makes."""
    try:
        path = yaml.safe_load(head.files[PARAMS_FILE.name])["data"]["test_csv"]
    except (yaml.YAMLError, KeyError, TypeError):
        return False
    return path == official.MNIST.test_csv and total == official.ROWS


def wear(head: Snapshot, release: bool) -> str:
    """Return how often these rows have decided already, as a sentence."""
    releases = git("tag", "--merged", head.commit, "--list", _TAGS).decode().split()
    at_least = "at least " if git("rev-parse", "--is-shallow-repository").strip() == b"true" else ""
    if release:
        return f"releases (tags {_TAGS}) that these rows have judged: {at_least}{len(releases)}"
    since = [f"^{tag}" for tag in releases]
    metrics = (":(glob)metrics/*.json", ":(exclude)metrics/data.json")
    count = int(git("rev-list", "--count", head.commit, *since, "--", *metrics))
    span = "the last release" if releases else f"the first commit, as no tag {_TAGS} marks a release"
    return f"commits that changed metrics/, so that these rows judged them: {at_least}{count} since {span}"
