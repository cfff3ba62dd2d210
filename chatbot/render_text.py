"""An answer as plain text for a terminal."""

from rich.console import Group, RenderableType
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


def render_answer(answer: Answer) -> RenderableType:
    """First what answers, then each quote with who and when, then what one can do."""
    shown: list[RenderableType] = [Text(answer.first_paragraph, style="bold"), Text("")]
    if answer.comparison:
        for point in answer.comparison:
            if KINDS[point.kind]:
                shown.append(Text(KINDS[point.kind], style="italic"))
            shown += [_quote(citation) for citation in (point.before, point.after) if citation]
    else:
        shown += [_quote(citation) for citation in answer.citations]
    if answer.near:
        shown.append(Text("Related, but not an answer:", style="italic"))
        shown += [_quote(citation) for citation in answer.near]
    for action in answer.actions:
        line = Text("→ ").append(action.label, style="bold")
        line.append(f": {action.text}" if action.text not in action.label else "")
        if action.href:
            line.append(f"\n  {action.href}", style="dim")
        shown.append(line)
    if answer.choices:
        shown += [Text(f"- {choice.name} ({choice.company})") for choice in answer.choices]
    shown += [Text(notice, style="dim") for notice in answer.notices]
    return Group(*shown)


def _quote(citation: Citation) -> RenderableType:
    place = [citation.company, citation.section, long_date(citation.snapshot_date)]
    source = " · ".join(part for part in place if part)
    lines = Text(f"“{citation.display}”\n").append(f"[{citation.id}] {source}", style="dim")
    if citation.archived_url:
        lines.append(f"\n    {citation.archived_url}", style="dim")
    return Padding(lines.append("\n"), (0, 0, 0, 2))
