"""A whole policy to read: its contents, its paragraphs, the cited place, all days that are kept."""

import re

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.companies import companies_markup, timeline_markup
from chatbot.links import changes_link, day_of, offset_of, read_address, read_link
from chatbot.markup import (
    WEB,
    copy_link_button,
    escape,
    link,
    links_markup,
    local_link,
    time_markup,
)
from index.clean import clean
from index.outline import Part, find_parts
from index.types import Snapshot

MARKED = re.compile(r"\(?\w{1,4}[.)]|[•‣▪*–-]")  # an item that brings its own mark
UNFOLDED = 30  # headings up to which the contents are not folded


def reader_markup(bot: Chatbot, address: str) -> tuple[str, str]:
    """The company that an address names ("" for none) and what to show of it."""
    fields = read_address(address)
    company = fields.get("read", "")
    if not company:
        return "", companies_markup(bot)
    try:
        snapshot = bot.policy(company, day_of(fields.get("as_of", "")))
    except UnknownPolicyError as error:
        said = str(error)[:1].upper() + str(error)[1:]
        return "", f'<p class="lead">{escape(said)}.</p>{companies_markup(bot)}'
    cited = (offset_of(fields.get("from", "")), offset_of(fields.get("to", "")))
    return snapshot.company, policy_markup(bot, snapshot, cited)


def policy_markup(bot: Chatbot, snapshot: Snapshot, cited: tuple[int, int] = (0, 0)) -> str:
    """One policy, the characters of ``cited`` marked."""
    company = next(one for one in bot.policies() if one.company == snapshot.company)
    day = snapshot.captured_on.isoformat()
    parts = [
        part
        for part in find_parts(snapshot.text, snapshot.body_start)
        if part.kind != "furniture" and clean(snapshot.text[part.start : part.end]).text.strip()
    ]
    headings = [part for part in parts if part.kind == "heading" and part.style != "title"]
    contents = "".join(
        f'<li><a href="#at-{part.start}">{_text(snapshot, part.start, part.end)}</a></li>'
        for part in headings
    )
    if headings:
        opened = " open" if len(headings) <= UNFOLDED else ""
        contents = (
            f'<details class="contents"{opened}><summary>Contents</summary><ol>{contents}</ol>'
            "</details>"
        )
    sources = [
        link(snapshot.archived_url, "Archived page", WEB),
        link(snapshot.original_url, f"{snapshot.company} today", WEB),
    ]
    if len(company.days) > 1:
        sides = (company.days[0].isoformat(), company.days[-1].isoformat())
        sources.append(local_link(changes_link(company.company, *sides), "What changed"))
    place = cited if cited[1] > cited[0] else (None, None)
    sources.append(copy_link_button(read_link(snapshot.company, day, *place)))
    return (
        f'<h2 class="headline" id="policy-start">{escape(snapshot.name)}, {time_markup(day)}</h2>'
        f"{links_markup(sources)}{timeline_markup(company, day)}{contents}"
        f'<div class="policy">{"".join(_part(snapshot, part, cited) for part in parts)}</div>'
    )


def _part(snapshot: Snapshot, part: Part, cited: tuple[int, int]) -> str:
    text = _marked(snapshot, part, cited)
    if part.kind == "heading":
        level = "h2" if part.style == "title" else "h3"
        return f'<{level} id="at-{part.start}" tabindex="-1">{text}</{level}>'
    words = clean(snapshot.text[part.start : part.end]).text
    dot = " dot" if part.kind == "item" and not MARKED.match(words.strip()) else ""
    return f'<p class="{part.kind}{dot}" id="at-{part.start}">{text}</p>'


def _marked(snapshot: Snapshot, part: Part, cited: tuple[int, int]) -> str:
    """The words of a part, what of ``cited`` falls into it marked."""
    start, end = max(cited[0], part.start), min(cited[1], part.end)
    if start >= end:
        return _text(snapshot, part.start, part.end)
    before, inside, after = (
        _text(snapshot, part.start, start),
        _text(snapshot, start, end),
        _text(snapshot, end, part.end),
    )
    first = ' id="cited" tabindex="-1"' if start == cited[0] else ""
    return f"{before} <mark{first}>{inside}</mark> {after}"


def _text(snapshot: Snapshot, start: int, end: int) -> str:
    lines = clean(snapshot.text[start:end], normalise=False).text.split("\n")
    return "<br>".join(escape(line) for line in lines)
