"""How small a drop the regression gate detects, and how often it raises a false alarm. Simulated, seeded, no training.

alpha is that of params.yaml. The other quantity that matters is the discordance: the share of the images that only one
of two equally good networks classifies correctly. Its defaults are those of the runs with seeds 42 and 43: 156 (mlp)
and 78 (cnn) of 28,000 images.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist

import numpy as np

from checks.gate import statistics
from checks.gate.changes import QUESTIONS
from checks.gate.results import LOSS_UNIT
from checks.gate.statistics import Discordance
from checks.markdown import table
from stages.artifacts.images import CLASSES
from stages.config.params import PARAMS_FILE
from stages.ingest.gate_params import parse_gate

IMAGES = (28_000, 10_000)  # the rows of the default test.csv; MNIST's official test set
ACCURACY = {"mlp": 0.992, "cnn": 0.9957}
DISCORDANCE = {"mlp": 156 / 28_000, "cnn": 78 / 28_000}
DETECTED = 0.9  # 9 cases in 10
DRAWS = 4_000  # of the counts of lost and gained images
GATES = 300  # complete gates, image by image
SPREAD = 4.0  # of the log odds, standard deviation: the mean loss is then 0.015 nats at 99.5 % accuracy
FLIPS = 999  # of their sign-flip tests: fewer than the gate's own 9,999, so the level is as exact and the power lower
HEADINGS = (
    "images", "network", "accuracy", "discordance", "drop detected in 9 of 10", "of one digit's recall",
    "false alarms by accuracy", "of the whole gate",
)  # fmt: skip


def main() -> None:
    discordance = parse_arguments()
    alpha = parse_gate(PARAMS_FILE.read_bytes(), str(PARAMS_FILE)).alpha
    print(f"alpha {alpha:g} for the whole gate; {DRAWS:,} draws of counts, {GATES} complete gates\n")
    print(table(HEADINGS, [row for images in IMAGES for row in rows(images, discordance, alpha)]))


def parse_arguments() -> dict[str, float]:
    """Return the discordance of each network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    for network, share in DISCORDANCE.items():
        parser.add_argument(f"--{network}", type=float, default=share, help="its discordance (default %(default).4f)")
    return vars(parser.parse_args())


def rows(images: int, discordance: dict[str, float], alpha: float) -> list[list[str]]:
    """Return the cells of each network, tested on that many images."""
    level = alpha / (QUESTIONS * len(ACCURACY))  # of each question
    whole = false_alarms(images, discordance, alpha)
    error = statistics.Z * math.sqrt(whole * (1 - whole) / GATES)
    cells = []
    for network, share in discordance.items():
        drop = smallest_detected(partial(power, images, share, level=level))
        recall = smallest_detected(partial(power, images // CLASSES, share, level=level / CLASSES))
        alarms = f"{power(images, share, 0.0, level):.2%}"
        known = [f"{images:,}", network, f"{ACCURACY[network]:.2%}", f"{share:.2%}"]
        cells.append([*known, f"{drop:.3%}", f"{recall:.2%}", alarms, f"{whole:.1%} ± {error:.1%}"])
    return cells


def power(images: int, discordance: float, drop: float, level: float) -> float:
    """Return how often McNemar's test at `level` detects a drop of the accuracy."""
    shares = [discordance / 2 + drop, discordance / 2]  # lost, gained
    draws = np.random.default_rng(0).multinomial(images, [*shares, 1 - sum(shares)], DRAWS).tolist()
    return float(np.mean([statistics.mcnemar(Discordance(lost, gained, images)) <= level for lost, gained, _ in draws]))


def smallest_detected(power_of: Callable[[float], float]) -> float:
    """Return the drop that is detected in DETECTED of the cases, by bisection."""
    low, high = 0.0, 0.1
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle) >= DETECTED else (middle, high)
    return high


def false_alarms(images: int, discordance: dict[str, float], alpha: float) -> float:
    """Return how often the gate rejects networks if each is compared with a run that is as good."""
    random = np.random.default_rng(0)
    digits = np.arange(images) % CLASSES
    questions = QUESTIONS * len(discordance)
    alarms = np.zeros(GATES, bool)
    for network, share in discordance.items():
        correlation = correlation_for(ACCURACY[network], share)
        differences = np.empty((images, GATES), np.int64)
        for gate in range(GATES):
            base, head = margins(random, images, ACCURACY[network], correlation)
            chosen = [digits >= 0, *(digits == digit for digit in range(CLASSES))]
            pairs = [statistics.discordance(base[images_of] > 0, head[images_of] > 0) for images_of in chosen]
            p_accuracy, *p_recalls = map(statistics.mcnemar, pairs)
            alarms[gate] |= min(p_accuracy, *statistics.holm(p_recalls)) * questions <= alpha
            differences[:, gate] = np.rint((np.logaddexp(0, -head) - np.logaddexp(0, -base)) / LOSS_UNIT)
        alarms |= statistics.sign_flip(differences, FLIPS) * questions <= alpha
    return float(alarms.mean())


def margins(
    random: np.random.Generator, shape: int | tuple[int, ...], accuracy: float, correlation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return how confident two runs are of each image's label, as log odds: above 0 is correct.

    A part that depends on the image alone correlates the runs; the seed adds the rest.
    """
    common, first, second = (random.normal(0, SPREAD, shape) for _ in range(3))
    centre = SPREAD * NormalDist().inv_cdf(accuracy)
    shared, rest = math.sqrt(correlation), math.sqrt(1 - correlation)
    return centre + shared * common + rest * first, centre + shared * common + rest * second


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
