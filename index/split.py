"""A snapshot → its passages, and where each one stands.

Passages follow the paragraphs, so that a text which stays the same between two snapshots stays the
same passage. They never cross a heading; list items stay with the sentence that introduces them.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby, pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter

from index.clean import clean
from index.outline import Part, find_parts
from index.types import Occurrence, Passage, Snapshot

MAX_CHARACTERS = 900  # of cleaned text; measured on 17,694 real versions (docs/architecture.md)
MAX_RATIO = 10  # of archived to read characters, when a limit is scaled
MAX_CONTEXT = 240  # characters in front of a text
ROOM = "a " * 60  # what must still fit behind them, so that some text always does
SEPARATORS = ["\n\n", "\n", "<br>", ". ", "; ", ", ", " ", ""]
PATH_SEPARATOR = " › "
REMEMBERED = 20_000  # passages, contexts
LEVELS = {"underlined=": 1, "underlined-": 2, **{f"atx{level}": level for level in range(1, 7)}}


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch of the snapshot that is kept whole where it fits."""

    start: int
    end: int
    path: tuple[str, ...]
    size: int  # characters of cleaned text
    is_item: bool
    introduces: bool  # ends with a colon


def split_snapshot(
    snapshot: Snapshot, fits: Callable[[str], bool]
) -> list[tuple[Passage, Occurrence]]:
    """The passages of one snapshot; of several that share texts a ``Splitter`` is faster."""
    return Splitter(fits).split(snapshot)


class Splitter:
    """Splits snapshots and remembers the passages: versions of one policy share most of them."""

    def __init__(self, fits: Callable[[str], bool]) -> None:
        """``fits`` says whether the encoder reads a text to its end."""
        self._fits = lru_cache(REMEMBERED)(fits)
        # Not a cache of the method, which would keep every splitter that ever was.
        self._pieces = lru_cache(REMEMBERED)(partial(_pieces, fits=self._fits))

    def split(self, snapshot: Snapshot) -> list[tuple[Passage, Occurrence]]:
        """The passages in their order, with where each stands in ``snapshot.text``.

        Passages that do not fit are halved until they do. The title of the page and all headings
        are left out of the passages' own texts.
        """
        passages: list[tuple[Passage, Occurrence]] = []
        text = snapshot.text
        for blocks, lead in _packed(text, find_parts(text, snapshot.body_start)):
            first, end = blocks[0], blocks[-1].end
            rest = _last_sentence(text, first) if first.introduces else lead
            known_by = (snapshot.company, snapshot.name, first.path, lead, rest)
            for passage, piece_start, piece_end in self._pieces(
                *known_by, text[first.start : end], first.end - first.start
            ):
                start, end = first.start + piece_start, first.start + piece_end
                place = Occurrence(snapshot.id, len(passages), passage.key, start, end)
                passages.append((passage, place))
        return passages


def _pieces(
    company: str,
    name: str,
    path: tuple[str, ...],
    lead: str,
    rest: str,
    raw: str,
    first_end: int,
    *,
    fits: Callable[[str], bool],
) -> list[tuple[Passage, int, int]]:
    """The passages of ``raw``, packed blocks, with where each stands in it.

    ``lead`` goes before what begins in the first block, which ends at ``first_end``, ``rest``
    before the others.
    """

    def make(start: int, end: int, lead: str = rest) -> Passage:
        text = clean(raw[start:end]).text
        embedded = "\n".join([*_context(name, path, lead, fits), text])
        key = hashlib.sha256(embedded.encode()).hexdigest()
        return Passage(company, PATH_SEPARATOR.join(path), text, embedded, key)

    return [
        (passage if start >= first_end or lead == rest else make(start, end, lead), start, end)
        for passage, start, end in _fitting(raw, 0, len(raw), make, fits)
    ]


def _context(name: str, path: tuple[str, ...], lead: str, fits: Callable[[str], bool]) -> list[str]:
    """Lines in front of the embedded text; too long, they lose the lead, then outer headings."""
    for kept_lead, kept_path in [(lead, path), *(("", path[level:]) for level in range(len(path)))]:
        lines = [line for line in (name, PATH_SEPARATOR.join(kept_path), kept_lead) if line]
        context = "\n".join(lines)
        if len(context) <= MAX_CONTEXT and fits(f"{context}\n{ROOM}"):
            return lines
    return [name] if fits(f"{name}\n{ROOM[:20]}") else []


def _packed(text: str, parts: list[Part]) -> Iterator[tuple[list[_Block], str]]:
    """Blocks that make up one passage each, and the introduction of a list they go on with."""
    for _, run in groupby(_blocks(text, parts), key=lambda block: block and block.path):
        packed: list[_Block] = []
        introduction: _Block | None = None
        for unit in _units([block for block in run if block]):
            if packed and _size([*packed, *unit]) > MAX_CHARACTERS:
                yield packed, _lead(text, introduction, packed)
                packed = []
            for block in unit:
                if block.introduces and not block.is_item:
                    introduction = block
                elif not block.is_item:
                    introduction = None
                too_long = _size([*packed, block]) > MAX_CHARACTERS
                # The first item never parts from the sentence that introduces it.
                if too_long and packed and not packed[-1].introduces:
                    yield packed, _lead(text, introduction, packed)
                    packed = []
                packed.append(block)
        if packed:
            yield packed, _lead(text, introduction, packed)


