"""Report → what a terminal shows."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from chatbot.evaluation.evaluate import Report
from chatbot.evaluation.intervals import Estimate, how_made
from chatbot.evaluation.labelled import BEHAVIOURS
from chatbot.evaluation.measures import measure


def render(report: Report) -> Group:
    """Lay out the report for a terminal: measures, behaviours, and what failed and why."""
    title = f"{len(report.counted)} questions about {report.companies} companies"
    measures = Table("Measure", "Value", "95 % interval", "n", title=title)
    for name, got in measure(report.counted).items():
        measures.add_row(name, _number(got.value), _interval(got), f"{got.n:,}")
    notes = how_made(report.companies)
    if report.contested:
        behaviour = measure(report.contested)["right behaviour"]
        notes.append(
            f"{behaviour.n} contested questions are not counted above; their behaviour is right in "
            f"{_number(behaviour.value)}."
        )
    labels = [behaviour.replace("_", " ") for behaviour in BEHAVIOURS]
    matrix = Table("gold ↓ bot →", *labels, title="Behaviours")
    for label, counts in zip(labels, report.matrix().values(), strict=True):
        matrix.add_row(label, *(str(count or "·") for count in counts.values()))
    failed = Table("Id", "Question", "Gold → bot", "Why", title="Questions that failed")
    for row in report.to_dict()["questions"]:
        if row["why"]:
            behaviours = f"{row['gold']} → {row['predicted']}"
            failed.add_row(*map(_plain, (row["id"], row["question"], behaviours, row["why"])))
    missing = [
        _plain(f"{name}: this gold quote stands in no policy: {quote}")
        for name, quote in report.missing_quotes
    ]
    return Group(measures, *notes, matrix, failed, *missing)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _interval(got: Estimate) -> str:
    return "" if got.low is None else f"{_number(got.low)} – {_number(got.high)}"


def _plain(text: str) -> Text:
    """``text`` without markup, and without characters that steer a terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))
