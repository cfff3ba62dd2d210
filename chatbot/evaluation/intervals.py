"""How sure a mean is, when questions about one company resemble each other."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

RESAMPLES = 2_000
SEED = 20_261_121  # printed with every interval
CONFIDENCE = 0.95
FEW_CLUSTERS = 10  # below, a cluster bootstrap is known to be too narrow (Cameron & Miller 2015)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval; None where nothing was measured or one cluster tells nothing."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # values
    clusters: int


def estimate(values: Sequence[tuple[float, str]]) -> Estimate:
    """The mean of ``values`` and its 95 % percentile bootstrap interval over whole clusters.

    Each value comes with the name of its cluster: whole companies are drawn with replacement,
    since questions about one policy succeed and fail together.
    """
    if not values:
        return Estimate(None, None, None, 0, 0)
    groups: dict[str, list[float]] = defaultdict(list)
    for value, cluster in values:
        groups[cluster].append(value)
    sums = np.array([sum(group) for group in groups.values()])
    sizes = np.array([len(group) for group in groups.values()])

    # A mean of means would give a company with one question the weight of one with thirty.
    def mean_of(drawn: NDArray[np.intp], axis: int) -> Floats:
        means: Floats = sums[drawn].sum(axis) / sizes[drawn].sum(axis)
        return means

    low = high = None
    if len(groups) > 1:
        interval = bootstrap(
            (np.arange(len(groups)),),
            mean_of,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
        low, high = float(interval.low), float(interval.high)
    return Estimate(fmean(value for value, _ in values), low, high, len(values), len(groups))


def how_made(estimates: Mapping[str, Estimate]) -> list[str]:
    """What a reader must know of the intervals, in sentences."""
    made = (
        f"Brackets: 95 % percentile bootstrap over whole companies (over questions where they are "
        f"about none), {RESAMPLES:,} resamples, seed {SEED}."
    )
    few = {name: got.clusters for name, got in estimates.items() if got.clusters < FEW_CLUSTERS}
    if not few:
        return [made]
    names = ", ".join(f"{name} ({clusters})" for name, clusters in few.items())
    where = "all measures" if len(few) == len(estimates) else names
    return [
        made,
        f"Warning: fewer than {FEW_CLUSTERS} clusters make a poor bootstrap, whose intervals are "
        f"too narrow; so it is for {where}.",
    ]
