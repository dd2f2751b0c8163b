"""Is a second network worse than the first on the same images? Exact, paired tests and intervals; pure functions.

All tests share one null hypothesis: neither network is better, so on any image their two results can be swapped. For
correct and wrong predictions this gives McNemar's test, for losses the sign-flip test. Both keep their level for any
number of images and any distribution. They are one-sided: p is the probability, if there is no difference, of a drop at
least as large as the observed one.

Swapping single images ignores effects of retraining that shift all images at once. For accuracy these are small: the
errors of networks that differ by seed are about independent of each other (Jordan, 2023, arXiv:2304.01910). The loss
can shift as a whole, for example if one run is more confident throughout: its test compares two networks, not two
recipes.
"""

import math
from itertools import accumulate
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95  # of every interval
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # standard errors on each side of an interval
FLIPS = 9_999  # of the sign-flip test: p is at least 1 / (FLIPS + 1)

_GROUP = 8  # images whose signs are the bits of one random byte
_SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int64) - 1  # (256, 8), -1 or 1


class Discordance(NamedTuple):
    """How many of `images` only one of two networks classifies correctly."""

    lost: int  # correct in the first network only
    gained: int  # correct in the second network only
    images: int


def discordance(first_correct: np.ndarray, second_correct: np.ndarray) -> Discordance:
    """Count the discordant images, given (n,) bool of each network."""
    lost, gained = (first_correct & ~second_correct).sum(), (second_correct & ~first_correct).sum()
    return Discordance(int(lost), int(gained), len(first_correct))


def mcnemar(pairs: Discordance) -> float:
    """Return p of the exact test (McNemar, 1947): P(X >= lost) for X ~ Binomial(lost + gained, 1/2).

    By symmetry that is P(X <= gained), a quotient of two integers.
    """
    n = pairs.lost + pairs.gained
    coefficients = accumulate(range(pairs.gained), lambda choose, k: choose * (n - k) // (k + 1), initial=1)
    return sum(coefficients) / 2**n  # of n over 0, 1, ..., gained


def difference_interval(pairs: Discordance) -> tuple[float, float]:
    """Return the interval of the second accuracy minus the first: Bonett and Price's adjusted Wald interval.

    Source: Bonett and Price, 2012, J. Educ. Behav. Stat. 37:479; among those that Fagerland, Lydersen and Laake, 2014,
    Stat. Med. 33:2850 recommend for paired proportions. Unlike Wald's it has a width even if no image differs.
    """
    n = pairs.images + 2
    lost, gained = (pairs.lost + 1) / n, (pairs.gained + 1) / n
    margin = Z * math.sqrt((lost + gained - (gained - lost) ** 2) / n)
    return max(-1.0, gained - lost - margin), min(1.0, gained - lost + margin)


def sign_flip(differences: np.ndarray, flips: int = FLIPS) -> np.ndarray:
    """Return p of the sign-flip test that the mean of `differences` is above 0 (Pitman, 1937).

    `differences` is (n,) or (n, k) integer, for k tests at once: integers, as sums of them are exact and ties count.
    Heavy tails reduce its power, but it keeps its level. p counts the observed signs among the drawn ones (Phipson and
    Smyth, 2010), and is the same in every run: the stream of RandomState is frozen (NEP 19).
    """
    sums = flipped_sums(differences, flips)
    return (1 + (sums >= differences.sum(axis=0)).sum(axis=0)) / (1 + flips)


def flipped_sums(differences: np.ndarray, flips: int = FLIPS) -> np.ndarray:
    """Return the (flips,) or (flips, k) int64 sums of differences with random signs, one for each image."""
    differences = differences[differences.reshape(len(differences), -1).any(axis=1)]
    groups = -(-len(differences) // _GROUP)
    padding = np.zeros((groups * _GROUP - len(differences), *differences.shape[1:]), np.int64)
    blocks = np.concatenate([differences.astype(np.int64), padding]).reshape(groups, _GROUP, *differences.shape[1:])
    random = np.random.RandomState(0)
    sums = np.zeros((flips, *differences.shape[1:]), np.int64)
    for block in blocks:  # (8,) or (8, k): look up the sum for each of its 256 choices of signs
        sums += (_SIGNS @ block)[np.frombuffer(random.bytes(flips), np.uint8)]
    return sums


def mean_interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the interval of the mean of (n,) differences, by the central limit theorem: rough for heavy tails."""
    margin = Z * float(differences.std()) / math.sqrt(len(differences))
    mean = float(differences.mean())
    return mean - margin, mean + margin


def holm(p_values: list[float]) -> list[float]:
    """Return p values adjusted for their number (Holm, 1979): compare each with the level of the whole family."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
