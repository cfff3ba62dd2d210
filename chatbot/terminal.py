"""What a terminal shows: answers, progress, and what a build did."""

from collections import Counter
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
    from chatbot.check import PolicyCheck
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


def render_check(checked: "PolicyCheck") -> list[RenderableType]:
    """What to write first, then what to mend, last what is said already."""
    silent = [one for one in checked.topics if one.behaviour == "not_stated"]
    partly = [one for one in checked.topics if one.behaviour == "partly"]
    said = [one.topic for one in checked.topics if one.behaviour == "answer"]
    title = (
        f"{checked.name}: policy of {long_date(checked.date)}, asked about {len(checked.topics)}"
    )
    shown: list[RenderableType] = [Text(f"{title} topics", style="bold"), Text("")]
    if silent:
        shown.append(Text("Visitors will ask, and the policy does not say. Write:", style="bold"))
        for one in silent:
            shown.append(Text(f"- {one.write}").append(f"  “{one.question}”", style="dim"))
    if partly:
        shown += [Text(""), Text("Spoken of, but not plainly. Make clear:", style="bold")]
        for one in partly:
            line = Text(f"- {one.write}").append(f"  “{one.question}”", style="dim")
            shown.append(
                line.append(f" Not given: {one.missing}." if one.missing else "", style="dim")
            )
            shown += _quote(one.quote) if one.quote else []
    for pair in checked.contradictions:
        shown += [Text(""), Text(f"Yes and no to “{pair.question}”; read both:", style="bold")]
        shown += [*_quote(pair.yes), *_quote(pair.no)]
    shown.append(Text(""))
    if checked.contacts:
        shown.append(Text(f"To ask by: {', '.join(checked.contacts)}"))
    else:
        shown.append(Text("No e-mail address, number or postal address is printed.", style="bold"))
    if checked.links:
        shown += [Text(""), Text("Links that look dead; none was opened:", style="bold")]
        for link in checked.links:
            words = f"- “{link.text}”: {link.reason}"
            shown.append(Text(words).append(f"  {link.target}" if link.target else "", style="dim"))
    if said:
        shown += [Text(""), Text(f"Said: {', '.join(said)}", style="dim")]
    shown.append(Text("Found by a program that errs; not legal advice.", style="dim"))
    return shown


@contextmanager
def progress_shown() -> Iterator[Callable[[str, int, int], None]]:
    """A bar a step on a terminal; elsewhere a line when a step is done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

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
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def bar(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done, total=total or None)

        yield bar


SHOWN = 20  # names of one kind; the rest is counted


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
        for name in names[:SHOWN]:
            typer.echo(f"{what}: {name}")
        if len(names) > SHOWN:
            typer.echo(f"{what}: and {len(names) - SHOWN:,} more")
    for reason, times in Counter(version.reason for version in report.repeated).most_common():
        typer.echo(f"collapsed: {times:,} versions: {reason}")
    by_reason: dict[str, list[str]] = {}
    for refusal in report.refused:
        day = f"@{refusal.captured_on}" if refusal.captured_on else ""
        by_reason.setdefault(refusal.reason, []).append(f"{refusal.path}{day}")
    for reason, places in by_reason.items():
        for place in places[:SHOWN]:
            typer.echo(f"refused: {place}: {reason}")
        if len(places) > SHOWN:
            typer.echo(f"refused: and {len(places) - SHOWN:,} more: {reason}")
    collapsed = len(report.collapsed) + len(report.repeated)
    typer.echo(
        f"{report.versions:,} versions read: {len(report.added):,} added, "
        f"{len(report.changed):,} changed, {len(report.unchanged):,} unchanged, "
        f"{len(report.removed):,} removed, {collapsed:,} collapsed, "
        f"{len(report.refused):,} refused; {report.passages:,} passages in "
        f"{report.occurrences:,} places, {report.embedded:,} texts newly embedded, "
        f"{report.reused:,} known; {report.seconds:.1f} s; {report.generation}"
    )
