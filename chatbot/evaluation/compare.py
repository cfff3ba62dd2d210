"""Two runs over the same questions → what differs, and whether that can be chance."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import permutation_test

from chatbot.evaluation.intervals import SEED, Estimate, estimate
from chatbot.evaluation.labelled import EvaluationError, numbered_lines
from chatbot.evaluation.measures import MEASURES
from chatbot.evaluation.output import per_question
from chatbot.evaluation.report import Report

Row = dict[str, Any]
RESAMPLES = 9_999
FALLS = frozenset({"refused though answerable", "answered though silent", "words of a citation"})
"""Measures of which less is better."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one measure gained from the earlier run to this one."""

    before: float
    now: float
    change: Estimate  # mean of now − before over the questions that both runs measured
    p: float  # two-sided, paired randomisation
    p_holm: float  # the same, for as many measures as were tested
    wins: int  # questions on which this run is better, whichever way the measure points
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All measures of two runs, and the questions that came out otherwise."""

    differences: dict[str, Difference]
    changed: tuple[str, ...]  # "ID: what was said and where the passage was → the same now"
    problems: tuple[str, ...]
    test: str  # what p is


def compare_runs(report: Report, earlier: Sequence[Row]) -> Comparison:
    """Set ``report`` beside the questions of an earlier run.

    Raises EvaluationError when they have no question in common.
    """
    before = {str(row["id"]): row for row in earlier}
    now = {str(row["id"]): row for row in per_question(report)}
    both = [name for name in now if name in before]
    if not both:
        raise EvaluationError("the earlier run has no question in common with this one")
    tested: dict[str, tuple[list[float], list[float], list[str]]] = {}
    for measure in MEASURES:
        pairs = [
            (fmean(before[name]["measures"][measure]), fmean(now[name]["measures"][measure]), name)
            for name in both
            if not now[name]["contested"]
            and measure in before[name]["measures"]
            and measure in now[name]["measures"]
        ]
        if pairs:
            old, new, names = zip(*pairs, strict=True)
            clusters = [str(now[name]["cluster"]) for name in names]
            tested[measure] = (list(old), list(new), clusters)
    ps = {measure: _p_value(old, new) for measure, (old, new, _) in tested.items()}
    adjusted = holm(ps)
    alone = (before.keys() | now.keys()) - set(both)
    return Comparison(
        differences={
            measure: _difference(measure, *values, ps[measure], adjusted[measure])
            for measure, values in tested.items()
        },
        changed=tuple(
            text for name in both if (text := _changed(before[name], now[name])) is not None
        ),
        problems=(f"{len(alone):,} questions are in only one of the runs",) if alone else (),
        test=(
            f"p: two-sided paired randomisation over questions, {RESAMPLES:,} resamples, "
            f"seed {SEED}; Holm's correction for {len(ps)} measures."
        ),
    )


def read_earlier(earlier: Path) -> list[Row]:
    """The questions of the run that ``--out`` wrote to the folder ``earlier``.

    Raises EvaluationError when there is none.
    """
    path = earlier / "per_question.jsonl" if earlier.is_dir() else earlier
    rows = []
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)  # our own line may be longer than one that a user writes
            if not isinstance(row, dict) or not {"id", "measures", "cluster"} <= row.keys():
                raise ValueError
            if not _are_measures(row["measures"]):
                raise ValueError
        except (ValueError, RecursionError):
            raise EvaluationError(
                f"{path}: line {number} is no question of a run; name a folder that --out wrote"
            ) from None
        rows.append(row)
    return rows


def _are_measures(value: object) -> bool:
    """Whether each name has one finite number or more."""
    return isinstance(value, dict) and all(
        isinstance(values, list)
        and values
        and all(isinstance(v, int | float) and math.isfinite(v) for v in values)
        for values in value.values()
    )


def _p_value(old: Sequence[float], new: Sequence[float]) -> float:
    """How often chance alone would give a mean difference as large, were both runs alike."""
    if list(old) == list(new) or len(old) == 1:
        return 1.0

    def mean_difference(
        one: NDArray[np.float64], other: NDArray[np.float64], axis: int
    ) -> NDArray[np.float64]:
        means: NDArray[np.float64] = np.mean(one - other, axis=axis)
        return means

    tested = permutation_test(
        (np.array(new), np.array(old)),
        mean_difference,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=500,
        rng=np.random.default_rng(SEED),
    )
    return float(tested.pvalue)


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction (1979): the chance of any false finding stays what p says."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, (name, p) in enumerate(sorted(ps.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(ps) - place) * p))
        adjusted[name] = highest
    return adjusted


def _difference(
    measure: str,
    old: Sequence[float],
    new: Sequence[float],
    clusters: Sequence[str],
    p: float,
    p_holm: float,
) -> Difference:
    changes = [after - before for before, after in zip(old, new, strict=True)]
    gains = [-change for change in changes] if measure in FALLS else changes
    return Difference(
        before=fmean(old),
        now=fmean(new),
        change=estimate(list(zip(changes, clusters, strict=True))),
        p=p,
        p_holm=p_holm,
        wins=sum(gain > 0 for gain in gains),
        ties=sum(gain == 0 for gain in gains),
        losses=sum(gain < 0 for gain in gains),
    )


def _changed(before: Row, now: Row) -> str | None:
    asked = before.get("predicted") and now.get("predicted")
    keys = ("predicted", "search_rank", "answer_rank") if asked else ("search_rank",)
    if all(before.get(key) == now.get(key) for key in keys):
        return None

    def outcome(row: Row) -> str:
        found = f"passage in place {row['search_rank']}" if row.get("search_rank") else "no passage"
        said = f"{row['predicted']}, " if asked else ""
        if asked and row.get("answer_rank"):
            said += f"quote in place {row['answer_rank']}, "
        return f"{said}{found}"

    return f"{now['id']}: {outcome(before)} → {outcome(now)}"
