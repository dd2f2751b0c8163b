"""How small a drop the regression gate catches, and how often it raises a false alarm. Simulated, seeded, no training.

Takes alpha from params.yaml. What matters beside it is the discordance: the share of the images on which just one of
two equally good networks is right. The default is what the runs with the seeds 42 and 43 had: 156 (mlp) and 78 (cnn)
of 28,000 images.
"""

import argparse
import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist

import numpy as np

from checks.gate import statistics
from checks.gate.changes import QUESTIONS
from checks.gate.results import LOSS_UNIT
from checks.gate.statistics import Discordance
from stages.artifacts.images import CLASSES
from stages.config.params import PARAMS_FILE
from stages.ingest.gate_params import parse_gate

IMAGES = (28_000, 10_000)  # the rows of the default test.csv; MNIST's official test set
ACCURACY = {"mlp": 0.992, "cnn": 0.9957}
DISCORDANCE = {"mlp": 156 / 28_000, "cnn": 78 / 28_000}
CAUGHT = 0.9  # 9 cases in 10
DRAWS = 4_000  # of the counts of lost and gained images
GATES = 300  # whole gates, image by image
SPREAD = 4.0  # of the log odds, standard deviation: the mean loss is then 0.015 nats at 99.5 % accuracy
FLIPS = 999  # of their sign-flip tests: fewer than the gate's own 9,999 and as exact, only less powerful


def main() -> None:
    discordance = parse_arguments()
    alpha = parse_gate(PARAMS_FILE.read_bytes(), str(PARAMS_FILE)).alpha
    level = alpha / (QUESTIONS * len(ACCURACY))  # of each question
    print(f"alpha {alpha:g} for the whole gate; {DRAWS:,} draws of counts, {GATES} whole gates\n")
    print("| images | network | accuracy | discordance | drop caught in 9 of 10 | of one digit's recall | ", end="")
    print("false alarms by accuracy | of the whole gate |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for images in IMAGES:
        whole = false_alarms(images, discordance, alpha)
        error = 1.96 * math.sqrt(whole * (1 - whole) / GATES)
        for network, share in discordance.items():
            drop = smallest_caught(lambda drop, n=images, q=share: power(n, q, drop, level))
            digit = smallest_caught(lambda drop, n=images, q=share: power(n // CLASSES, q, drop, level / CLASSES))
            alarms = power(images, share, 0.0, level)
            print(
                f"| {images:,} | {network} | {ACCURACY[network]:.2%} | {share:.2%} | {drop:.3%} | {digit:.2%} ", end=""
            )
            print(f"| {alarms:.2%} | {whole:.1%} ± {error:.1%} |")


def parse_arguments() -> dict[str, float]:
    """Return the discordance of each network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    for network, share in DISCORDANCE.items():
        parser.add_argument(f"--{network}", type=float, default=share, help="its discordance (default %(default).4f)")
    return vars(parser.parse_args())


def power(images: int, discordance: float, drop: float, level: float) -> float:
    """Return how often McNemar's test at `level` calls a drop of the share of hits."""
    shares = [discordance / 2 + drop, discordance / 2]  # lost, gained
    draws = np.random.default_rng(0).multinomial(images, [*shares, 1 - sum(shares)], DRAWS)
    return float(np.mean([lost >= least_lost(int(lost + gained), level) for lost, gained, _ in draws]))


@cache
def least_lost(discordant: int, level: float) -> int:
    """Return how many of the discordant images have to be lost for McNemar's test to call it a drop."""
    low, high = discordant // 2, discordant + 1  # the answer lies in (low, high]
    while high - low > 1:
        middle = (low + high) // 2
        called = statistics.mcnemar(Discordance(middle, discordant - middle, discordant)) <= level
        low, high = (low, middle) if called else (middle, high)
    return high


def smallest_caught(power_of: Callable[[float], float]) -> float:
    """Return the drop that is caught in CAUGHT of the cases, by bisection."""
    low, high = 0.0, 0.1
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle) >= CAUGHT else (middle, high)
    return high


def false_alarms(images: int, discordance: dict[str, float], alpha: float) -> float:
    """Return how often the gate stops networks of which each is held against a run that is as good."""
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
    """Return how sure two runs are of each image's label, as log odds: above 0 is right.

    What an image has of its own makes the correlation, and the seed adds the rest.
    """
    own, first, second = (random.normal(0, SPREAD, shape) for _ in range(3))
    centre = SPREAD * NormalDist().inv_cdf(accuracy)
    shared, rest = math.sqrt(correlation), math.sqrt(1 - correlation)
    return centre + shared * own + rest * first, centre + shared * own + rest * second


def correlation_for(accuracy: float, discordance: float) -> float:
    """Return the correlation of margins at which two runs disagree on that share of the images, by bisection."""
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        base, head = margins(np.random.default_rng(0), 200_000, accuracy, middle)
        low, high = (middle, high) if np.mean((base > 0) != (head > 0)) > discordance else (low, middle)
    return high


if __name__ == "__main__":
    main()
