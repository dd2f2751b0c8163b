"""Is a second network worse than the first on the same images? Exact and paired; pure functions of arrays.

Every test here is one and the same: where neither network is the better one, what they made of an image could as well
have been swapped, image by image. For hits and misses that is McNemar's test, for losses the sign-flip test. Both hold
at any size and for any tail, and are one-sided: p is the chance, were there no difference, of a drop at least as large.

What the swap leaves out is an effect of retraining that moves all images at once. On accuracy it is small: networks
that differ by seed err on a test set about independently of each other (Jordan, 2023, arXiv:2304.01910). A loss can
shift as a whole, as where one run is the surer of everything: its test speaks of the two networks, not of the recipes.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

CONFIDENCE = 0.95  # of every interval
FLIPS = 9_999  # of the sign-flip test: p is at least 1 / (FLIPS + 1)

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_GROUP = 8  # images whose signs are the bits of one random byte
_SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int64) - 1  # (256, 8), -1 or 1


class Discordance(NamedTuple):
    """How many of `images` only one of the two networks got right."""

    lost: int  # right in the first network only
    gained: int  # right in the second network only
    images: int


def discordance(first_right: np.ndarray, second_right: np.ndarray) -> Discordance:
    """Count, given (n,) bool: which images each network got right."""
    lost, gained = (first_right & ~second_right).sum(), (second_right & ~first_right).sum()
    return Discordance(int(lost), int(gained), len(first_right))


def mcnemar(pairs: Discordance) -> float:
    """Return p of the exact test (McNemar, 1947): P(X >= lost) for X ~ Binomial(lost + gained, 1/2)."""
    n = pairs.lost + pairs.gained
    k = np.arange(1, n + 1)
    log_choose = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))])  # of n over 0, 1, ..., n
    return min(1.0, float(np.exp(log_choose[pairs.lost :] - n * math.log(2)).sum()))


def difference_interval(pairs: Discordance) -> tuple[float, float]:
    """Return the interval of second minus first share of hits: Bonett and Price's adjusted Wald interval.

    Source: Bonett and Price, 2012, J. Educ. Behav. Stat. 37:479; among those that Fagerland, Lydersen and Laake, 2014,
    Stat. Med. 33:2850 recommend for paired proportions. Unlike Wald's it has a width where no image differs.
    """
    n = pairs.images + 2
    lost, gained = (pairs.lost + 1) / n, (pairs.gained + 1) / n
    margin = _Z * math.sqrt((lost + gained - (gained - lost) ** 2) / n)
    return max(-1.0, gained - lost - margin), min(1.0, gained - lost + margin)


def sign_flip(differences: np.ndarray, flips: int = FLIPS) -> np.ndarray:
    """Return p of the sign-flip test that the mean of `differences` is above 0 (Pitman, 1937).

    `differences` is (n,) or (n, k) integer, for k tests at once: integers, as sums of them are exact and ties count.
    Heavy tails cost it power, never its level. p counts the observed signs among the drawn ones (Phipson and Smyth,
    2010), and is the same in every run: the stream of RandomState is frozen (NEP 19).
    """
    differences = differences[differences.reshape(len(differences), -1).any(axis=1)]
    groups = -(-len(differences) // _GROUP)
    padding = np.zeros((groups * _GROUP - len(differences), *differences.shape[1:]), np.int64)
    blocks = np.concatenate([differences.astype(np.int64), padding]).reshape(groups, _GROUP, *differences.shape[1:])
    random = np.random.RandomState(0)
    sums = np.zeros((flips, *differences.shape[1:]), np.int64)
    for block in blocks:  # (8,) or (8, k): look up the sum for each of its 256 choices of signs
        sums += (_SIGNS @ block)[np.frombuffer(random.bytes(flips), np.uint8)]
    return (1 + (sums >= differences.sum(axis=0)).sum(axis=0)) / (1 + flips)


def mean_interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the interval of the mean of (n,) differences, by the central limit theorem: rough for heavy tails."""
    margin = _Z * float(differences.std()) / math.sqrt(len(differences))
    mean = float(differences.mean())
    return mean - margin, mean + margin


def holm(p_values: list[float]) -> list[float]:
    """Return p values that may be held against one level together (Holm, 1979)."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
