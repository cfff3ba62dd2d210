"""Report and comparison → what a terminal shows."""

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from chatbot.evaluation.compare import Comparison
from chatbot.evaluation.intervals import how_made
from chatbot.evaluation.labelled import BEHAVIOURS
from chatbot.evaluation.output import per_question
from chatbot.evaluation.page import interval, number
from chatbot.evaluation.report import Report

FAILURES = 60  # that a terminal lists; --out writes them all


def render(report: Report) -> Group:
    """Lay out a report: measures, behaviours, and what failed and why."""
    about = f" about {report.companies:,} companies" if report.companies else ""
    title = f"{len(report.counted):,} questions{about}"
    estimates = report.measures()
    measures = Table("Measure", "Mean", "95 % interval", "n", title=title)
    for name, got in estimates.items():
        measures.add_row(name, number(got.value), interval(got), f"{got.n:,}")
    notes = how_made(estimates)
    if len(report.counted) < len(report.results):
        behaviour = report.measures(contested=True).get("right behaviour")
        right = f"; their behaviour is right in {number(behaviour.value)}" if behaviour else ""
        number_of = len(report.results) - len(report.counted)
        notes.append(f"{number_of} contested questions are not counted above{right}.")
    shown: list[RenderableType] = [measures, *notes]
    if any(result.behaves is not None for result in report.results):
        labels = [behaviour.replace("_", " ") for behaviour in BEHAVIOURS]
        matrix = Table("gold ↓ said →", *labels, title="Behaviours")
        for label, counts in zip(labels, report.matrix().values(), strict=True):
            matrix.add_row(label, *(str(count or "·") for count in counts.values()))
        shown.append(matrix)
    shown += _failures(report)
    shown += [
        _plain(f"{name}: this gold quote stands in no policy: {quote}")
        for name, quote in report.missing_quotes
    ]
    return Group(*shown)


def _failures(report: Report) -> list[RenderableType]:
    rows = [row for row in per_question(report) if row["why"]]
    failed = Table("Id", "Question", "Gold → said", "Why", title="Questions that failed")
    for row in rows[:FAILURES]:
        behaviours = f"{row['gold']} → {row['predicted']}" if row["gold"] else ""
        failed.add_row(*map(_plain, (row["id"], row["question"], behaviours, row["why"])))
    more = len(rows) - FAILURES
    return [failed, *([f"… and {more:,} more; --out DIR writes all of them."] if more > 0 else [])]


def render_comparison(comparison: Comparison) -> Group:
    """Lay out what differs between two runs."""
    columns = (Column("Measure", no_wrap=True), "Before", "Now", "Change", "p, Holm", "+ = −")
    table = Table(*columns, title="Against the earlier run")
    for name, found in comparison.differences.items():
        between = f" ({interval(found.change)})" if found.change.low is not None else ""
        table.add_row(
            name,
            number(found.before),
            number(found.now),
            f"{found.now - found.before:+.3f}{between}",
            f"{found.p:.3f}, {found.p_holm:.3f}",
            f"{found.wins} {found.ties} {found.losses}",
        )
    changed = [f"{len(comparison.changed):,} questions came out otherwise:"]
    changed += comparison.changed[:FAILURES]
    if len(comparison.changed) > FAILURES:
        changed.append(f"… and {len(comparison.changed) - FAILURES:,} more; --out writes them all")
    won = "+ = −: questions that this run won, tied and lost."
    return Group(
        table,
        comparison.test,
        won,
        *map(_plain, comparison.problems),
        *map(_plain, changed),
    )


def _plain(text: str) -> Text:
    """``text`` without markup, and without characters that steer a terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))
