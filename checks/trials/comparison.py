"""What several seeds show of a recipe, and of its difference from another: pure functions.

A seed sets the split, the first weights, the order of the batches and the augmentation. Two settings with the same seed
share its split, so their difference varies less than each of them: seeds are paired.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from checks.gate.statistics import CONFIDENCE
from checks.gate.units import unit_of
from stages.artifacts import paths

Figures = Mapping[tuple[str, str], float]  # of one run, by network and metric, such as ("mlp", "validation.loss")


class Estimate(NamedTuple):
    """The mean over the seeds."""

    mean: float
    deviation: float  # standard deviation between seeds
    low: float
    high: float


class Difference(NamedTuple):
    """The paired difference of a metric, of the setting minus the other one."""

    network: str
    metric: str
    estimate: Estimate
    verdict: str


def figures(files: Mapping[str, dict], networks: Sequence[str], subsets: Sequence[str]) -> Figures:
    """Return the figures of some networks and subsets, given the metrics by file; test.csv may have no labels."""
    trees = {network: files[paths.metrics(network).as_posix()] for network in networks}
    return {
        (network, f"{subset}.{name}"): value
        for network, tree in trees.items()
        for subset in subsets
        for name, value in tree.get(subset, {}).items()
    } | {(network, "parameters"): tree["parameters"] for network, tree in trees.items()}


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of two or more values, with the interval of Student's t distribution (Student, 1908)."""
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1))
    margin = quantile * deviation / math.sqrt(len(values))
    return Estimate(mean, deviation, mean - margin, mean + margin)


def estimates(runs: Sequence[Figures]) -> dict[tuple[str, str], Estimate]:
    """Return the estimate of each figure that all runs have."""
    return {key: estimate([run[key] for run in runs]) for key in runs[0] if all(key in run for run in runs)}


def differences(runs: Sequence[Figures], others: Sequence[Figures]) -> list[Difference]:
    """Return the difference of each figure; the runs and the others are in the same order of seeds."""
    pairs = [
        {key: value - other[key] for key, value in run.items() if key in other}
        for run, other in zip(runs, others, strict=True)
    ]
    return [
        Difference(network, metric, difference, _verdict(metric, difference))
        for (network, metric), difference in estimates(pairs).items()
    ]


def _verdict(metric: str, difference: Estimate) -> str:
    if difference.low <= 0 <= difference.high:
        return "no difference" if difference.low == difference.high else "not decided"
    less_is_better = metric == "parameters" or unit_of(metric.split(".")[-1]).less_is_better
    return "better" if (difference.mean < 0) == less_is_better else "worse"
