"""Archive text as a person reads it, every character traceable to the place it came from.

``clean`` removes Markdown marks, link targets, list bullets and invisible characters and folds
white space; ``Cleaned.raw_span`` leads from a span of the result back to the archived text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Bounded repeats keep every pattern linear on hostile text. A link's target may hold one level of
# parentheses, as encyclopaedia addresses do.
TARGET = r'\((?:[^()\s]|\([^()\s]{0,300}\)){0,3000}(?:\s+"[^"\n]{0,300}")?\)'
# The number of a footnote that ends a label ("[partners\[20\]](#annotation-20)") is none of its
# words: one more footnote would change all that follow.
LABEL = r"(?:[^\[\]\\]|\\(?!\[\d{1,3}\\\]\])(?s:.)){0,1000}"
FOOTNOTE = r"(?:\\?\[\d{1,3}\\?\])?"
LINK = re.compile(rf"(?P<image>!?)(?P<open>\[)(?P<label>{LABEL})(?P<close>{FOOTNOTE}\]{TARGET})")
AUTOLINK = re.compile(r"(?P<open><)(?=(?:https?://|mailto:|www\.)[^\s<>]{1,2000}>)")
BOLD = re.compile(r"\*\*|(?<!_)__(?!_)")
EMPHASIS = re.compile(
    r"(?<![\w*\\])(?P<mark>[*_])(?=[^\s*_])[^*_\n]{1,300}(?<=\S)(?P=mark)(?![\w*])"
)
ESCAPE = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!|>~]|\r?\n)")
BULLET = re.compile(r"^[ \t\xa0]{0,12}(?P<mark>[*+•·-])(?=[ \t\xa0])", re.MULTILINE)
LINE_MARK = re.compile(r"^[ \t]{0,3}(?P<mark>#{1,6}(?=\s)|>(?=\s)|\|)", re.MULTILINE)
LINE_END_MARK = re.compile(r"(?P<mark>\||#{1,6})[ \t\xa0]{0,50}$", re.MULTILINE)
NUMBERED = re.compile(
    r"^[ \t\xa0]{0,12}(?P<mark>(?:\d{1,2}|[a-zA-Z])\\?[.)])(?=[ \t\xa0])", re.MULTILINE
)
# A line broken inside the cell of a table, and the bullet of the list item that it begins.
CELL_BREAK = re.compile(r"<br ?/?>[ \t\xa0]{0,12}(?:[*+•·-](?=[ \t\xa0]))?", re.IGNORECASE)
# Runs of what is not copied as it stands: white space but for single spaces inside a line, and
# characters outside ASCII; those of English print stay themselves and are frequent.
UNUSUAL = re.compile(r" ?[^\S ]\s*| {2,}|[^\x00-\x7f\s‘’“”–—]+|[\x00-\x08\x0e-\x1f\x7f]+")
HARD_BREAK = re.compile(r"(?:[ \t\xa0]{2}|\\)\r?\n|\n[^\S\n]*\n")
# Versions of one policy share most of their lines: of a long archive 19 in 20 were seen before.
REMEMBERED, REMEMBERED_LENGTH = 10_000, 3_000  # texts, characters
JOINERS = "\u200c\u200d"  # invisible, but letters of several scripts need them


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text as read and searched, one line per block, and where its characters come from."""

    text: str
    starts: list[int]  # where each run of copied characters begins in ``text``, ascending
    origins: list[int]  # where the run begins in the archived text
    fixed: list[bool]  # whether all characters of the run come from that one place
    wholes: list[tuple[int, int]]  # links and slanted words in the archived text, never cut

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The archived span behind ``text[start:end]``, widened to whole links and emphasis.

        Raises IndexError when the span is empty or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"span [{start}, {end}) of a text of {len(self.text)} characters")
        first, last = self._origin(start), self._origin(end - 1) + 1
        for whole_start, whole_end in self.wholes:
            if whole_start < first < whole_end:
                first = whole_start
            if whole_start < last < whole_end:
                last = whole_end
        return first, last

    def _origin(self, position: int) -> int:
        run = bisect_right(self.starts, position) - 1
        return self.origins[run] + (0 if self.fixed[run] else position - self.starts[run])


def clean(raw: str, *, normalise: bool = True) -> Cleaned:
    """The archived text ``raw`` as it is searched (NFKC) or, without ``normalise``, displayed."""
    if len(raw) <= REMEMBERED_LENGTH:
        return _remembered(raw, normalise)
    return _clean(raw, normalise=normalise)


@lru_cache(REMEMBERED)
def _remembered(raw: str, normalise: bool) -> Cleaned:  # a cache takes no keywords
    return _clean(raw, normalise=normalise)


