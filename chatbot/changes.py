"""Two days of one company: what came, what went, what was reworded; the rest folded away."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from difflib import SequenceMatcher

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.companies import LISTED, and_more
from chatbot.links import changes_link, day_of, read_address, read_link
from chatbot.markup import copy_link_button, escape, links_markup, local_link, time_markup
from chatbot.types import Citation, Comparison
from chatbot.wording import long_date
from index.clean import display
from index.outline import Part, find_parts
from index.types import Company, Snapshot
from index.words import fold

Points = dict[int, list[Comparison]]  # by the place of the newer text's part they belong to


def changes_markup(bot: Chatbot, address: str) -> tuple[str, tuple[str, str], str]:
    """The company and two days that an address names, and what to show of them."""
    fields = read_address(address)
    company = fields.get("changes", "")
    if not company:
        return "", ("", ""), _start(bot)
    try:
        first, second = day_of(fields.get("from", "")), day_of(fields.get("to", ""))
        answer = bot.compare(company, first, second)
        days = [reference.date for reference in answer.snapshots]
        before, after = (bot.policy(company, day_of(day)) for day in (days[0], days[-1]))
    except UnknownPolicyError as error:
        said = str(error)[:1].upper() + str(error)[1:]
        return "", ("", ""), f'<p class="lead">{escape(said)}.</p>{_start(bot)}'
    head = f'<h2 class="headline">{escape(answer.first_paragraph)}</h2>'
    notices = "".join(f'<p class="notice">{escape(notice)}</p>' for notice in answer.notices)
    shown = "" if days[0] == days[-1] else _body(before, after, answer.comparison)
    head += _count(answer.comparison) + _links(after.company, days[0], days[-1])
    return after.company, (days[0], days[-1]), head + shown + notices


def _links(company: str, first: str, second: str) -> str:
    """Where both days are read whole, and what reopens this comparison."""
    reading = [
        local_link(read_link(company, day), f"Read {long_date(day)}") for day in (first, second)
    ]
    shared = copy_link_button(changes_link(company, first, second))
    return links_markup([*(reading if first != second else reading[:1]), shared])


def _start(bot: Chatbot) -> str:
    several = [one for one in bot.policies() if len(one.days) > 1]
    if not several:
        return '<p class="lead">No company here has policies of two days.</p>'
    rows = "".join(f"<li>{_pair(one)}</li>" for one in several[:LISTED])
    return (
        '<p class="lead">Companies with policies of more than one day:</p>'
        f'<ul class="companies">{rows}</ul>{and_more(len(several))}'
    )


def _pair(company: Company) -> str:
    """A company, its oldest and its newest policy to be compared."""
    first, last = company.days[0].isoformat(), company.days[-1].isoformat()
    opened = local_link(changes_link(company.company, first, last), company.name)
    return (
        f'<p class="name">{opened}</p>'
        f"<p><small>{time_markup(first)} to {time_markup(last)}</small></p>"
    )


def _count(points: tuple[Comparison, ...]) -> str:
    kinds = [point.kind for point in points]
    counts = {"added": "only_now", "removed": "only_then", "reworded": "reworded"}
    said = [f"{kinds.count(kind)} {word}" for word, kind in counts.items() if kind in kinds]
    return f'<p class="rest">{", ".join(said)}.</p>' if said else ""


def _body(before: Snapshot, after: Snapshot, points: tuple[Comparison, ...]) -> str:
    """The newer policy from top to bottom; parts without a change are folded."""
    parts = [part for part in find_parts(after.text, after.body_start) if part.kind != "furniture"]
    placed = _placed(before, after, parts, points)
    shown: list[str] = []
    same: list[Part] = []
    heading: Part | None = None
    for part in parts:
        if part.start not in placed:
            same.append(part)
            heading = part if part.kind == "heading" else heading
            continue
        if heading in same:  # the heading of a change is seen with it
            same.remove(heading)
        shown += [*_folded(after, same), *([_heading(after, heading)] if heading else [])]
        same, heading = [], None
        shown += [_point(point) for point in placed[part.start]]
    return "".join([*shown, *_folded(after, same)])


def _placed(
    before: Snapshot, after: Snapshot, parts: list[Part], points: tuple[Comparison, ...]
) -> Points:
    """Each point beside the newer text's part it stands in, or after what stood before it."""
    starts = [part.start for part in parts] or [0]
    new = {fold(display(after.text[part.start : part.end])): part.start for part in parts}
    anchors = sorted(
        (part.start, new[words])
        for part in find_parts(before.text, before.body_start)
        if (words := fold(display(before.text[part.start : part.end]))) in new
    )
    anchors += [(p.before.start, p.after.start) for p in points if p.before and p.after]
    anchors.sort()
    placed: Points = {}
    for point in points:
        if point.after:
            place = point.after.start
        else:
            at = bisect_right(anchors, (point.before.start if point.before else 0, len(after.text)))
            place = anchors[at - 1][1] if at else 0
        part = starts[max(bisect_right(starts, place) - 1, 0)]
        placed.setdefault(part, []).append(point)
    return placed


def _folded(snapshot: Snapshot, parts: list[Part]) -> Iterator[str]:
    texts = [display(snapshot.text[part.start : part.end]) for part in parts]
    count = sum(part.kind != "heading" for part in parts)
    if not count:
        return
    word = "paragraph" if count == 1 else "paragraphs"
    body = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    title = f"<summary>{count} {word} without a change</summary>"
    yield f'<details class="same">{title}{body}</details>'


def _heading(snapshot: Snapshot, part: Part) -> str:
    return f"<h3>{escape(display(snapshot.text[part.start : part.end]))}</h3>"


def _point(point: Comparison) -> str:
    cited = point.after or point.before
    if cited is None:
        return ""
    if point.before and point.after:
        label, text = "Reworded", _reworded(point.before.display, point.after.display)
    elif point.after:
        label, text = "Added", f"<ins>{escape(cited.display)}</ins>"
    else:
        label, text = "Removed", f"<del>{escape(cited.display)}</del>"
    places = [_place(side) for side in (point.before, point.after) if side]
    return (
        f'<div class="change {label.lower()}"><p class="kind">{label}</p>'
        f'<p class="words">{text}</p>{links_markup(places)}</div>'
    )


def _place(citation: Citation) -> str:
    day = citation.snapshot_date
    address = read_link(citation.company, day, citation.start, citation.end)
    return local_link(address, f"Read in the policy of {day[:4]}", citation.section)


def _reworded(before: str, after: str) -> str:
    """Both wordings in one: what went and what came said in words as well as shown."""
    old, new = re.findall(r"\S+", before), re.findall(r"\S+", after)
    pieces: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(escape(" ".join(old[a:b])))
            continue
        if b > a:
            pieces.append(f"<del><small>removed</small> {escape(' '.join(old[a:b]))}</del>")
        if d > c:
            pieces.append(f"<ins><small>added</small> {escape(' '.join(new[c:d]))}</ins>")
    return " ".join(pieces)
