"""A snapshot → its passages, and where each one stands.

Passages follow the paragraphs, so that a text which stays the same between two snapshots stays the
same passage. They never cross a heading; list items stay with the sentence that introduces them.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from langchain_text_splitters import RecursiveCharacterTextSplitter

from index.clean import clean
from index.outline import Part, find_parts
from index.types import Occurrence, Passage, Snapshot

MAX_CHARACTERS = 900  # of cleaned text; measured on 17,694 real versions (docs/architecture.md)
MAX_CONTEXT = 240  # characters, so that even where each is a token the text still has room
SEPARATORS = ["\n\n", "\n", ". ", "; ", ", ", " ", ""]
PATH_SEPARATOR = " › "


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
    """The passages of ``snapshot`` in their order, with where each stands in ``snapshot.text``.

    ``fits`` says whether the encoder reads a text to its end; longer passages are halved until it
    does. The title of the page and all headings are left out of the passages' own texts.
    """
    passages: list[tuple[Passage, Occurrence]] = []
    for blocks, lead in _packed(snapshot.text, find_parts(snapshot.text, snapshot.body_start)):
        start, end, path = blocks[0].start, blocks[-1].end, blocks[0].path
        for piece_start, piece_end in _fitting(snapshot, start, end, path, lead, fits):
            passage = _passage(snapshot, piece_start, piece_end, path, lead)
            place = Occurrence(snapshot.id, len(passages), passage.key, piece_start, piece_end)
            passages.append((passage, place))
    return passages


def _passage(snapshot: Snapshot, start: int, end: int, path: tuple[str, ...], lead: str) -> Passage:
    text = clean(snapshot.text[start:end]).text
    heading = PATH_SEPARATOR.join(path)
    embedded = "\n".join([*_context(snapshot.name, path, lead), text])
    key = hashlib.sha256(embedded.encode()).hexdigest()
    return Passage(snapshot.company, heading, text, embedded, key)


def _context(name: str, path: tuple[str, ...], lead: str) -> list[str]:
    """Lines in front of the embedded text; too long, they lose the lead, then outer headings."""
    for kept_lead, kept_path in [(lead, path), *(("", path[level:]) for level in range(len(path)))]:
        lines = [line for line in (name, PATH_SEPARATOR.join(kept_path), kept_lead) if line]
        if len("\n".join(lines)) <= MAX_CONTEXT:
            return lines
    return [name[:MAX_CONTEXT]]


def _packed(text: str, parts: list[Part]) -> Iterator[tuple[list[_Block], str]]:
    """Blocks that make up one passage each, and the introduction of a list they go on with."""
    for _, run in groupby(_blocks(text, parts), key=lambda block: block and block.path):
        packed: list[_Block] = []
        introduction: _Block | None = None
        for unit in _units([block for block in run if block]):
            size = sum(block.size for block in unit)
            if packed and sum(block.size for block in packed) + size > MAX_CHARACTERS:
                yield packed, _lead(text, introduction, packed)
                packed = []
            for block in unit:
                if block.introduces and not block.is_item:
                    introduction = block
                elif not block.is_item:
                    introduction = None
                too_long = sum(b.size for b in packed) + block.size > MAX_CHARACTERS
                # The first item never parts from the sentence that introduces it.
                if too_long and packed and not packed[-1].introduces:
                    yield packed, _lead(text, introduction, packed)
                    packed = []
                packed.append(block)
        if packed:
            yield packed, _lead(text, introduction, packed)


def _lead(text: str, introduction: _Block | None, packed: list[_Block]) -> str:
    """The sentence that introduces list items whose passage begins after it, else ""."""
    if introduction is None or not packed[0].is_item or introduction in packed:
        return ""
    return clean(text[introduction.start : introduction.end]).text.rsplit(". ", 1)[-1]


def _blocks(text: str, parts: list[Part]) -> Iterator[_Block | None]:
    """What is searched, under its heading path; None where furniture comes between."""
    path: list[tuple[str, str]] = []  # (style, label) of the open headings, outermost first
    for part in parts:
        if part.label and part.style != "title":
            path = [*_enclosing(path, part.style), (part.style, part.label)]
        if part.kind == "furniture":
            if clean(text[part.start : part.end]).text:
                # A "top" link or a menu ends the sections that plain lines opened.
                path = [level for level in path if level[0].startswith(("atx", "underlined"))]
            yield None
        elif part.kind == "heading":
            yield None
        else:
            raw = text[part.start : part.end]
            start = part.end - len(raw.lstrip())
            end = part.start + len(raw.rstrip())
            cleaned = clean(raw).text
            labels = tuple(label for _, label in path)
            is_item = part.kind == "item"
            yield _Block(start, end, labels, len(cleaned), is_item, cleaned.endswith(":"))


def _enclosing(path: list[tuple[str, str]], style: str) -> list[tuple[str, str]]:
    """The open headings under which one of this style stands.

    ``#`` headings carry their level. Any other style stands beside the last of its own, or else
    below whatever is open.
    """
    if style.startswith("atx"):
        return [level for level in path if level[0].startswith("atx") and level[0] < style]
    if style.startswith("underlined"):
        return [level for level in path if level[0].startswith("underlined=") and level[0] < style]
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
    snapshot: Snapshot,
    start: int,
    end: int,
    path: tuple[str, ...],
    lead: str,
    fits: Callable[[str], bool],
) -> Iterator[tuple[int, int]]:
    """Spans that tile ``[start, end)`` but for white space and are short enough to embed."""
    passage = _passage(snapshot, start, end, path, lead)
    short = len(passage.text) <= MAX_CHARACTERS
    if not passage.text:
        return
    if short and fits(passage.embedded):
        yield start, end
        return
    # Links make the archived text longer than what is read, so the limit is scaled to it.
    ratio = (end - start) / len(passage.text)
    limit = MAX_CHARACTERS * ratio if not short else (end - start) / 2
    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        chunk_size=max(1, int(limit)),
        chunk_overlap=0,
        keep_separator="end",
        add_start_index=True,
    )
    for document in splitter.create_documents([snapshot.text[start:end]]):
        piece_start = start + int(document.metadata["start_index"])
        piece_end = piece_start + len(document.page_content)
        if (piece_start, piece_end) == (start, end):
            raise AssertionError(f"{snapshot.id} [{start}, {end}) cannot be split any further")
        yield from _fitting(snapshot, piece_start, piece_end, path, lead, fits)
