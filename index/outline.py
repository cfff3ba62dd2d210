"""The parts of a snapshot: headings, paragraphs, list items, and the furniture of the page.

The parts tile the text: each begins where the one before it ends, the first at 0, the last at the
end. Policies mark headings in many ways; all of them come out as one kind of part with a level.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from index.clean import clean
from index.sentences import ADDRESS_LINE

Kind = Literal["heading", "paragraph", "item", "furniture"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a snapshot with one role."""

    kind: Kind
    start: int
    end: int
    label: str = ""  # a heading's words; the label that opens a paragraph ("Log Files")
    style: str = ""  # how the label is marked: parts with one style stand on one level


MAX_HEADING = 90  # characters; the longest heading of the seeds has 77
NAVIGATION = frozenset(
    "top|to top|back to top|return to top|home|print|print this page|close|close window"
    "|skip to content|skip to main content|menu".split("|")
)
PAGE_TITLE = re.compile(
    r"(?:our |the )?(?:online |web ?site |internet )?(?:privacy|data protection)"
    r"(?: (?:policy|statement|notice))?",
    re.IGNORECASE,
)
ATX = re.compile(r"[ ]{0,3}(#{1,6})\s+\S")
UNDERLINE = re.compile(r"\s*(={3,}|-{3,})\s*")
ITEM = re.compile(r"[ \t\xa0]*(?:[*+•·-]|\d{1,2}\.)[ \t\xa0]+\S")
CONTENTS_ENTRY = re.compile(r"\s*(?:[*+-]|\d{1,2}\\?\.)\s+\[[^\[\]]*\]\(#[^)\s]*\)\s*")
LINKS_ONLY = re.compile(r"[\s|]*\[(?P<label>[^\[\]]*)\]\([^)\s]*\)[\s|]*")
NUMBER = re.compile(r"\(?(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}|[A-Za-z])[.)]\)?\s+(?=\S)")
# "a. Log Files: Log files information, …" – the label opens the paragraph that it names.
RUN_IN = re.compile(r"(?P<number>(?:[a-z]|\d{1,2})[.)])\s(?P<label>[A-Z][^.:?!]{2,60})[.:]\s+\S")
DATED = re.compile(r"\b(?:updated|effective|revised|modified|date)\b.*\b\d{4}\b", re.IGNORECASE)
BARE_DATE = re.compile(r"(?:\d{1,2} )?[A-Z][a-z]{2,8}\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?\d{4}")
POSTAL = re.compile(r"\b[A-Z]{2} \d{5}\b")
WORD = re.compile(r"[^\W\d_]")
# Versions of one policy share most of their lines: of a long archive 19 in 20 were seen before.
REMEMBERED, REMEMBERED_LENGTH = 20_000, 3_000  # lines, characters


@dataclass(slots=True)
class _Line:
    """A line of the source while its role is being found."""

    start: int
    end: int
    raw: str
    text: str  # cleaned
    bold: bool  # whether all that is read of it is bold
    kind: Kind | Literal["blank"] = "paragraph"
    label: str = ""
    style: str = ""


def find_parts(text: str, body_start: int) -> list[Part]:
    """The parts of ``text``; what stands before ``body_start`` is furniture."""
    lines = _read_lines(text, body_start)
    _find_headings(lines)
    _find_menus(lines)
    # The first line of every part, which reaches to the next one.
    opening: list[tuple[Kind, int, str, str]] = [("furniture", 0, "", "")] if body_start else []
    open_part = False  # whether the next line may continue the last part
    after_blank = after_break = False
    for line in lines:
        if line.kind == "blank":
            if not opening:
                opening.append(("furniture", line.start, "", ""))
            after_blank = True
            continue
        goes_on = (
            line.kind == "paragraph"
            and open_part
            and not line.label
            and not (
                # A blank line ends a paragraph; an indented one goes on with its list item.
                (after_blank and (opening[-1][0] == "paragraph" or not line.raw[:2].isspace()))
                or after_break
            )
        )
        if not goes_on:
            opening.append((line.kind, line.start, line.label, line.style))
            open_part = line.kind in ("paragraph", "item")
        after_blank = False
        # A line broken on purpose is a paragraph of its own, unless it is one of an address.
        after_break = line.raw.rstrip("\r\n").endswith("  ") and len(line.text) > ADDRESS_LINE
    ends = [start for _, start, _, _ in opening[1:]]
    return [
        Part(kind, start, end, label, style)
        for (kind, start, label, style), end in zip(opening, [*ends, len(text)], strict=False)
    ]


@lru_cache(10_000)
def folded(words: str) -> str:
    """``words`` for comparing headings: lower case, letters and digits only."""
    return " ".join(re.findall(r"[^\W_]+", words.casefold()))


def _read_lines(text: str, body_start: int) -> list[_Line]:
    lines = []
    start = body_start
    bold_open = False
    for raw in text[body_start:].splitlines(keepends=True):
        read = _read_line(raw) if len(raw) <= REMEMBERED_LENGTH else _read_line.__wrapped__(raw)
        bold_before = bold_open
        bold_open ^= read.marks % 2 == 1
        if read.kind == "blank":
            bold_open = False  # emphasis does not reach across a blank line
        bold = (
            read.marks <= 2
            and read.visible
            and (bold_before or read.bold_begins)
            and (bold_open or read.bold_ends)
        )
        lines.append(_Line(start, start + len(raw), raw, read.text, bold, read.kind))
        start += len(raw)
    return lines


@dataclass(frozen=True, slots=True)
class _Read:
    """What a line is by itself; headings and menus show only beside their neighbours."""

    text: str  # cleaned
    kind: Kind | Literal["blank"]
    visible: bool  # whether anything but marks of bold stands in it
    marks: int  # of bold
    bold_begins: bool  # whether it begins with such a mark
    bold_ends: bool