def _size(blocks: list[_Block]) -> int:
    """Characters of the blocks, each on a line of its own."""
    return sum(block.size + 1 for block in blocks) - 1


def _lead(text: str, introduction: _Block | None, packed: list[_Block]) -> str:
    """The sentence that introduces list items whose passage begins after it, else ""."""
    if introduction is None or not packed[0].is_item or introduction in packed:
        return ""
    return _last_sentence(text, introduction)


def _last_sentence(text: str, block: _Block) -> str:
    return clean(text[block.start : block.end]).text.rsplit(". ", 1)[-1]


def _blocks(text: str, parts: list[Part]) -> Iterator[_Block | None]:
    """What is searched, under its heading path; None where furniture comes between."""
    path: list[tuple[str, str]] = []  # (style, label) of the open headings, outermost first
    for part in parts:
        if part.label and part.style != "title":
            path = [*_enclosing(path, part.style), (part.style, part.label)]
        if part.kind == "furniture":
            if clean(text[part.start : part.end]).text:
                # A "top" link or a menu ends the sections that plain lines opened.
                path = [level for level in path if level[0] in LEVELS]
            yield None
        elif part.kind == "heading":
            yield None
        else:
            raw = text[part.start : part.end]
            start = part.end - len(raw.lstrip())
            end = part.start + len(raw.rstrip())
            cleaned = clean(raw.rstrip()).text
            labels = tuple(label for _, label in path)
            is_item = part.kind == "item"
            yield _Block(start, end, labels, len(cleaned), is_item, cleaned.endswith(":"))


def _enclosing(path: list[tuple[str, str]], style: str) -> list[tuple[str, str]]:
    """The open headings under which one of this style stands.

    ``#`` and underlined headings carry their level. Any other style stands beside the last of its
    own, or else below whatever is open.
    """
    if style in LEVELS:
        above = {other for other in LEVELS if LEVELS[other] < LEVELS[style]}
        return [level for level in path if level[0] in above]
    styles = [level[0] for level in path]
    return path[: styles.index(style)] if style in styles else path


def _units(blocks: list[_Block]) -> Iterator[list[_Block]]:
    """Blocks that belong together: a paragraph, or a list or address with its introduction."""
    unit: list[_Block] = []
    for block in blocks:
        if unit and not block.is_item and not unit[-1].introduces:
            yield unit
            unit = []
        unit.append(block)
    if unit:
        yield unit


def _fitting(
    text: str,
    start: int,
    end: int,
    make: Callable[[int, int], Passage],
    fits: Callable[[str], bool],
) -> Iterator[tuple[Passage, int, int]]:
    """Passages that tile ``[start, end)`` but for white space and are short enough to embed."""
    passage = make(start, end)
    short = len(passage.text) <= MAX_CHARACTERS
    if not passage.text:
        return
    if (short and fits(passage.embedded)) or end - start == 1:
        yield passage, start, end
        return
    # Links make the archived text longer than what is read, so the limit is scaled to it; white
    # space without end makes it longer still, and the splitter's time grows with limit squared.
    ratio = min((end - start) / len(passage.text), MAX_RATIO)
    limit = (end - start) / 2 if short else MAX_CHARACTERS * ratio
    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        chunk_size=max(1, int(limit)),
        chunk_overlap=0,
        keep_separator="end",
        add_start_index=True,
    )
    documents = splitter.create_documents([text[start:end]])
    starts = [start + int(document.metadata["start_index"]) for document in documents]
    for piece_start, piece_end in pairwise([start, *_cuts(text, start, end, starts), end]):
        raw = text[piece_start:piece_end]
        begin, stop = piece_end - len(raw.lstrip()), piece_start + len(raw.rstrip())
        if begin < stop:
            yield from _fitting(text, begin, stop, make, fits)


def _cuts(text: str, start: int, end: int, wanted: list[int]) -> list[int]:
    """Where to cut ``[start, end)``: as wanted, but before a link rather than within it.

    A link too long to be kept whole is cut all the same.
    """
    moved = list(wanted)
    for whole_start, whole_end in clean(text[start:end]).wholes:
        for place, cut in enumerate(moved):
            if start + whole_start < cut < start + whole_end:
                moved[place] = start + whole_start
    for cuts in (moved, wanted, [(start + end) // 2]):
        inside = sorted({cut for cut in cuts if start < cut < end})
        if inside:
            return inside
    raise AssertionError(f"[{start}, {end}) has no inside")
