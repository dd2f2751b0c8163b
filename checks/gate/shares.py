"""So many of so many images: a share, and how well it is known."""

from typing import NamedTuple

from scipy.stats import binomtest

from checks.gate.statistics import CONFIDENCE


class Share(NamedTuple):
    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's interval (1927): of what the share is of all such images, not of these alone."""
        low, high = binomtest(self.part, self.whole).proportion_ci(CONFIDENCE, method="wilson")
        return float(low), float(high)