@lru_cache(REMEMBERED)
def _read_line(raw: str) -> _Read:
    stripped = raw.strip()
    # Without its end a line is remembered with the paragraph that is nothing else.
    cleaned = clean(raw if stripped.endswith("\\") else raw.rstrip()).text.strip()
    return _Read(
        text=cleaned,
        kind=_plain_kind(raw, cleaned),
        visible=bool(raw.replace("**", "").strip()),
        marks=raw.count("**"),
        bold_begins=stripped.startswith("**"),
        bold_ends=stripped.endswith("**"),
    )


def _plain_kind(raw: str, cleaned: str) -> Kind | Literal["blank"]:
    if not raw.strip():
        return "blank"
    links = LINKS_ONLY.fullmatch(raw)
    if links and folded(links["label"]) in NAVIGATION:
        return "furniture"
    if CONTENTS_ENTRY.fullmatch(raw) or not re.search(r"[^\W_]", cleaned):
        return "furniture"
    if ITEM.match(raw):
        return "item"
    return "paragraph"


def _stands_alone(before: _Line | None, after: _Line | None) -> bool:
    return all(line is None or line.kind == "blank" for line in (before, after))


def _find_headings(lines: Sequence[_Line]) -> None:
    """Mark headings, and label the paragraphs that open with one."""
    title_seen = False
    opening = True  # whether nothing but furniture has been seen
    for index, line in enumerate(lines):
        if line.kind not in ("paragraph", "item"):
            continue
        before = lines[index - 1] if index else None
        after = lines[index + 1] if index + 1 < len(lines) else None
        style = _heading_style(line, before, after, _next_text(lines, index))
        # The title differs between snapshots and says nothing of the matter below it.
        highest = style in ("atx1", "underlined=")
        is_title = highest and not title_seen
        if style and (is_title or not _is_dated(line.text)):
            title_seen |= is_title
            is_title |= _is_page_title(line.text)
            line.kind, line.style = "heading", "title" if is_title else style
            line.label = line.text.strip(" *|")
            if style.startswith("underlined") and after:
                after.kind = "furniture"
        elif run_in := RUN_IN.match(line.text):
            line.label = f"{run_in['number']} {run_in['label']}"
            line.style = "run-in digit" if run_in["number"][0].isdigit() else "run-in letter"
        elif (opening or _stands_alone(before, after)) and _is_page_title(line.text):
            line.kind, line.style, line.label = "heading", "title", line.text
        opening = False


def _is_dated(text: str) -> bool:
    """Whether a line says of which day the policy is: that heads nothing, however it is marked."""
    return DATED.search(text) is not None or BARE_DATE.fullmatch(text) is not None


def _is_page_title(text: str) -> bool:
    return len(text) <= 2 * MAX_HEADING and PAGE_TITLE.fullmatch(folded(text)) is not None


def _heading_style(
    line: _Line, before: _Line | None, after: _Line | None, next_text: _Line | None
) -> str:
    """How the line is marked as a heading, "" if it is none."""
    atx = ATX.match(line.raw) if len(line.text) <= 2 * MAX_HEADING else None
    if atx:
        return f"atx{len(atx[1])}"
    short = len(line.text) <= MAX_HEADING and WORD.search(line.text) is not None
    tells_no_topic = _is_dated(line.text) or POSTAL.search(line.text)
    if tells_no_topic or not short or next_text is None or line.text[-1] in ",;":
        return ""
    underline = UNDERLINE.fullmatch(after.raw) if after else None
    if underline and line.kind == "paragraph" and (before is None or before.kind != "paragraph"):
        return "underlined=" if underline[1][0] == "=" else "underlined-"
    numbered = NUMBER.match(line.text)
    if line.kind == "item" and not line.bold:
        return ""
    unnumbered = line.text[numbered.end() :] if numbered else line.text
    few_words = len(unnumbered.split()) <= 14
    if line.bold and few_words and (numbered or not unnumbered.endswith(".")):
        return "bold number" if numbered else "bold"
    if line.kind == "item" or line.text[-1] in ".!:" or "@" in line.text or len(line.text) > 60:
        return ""
    if not unnumbered[0].isupper() or len(unnumbered.split()) > 9:
        return ""
    follows_directly = after is not None and after.kind == "paragraph"
    if numbered and follows_directly:
        return f"number {'digit' if line.text.strip('(')[0].isdigit() else 'letter'}"
    stands_apart = before is None or before.kind in ("blank", "furniture", "heading")
    prose_below = next_text.kind == "paragraph" and len(next_text.text) > MAX_HEADING
    return "bare" if stands_apart and prose_below and not numbered else ""


def _next_text(lines: Sequence[_Line], index: int) -> _Line | None:
    """The next line that is read; None where only furniture follows."""
    for line in lines[index + 1 :]:
        if line.kind in ("paragraph", "item", "heading"):
            return line
    return None


def _find_menus(lines: Sequence[_Line]) -> None:
    """Lines that only repeat a heading are a menu; with a colon they head what follows."""
    headings = {folded(line.label) for line in lines if line.kind == "heading"}
    for index, line in enumerate(lines):
        if line.kind not in ("paragraph", "item") or len(line.text) > MAX_HEADING:
            continue
        if folded(line.text) in headings:
            heads = line.text.endswith(":") and _next_text(lines, index) is not None
            line.kind = "heading" if heads else "furniture"
            line.label, line.style = line.text.rstrip(":") if heads else "", "bare"
    for first, second in pairwise(lines):  # an entry may run over two lines
        short = first.kind == second.kind == "paragraph" and len(first.text) <= MAX_HEADING
        if short and folded(f"{first.text} {second.text}") in headings:
            first.kind = second.kind = "furniture"
