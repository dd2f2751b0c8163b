"""How small a drop the regression gate finds, how small a margin it excludes, and how often it raises a false alarm.

Simulated, seeded, no training; the gates of the false alarms are complete ones, judged by the gate's own code. alpha is
that of params.yaml. The other quantity that matters is the discordance: the share of the images that only one of two
equally good networks classifies correctly. Its defaults are those of the runs with seeds 42 and 43: 156 (mlp) and 78
(cnn) of 28,000 images.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from checks.gate import statistics
from checks.gate.changes import QUESTIONS, Change, assess, questions
from checks.gate.comparability import Pair
from checks.gate.measures import LOSS
from checks.gate.results import LOSS_UNIT, Results
from checks.gate.statistics import Discordance
from checks.markdown import table
from stages.artifacts.images import CLASSES
from stages.config.params import PARAMS_FILE
from stages.ingest.gate_params import GateParams, parse_gate

ACCURACY = {"mlp": 0.992, "cnn": 0.9957}
DISCORDANCE = {"mlp": 156 / 28_000, "cnn": 78 / 28_000}
FURTHER = ("f1.1", "f1.3", "f1.5", "f1.7", "f1.9", "precision.2", "precision.8")
DETECTED = 0.9  # 9 cases in 10
DRAWS = 4_000  # of the counts of lost and gained images
GATES = 300  # complete gates, image by image
SPREAD = 4.0  # of the log odds, standard deviation: the mean loss is then 0.015 nats at 99.5 % accuracy
HEADINGS = (
    "images", "bases", "measures", "network", "drop found in 9 of 10", "of a digit's recall",
    "margin excluded in 9 of 10", "of a digit's recall", "false alarms of the whole gate",
    "margin of the loss excluded wrongly",
)  # fmt: skip


class Setting(NamedTuple):
    images: int  # the rows of the default test.csv for changes; MNIST's official ones, for releases
    bases: int
    further: tuple[str, ...]  # measures beside accuracy, loss and recalls


SETTINGS = (Setting(18_000, 1, ()), Setting(18_000, 2, FURTHER), Setting(10_000, 1, ()))


def main() -> None:
    discordance = parse_arguments()
    gate = parse_gate(PARAMS_FILE.read_bytes(), str(PARAMS_FILE))
    print(f"alpha {gate.alpha:g} for the whole gate; {DRAWS:,} draws of counts, {GATES} complete gates\n")
    print(table(HEADINGS, [row for setting in SETTINGS for row in rows(setting, discordance, gate)]))


def parse_arguments() -> dict[str, float]:
    """Return the discordance of each network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    for network, share in DISCORDANCE.items():
        parser.add_argument(f"--{network}", type=float, default=share, help="its discordance (default %(default).4f)")
    return vars(parser.parse_args())


def rows(setting: Setting, discordance: dict[str, float], gate: GateParams) -> list[list[str]]:
    """Return the cells of each network."""
    limits = {name: {"max_drop": 0.0} for name in setting.further}
    metrics = dict.fromkeys(ACCURACY, limits)
    gate = GateParams.model_validate(gate.model_dump(exclude_unset=True) | {"metrics": metrics})
    share = setting.bases * questions(gate, ACCURACY)
    level, images = gate.alpha / share, setting.images
    gates = simulate(setting, discordance, gate, share)
    alarms = _rate([any(change.regression for change in changes) for changes in gates])
    cells = []
    for network, discordant in discordance.items():
        rises = [c for changes in gates for c in changes if (c.network, c.measure) == (network, LOSS)]
        tests = ((images, level), (images // CLASSES, level / CLASSES))  # of the accuracy, and of a recall by Holm
        found = [smallest(partial(power, n, discordant, level=own)) for n, own in tests]
        excluded = [smallest(partial(exclusion, n, discordant, 0.0)) for n, _ in tests]
        known = [f"{images:,}", f"{setting.bases}", f"{QUESTIONS + len(setting.further)}", network]
        wrongly = _rate([change.largest_drop < 0 for change in rises])
        cells.append([*known, *(f"{value:.2%}" for value in (*found, *excluded)), alarms, wrongly])
    return cells


def _rate(events: list[bool]) -> str:
    """Return how often something happened, with the 95 % interval of that."""
    rate = float(np.mean(events))
    return f"{rate:.1%} ± {statistics.Z * math.sqrt(rate * (1 - rate) / len(events)):.1%}"


def draw(images: int, discordance: float, drop: float) -> list[Discordance]:
    """Draw the counts of lost and gained images DRAWS times."""
    shares = [discordance / 2 + drop, discordance / 2]  # lost, gained
    draws = np.random.default_rng(0).multinomial(images, [*shares, 1 - sum(shares)], DRAWS).tolist()
    return [Discordance(lost, gained, images) for lost, gained, _ in draws]


def power(images: int, discordance: float, drop: float, level: float) -> float:
    """Return how often McNemar's test at `level` finds a drop of the accuracy."""
    return float(np.mean([statistics.mcnemar(pairs) <= level for pairs in draw(images, discordance, drop)]))


def exclusion(images: int, discordance: float, drop: float, margin: float) -> float:
    """Return how often the interval excludes a drop of more than the margin."""
    intervals = [statistics.difference_interval(pairs) for pairs in draw(images, discordance, drop)]
    return float(np.mean([low > -margin for low, _ in intervals]))


def smallest(power_of: Callable[[float], float]) -> float:
    """Return the drop, or the margin, of which the power is DETECTED, by bisection."""
    low, high = 0.0, 0.1
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle) >= DETECTED else (middle, high)
    return high


def simulate(setting: Setting, discordance: dict[str, float], gate: GateParams, share: int) -> list[list[Change]]:
    """Return the changes of complete gates in which each base is as good as head."""
    random = np.random.default_rng(0)
    actual = (np.arange(setting.images) % CLASSES).astype(np.uint8)
    correlations = {network: correlation_for(ACCURACY[network], share) for network, share in discordance.items()}
    gates = []
    for _ in range(GATES):
        changes: list[Change] = []
        for network, correlation in correlations.items():
            confused = ((actual + random.integers(1, CLASSES, setting.images)) % CLASSES).astype(np.uint8)
            odds = margins(random, setting.images, ACCURACY[network], correlation, 1 + setting.bases)
            head, *bases = (
                Results(
                    "test", {}, actual, np.where(own > 0, actual, confused),
                    np.rint(np.logaddexp(0, -own) / LOSS_UNIT).astype(np.int64),
                )
                for own in odds
            )  # fmt: skip
            for number, base in enumerate(bases):
                changes += assess(f"{number}", network, Pair(base, head), gate, share, None)
        gates.append(changes)
    return gates


def margins(random: np.random.Generator, images: int, accuracy: float, correlation: float, runs: int = 2) -> np.ndarray:
    """Return how confident runs are of each image's label, (runs, images) log odds: above 0 is correct.

    A part that depends on the image alone correlates the runs; the seed adds the rest.
    """
    common, rest = random.normal(0, SPREAD, images), random.normal(0, SPREAD, (runs, images))
    centre = SPREAD * NormalDist().inv_cdf(accuracy)
    return centre + math.sqrt(correlation) * common + math.sqrt(1 - correlation) * rest


def correlation_for(accuracy: float, discordance: float) -> float:
    """Return the correlation of margins that gives the discordance, by bisection."""
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        base, head = margins(np.random.default_rng(0), 200_000, accuracy, middle)
        low, high = (middle, high) if np.mean((base > 0) != (head > 0)) > discordance else (low, middle)
    return high


if __name__ == "__main__":
    main()
