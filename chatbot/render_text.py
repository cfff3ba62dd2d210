"""An answer as plain text for a terminal."""

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from chatbot.types import Answer, Citation
from chatbot.wording import long_date

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
    if answer.near:
        shown.append(Text("Related, but not an answer:", style="italic"))
        for citation in answer.near:
            shown += _quote(citation)
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
