"""Report → one self-contained page, which asks nobody for anything."""

from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chatbot.evaluation.intervals import Estimate, how_made
from chatbot.evaluation.labelled import BEHAVIOURS
from chatbot.evaluation.report import Report

Row = dict[str, Any]
Point = tuple[float, float]

WIDTH, HEIGHT, MARGIN = 320, 200, 34  # pixels of a plot
BINS = 5  # of confidence
DEEPEST = 20  # places up to which recall is drawn
SHORT, LONG = 8, 20  # words of a question
SLICED = ("right behaviour", "answer Success@3", "Success@3")


def render_page(report: Report, rows: Sequence[Row]) -> str:
    """Give the page as HTML; ``rows`` are those of ``per_question``."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    asked = [row for row in rows if not row["contested"]]
    behaved = [row for row in asked if row["predicted"] and row["gold"]]
    return environment.get_template("page.html").render(
        report=report,
        version=version("policychat"),
        today=date.today().isoformat(),
        measures={
            name: (number(got.value), interval(got), got.n)
            for name, got in report.measures().items()
        },
        notes=how_made(report.measures()),
        contested_measures={
            name: (number(got.value), got.n)
            for name, got in report.measures(contested=True).items()
        },
        behaviours=[behaviour.replace("_", " ") for behaviour in BEHAVIOURS],
        matrix=report.matrix() if behaved else {},
        slices=_slices(asked),
        sliced=SLICED,
        plots=[plot for plot in _plots(report, behaved) if plot],
        rows=rows,
        contested=len(rows) - len(asked),
        failed=sum(bool(row["why"]) for row in asked),
    )


def number(value: float | None) -> str:
    """Three digits behind the point, or a dash for what was not measured."""
    return "–" if value is None else f"{value:.3f}"


def interval(got: Estimate) -> str:
    """``.61 – .74``, or nothing where one cluster tells no interval."""
    return "" if got.low is None else f"{number(got.low)} – {number(got.high)}"


def _slices(rows: Sequence[Row]) -> dict[str, list[tuple[str, int, list[str]]]]:
    """What of the questions → each kind with its number and the measures SLICED."""
    kinds: dict[str, Callable[[Row], str]] = {
        "Company": lambda row: _one(row["company"]),
        "Year of the policy": lambda row: _one(sorted({day[:4] for day in row["snapshot_date"]})),
        "Topic": lambda row: row["topic"] or "not labelled",
        "Behaviour": lambda row: (row["gold"] or "not labelled").replace("_", " "),
        "Earlier turns": lambda row: "with" if row["history"] else "without",
        "Length": lambda row: _length(len(row["question"].split())),
    }
    shown = {}
    for title, kind in kinds.items():
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(kind(row), []).append(row)
        if len(groups) > 1:
            shown[title] = [
                (name, len(group), [_mean_of(group, measure) for measure in SLICED])
                for name, group in sorted(groups.items())
            ]
    return shown


def _one(values: Sequence[str]) -> str:
    return "none" if not values else values[0] if len(values) == 1 else "several"


def _length(words: int) -> str:
    if words <= SHORT:
        return f"to {SHORT} words"
    return f"{SHORT + 1} to {LONG} words" if words <= LONG else f"over {LONG} words"


def _mean_of(rows: Sequence[Row], measure: str) -> str:
    values = [value for row in rows for value in row["measures"].get(measure, [])]
    return f"{number(fmean(values))} ({len(values)})" if values else "–"


def _plots(report: Report, behaved: Sequence[Row]) -> list[tuple[str, str, Markup] | None]:
    """Title, what it shows, and drawing of each plot that has something to show."""
    judged = [result for result in report.counted if result.judged]
    recall = []
    for k in range(1, DEEPEST + 1):
        found = [
            sum(result.judged.get(p.id, 0) > 0 for p in result.ranking[:k])
            / max(1, sum(relevance > 0 for relevance in result.judged.values()))
            for result in judged
        ]
        recall.append((k / DEEPEST, fmean(found)) if found else (0.0, 0.0))
    by_confidence = sorted(behaved, key=lambda row: -row["confidence"])
    wrong = [row["predicted"] != row["gold"] for row in by_confidence]
    risk = [(kept / len(wrong), sum(wrong[:kept]) / kept) for kept in range(1, len(wrong) + 1)]
    return [
        (
            f"Recall against k (to {DEEPEST})",
            "Share of the relevant passages among the first k.",
            _drawing(recall, f"k = {DEEPEST}", "recall"),
        )
        if judged
        else None,
        (
            "Reliability",
            "How often the behaviour is right, against the confidence that was given. "
            "On the dashed line they agree.",
            _drawing(_reliability(behaved), "confidence", "right", diagonal=True, marks=True),
        )
        if behaved
        else None,
        (
            "Risk against coverage",
            "Share of wrong behaviours when only the most confident answers are given.",
            _drawing(risk, "coverage", "risk"),
        )
        if behaved
        else None,
    ]


def _reliability(rows: Sequence[Row]) -> list[Point]:
    """Mean confidence and share right, for questions in bins of equal width."""
    points = []
    for low in range(BINS):
        group = [row for row in rows if min(BINS - 1, int(row["confidence"] * BINS)) == low]
        if group:
            right = fmean(row["predicted"] == row["gold"] for row in group)
            points.append((fmean(row["confidence"] for row in group), right))
    return points


def _drawing(
    points: Sequence[Point], x: str, y: str, *, diagonal: bool = False, marks: bool = False
) -> Markup:
    """An SVG of points whose coordinates are from 0 to 1."""

    def place(point: Point) -> str:
        across = MARGIN + point[0] * (WIDTH - 2 * MARGIN)
        return f"{across:.1f},{HEIGHT - MARGIN - point[1] * (HEIGHT - 2 * MARGIN):.1f}"

    corners = [place(corner) for corner in ((0, 0), (1, 0), (1, 1), (0, 1))]
    parts = [
        Markup('<polyline class="axis" points="{} {} {}"/>').format(
            corners[3], corners[0], corners[1]
        )
    ]
    if diagonal:
        parts.append(
            Markup('<polyline class="same" points="{} {}"/>').format(corners[0], corners[2])
        )
    parts.append(
        Markup('<polyline class="line" points="{}"/>').format(" ".join(map(place, points)))
    )
    if marks:
        parts += [
            Markup('<circle r="3.5" cx="{}" cy="{}"/>').format(*place(point).split(","))
            for point in points
        ]
    labels = [
        (MARGIN - 6, MARGIN + 4, "1", "end"),
        (MARGIN - 6, HEIGHT - MARGIN + 4, "0", "end"),
        (WIDTH - MARGIN, HEIGHT - MARGIN + 18, x, "end"),
        (MARGIN - 6, MARGIN - 12, y, "start"),
    ]
    parts += [
        Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(left, top, anchor, text)
        for left, top, text, anchor in labels
    ]
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{} against {}">{}</svg>').format(
        WIDTH, HEIGHT, y, x, Markup("").join(parts)
    )