def _clean(raw: str, *, normalise: bool) -> Cleaned:
    deletions, wholes = _marks(raw)
    bullets = {start for start, _, mark in deletions if mark == BULLET_MARK}
    numbers = {number.start("mark") for number in NUMBERED.finditer(raw)}
    starts: list[int] = []
    origins: list[int] = []
    fixed: list[bool] = []
    pieces: list[str] = []
    length = 0
    gap = ""  # white space seen since the last visible character
    gap_at = 0
    new_block = False  # whether a list item begins after the gap

    def append(piece: str, origin: int, *, one_place: bool) -> None:
        nonlocal length
        starts.append(length)
        origins.append(origin)
        fixed.append(one_place)
        pieces.append(piece)
        length += len(piece)

    for piece, origin, verbatim in _visible(raw, deletions, normalise=normalise):
        if origin in bullets:
            new_block = True
            continue
        if piece.isspace():
            new_block |= origin > 0 and raw[origin - 1] == "\\"  # a line broken on purpose
            gap_at = gap_at if gap else origin
            gap += piece
            continue
        if gap and length:
            new_block |= origin in numbers
            broken = HARD_BREAK.search(gap) or (new_block and "\n" in gap)
            append("\n" if broken else " ", gap_at, one_place=True)
        gap, new_block = "", False
        append(piece, origin, one_place=not verbatim)
    return Cleaned("".join(pieces), starts, origins, fixed, wholes)


def display(raw: str) -> str:
    """``raw`` as a person reads it on one line: links as labels, marks out, white space folded."""
    return clean(raw, normalise=False).text.replace("\n", " ")


BULLET_MARK, BREAK_MARK = "bullet", "break"
Deletion = tuple[int, int, str]  # start, end, whether it is the bullet of a list item or a break


def _marks(raw: str) -> tuple[list[Deletion], list[tuple[int, int]]]:
    """What is not read, in order and without overlap; then the spans that are never cut."""
    # Most texts have few kinds of marks, and looking for a character costs next to nothing.
    found, wholes = _whole_marks(raw)
    if "**" in raw or "__" in raw:
        found += [mark.span() for mark in BOLD.finditer(raw)]
    if "\\" in raw:
        found += [mark.span() for mark in ESCAPE.finditer(raw)]
    if "#" in raw or "|" in raw or ">" in raw:
        for pattern in (LINE_MARK, LINE_END_MARK):
            found += [mark.span("mark") for mark in pattern.finditer(raw)]
    named = {mark.span("mark"): BULLET_MARK for mark in BULLET.finditer(raw)}
    if "<" in raw:
        named.update((mark.span(), BREAK_MARK) for mark in CELL_BREAK.finditer(raw))
    if not found and not named:
        return [], []
    deletions: list[Deletion] = []
    # Longest first at one place, so that a mark inside a link's target falls away with it.
    for start, end in sorted({*found, *named}, key=lambda span: (span[0], -span[1])):
        if not deletions or start >= deletions[-1][1]:
            deletions.append((start, end, named.get((start, end), "")))
    return deletions, wholes


def _whole_marks(raw: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The marks of links and slanted words, and the spans of these, which are never cut."""
    found: list[tuple[int, int]] = []
    wholes: list[tuple[int, int]] = []
    for link in LINK.finditer(raw) if "](" in raw else ():
        if link["image"]:
            found.append(link.span())
        else:
            found += [link.span("open"), link.span("close")]
            wholes.append(link.span())
    for link in AUTOLINK.finditer(raw) if "<" in raw else ():
        end = raw.index(">", link.end()) + 1
        found += [link.span("open"), (end - 1, end)]
        wholes.append((link.start(), end))
    for mark in EMPHASIS.finditer(raw) if "*" in raw or "_" in raw else ():
        found += [(mark.start(), mark.start() + 1), (mark.end() - 1, mark.end())]
        wholes.append(mark.span())
    return found, wholes


def _visible(
    raw: str, deletions: list[Deletion], *, normalise: bool
) -> Iterator[tuple[str, int, bool]]:
    """Pieces of what is read: text, where it begins in ``raw``, whether it is copied unchanged.

    A deleted bullet is yielded as one piece, so that the caller knows that a block begins there, a
    break as the white space that it stands for.
    """
    position = 0
    for start, end, mark in [*deletions, (len(raw), len(raw), "")]:
        yield from _unusual_apart(raw, position, start, normalise=normalise)
        if mark == BULLET_MARK:
            yield raw[start:end], start, True
        elif mark == BREAK_MARK:
            yield "\n\n", start, True
        position = end


def _unusual_apart(
    raw: str, start: int, end: int, *, normalise: bool
) -> Iterator[tuple[str, int, bool]]:
    position = start
    for unusual in UNUSUAL.finditer(raw, start, end):
        yield from _edges_apart(raw, position, unusual.start())
        position = unusual.end()
        run = unusual.group()
        if run.isspace():
            yield run, unusual.start(), True
            continue
        for offset, character in enumerate(run):
            kept = unicodedata.normalize("NFKC", character) if normalise else character
            category = unicodedata.category(character)
            if category in ("Cc", "Cf") and character not in JOINERS:
                continue  # bidirectional overrides and the like would forge what is read
            yield kept, unusual.start() + offset, kept == character
    yield from _edges_apart(raw, position, end)


def _edges_apart(raw: str, start: int, end: int) -> Iterator[tuple[str, int, bool]]:
    """Spaces at either end by themselves: what comes next may make them part of a longer gap."""
    text = raw[start:end].strip(" ")
    if not text:
        if start < end:
            yield raw[start:end], start, True
        return
    first = raw.index(text[0], start)
    if first > start:
        yield raw[start:first], start, True
    yield text, first, True
    if first + len(text) < end:
        yield raw[first + len(text) : end], first + len(text), True
