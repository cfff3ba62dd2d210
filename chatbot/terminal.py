"""What a terminal shows: answers, progress, and what a build did."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from chatbot.types import Answer, Citation
from chatbot.wording import long_date

if TYPE_CHECKING:
    from index.build import BuildReport

KINDS = {
    "only_then": "Said only then",
    "only_now": "New",
    "reworded": "Reworded",
    "unchanged": "The same in both",
    "side_by_side": "",
}


def render_answer(answer: Answer) -> list[RenderableType]:
    """First what answers, then each quote with who and when, then what one can do.

    Addresses are texts that do not wrap, so that a terminal lets them be opened or copied whole.
    """
    shown: list[RenderableType] = [Text(answer.first_paragraph, style="bold"), Text("")]
    shown += _quotes(answer)
    if answer.nearest:
        shown.append(Text("Related, but not an answer:", style="italic"))
        for citation in answer.nearest:
            shown += _quote(citation)
    if answer.actions and answer.near:
        shown.append(Text("You can ask:", style="italic"))
    for action in answer.actions:
        line = Text("→ ").append(action.label, style="bold")
        line.append(f": {action.text}" if action.text not in action.label else "")
        shown.append(line)
        if action.href:
            shown.append(Text(f"  {action.href}", "dim", no_wrap=True))
    if answer.choices:
        shown += [Text(f"- {choice.name} ({choice.company})") for choice in answer.choices]
    shown += [Text(notice, style="dim") for notice in answer.notices]
    return shown


def _quotes(answer: Answer) -> list[RenderableType]:
    """The citations, a comparison's under what they show."""
    shown: list[RenderableType] = []
    if not answer.comparison:
        for citation in answer.citations:
            shown += _quote(citation)
    for point in answer.comparison:
        if KINDS[point.kind]:
            shown.append(Text(KINDS[point.kind], style="italic"))
        for cited in (point.before, point.after):
            shown += _quote(cited) if cited else []
    return shown


def _quote(citation: Citation) -> list[RenderableType]:
    place = [citation.company, citation.section, long_date(citation.snapshot_date)]
    source = " · ".join(part for part in place if part)
    lines = Text(f"“{citation.display}”\n").append(f"[{citation.id}] {source}", style="dim")
    shown: list[RenderableType] = [Padding(lines, (0, 0, 0, 2))]
    if citation.archived_url:
        shown.append(Text(f"  {citation.archived_url}", "dim", no_wrap=True))
    return [*shown, Text("")]


@contextmanager
def progress_shown() -> Iterator[Callable[[str, int, int], None]]:
    """A bar a step on a terminal; elsewhere a line when a step is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:

        def line(step: str, done: int, total: int) -> None:
            if done == total:
                typer.echo(f"{step}: {done:,}", err=True)

        yield line
        return
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def bar(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done, total=total or None)

        yield bar


def print_report(report: "BuildReport") -> None:
    """Name what was added, changed, left out and why; end with the sums."""
    if report.repaired:
        typer.echo(f"repaired: {report.repaired}")
    for what, names in (
        ("added", report.added),
        ("changed", report.changed),
        ("removed", report.removed),
        ("collapsed", report.collapsed),
    ):
        for name in names:
            typer.echo(f"{what}: {name}")
    for refusal in report.refused:
        typer.echo(f"refused: {refusal.path}: {refusal.reason}")
    typer.echo(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.unchanged)} "
        f"unchanged, {len(report.removed)} removed, {len(report.collapsed)} collapsed, "
        f"{len(report.refused)} refused; {report.passages:,} passages, {report.embedded:,} texts "
        f"newly embedded; {report.generation}"
    )
