"""What is read of known policies stays what it was, unless ``READING`` says that it changed."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from index.build import sentence_text
from index.encode import Tokens
from index.sentences import sentence_spans
from index.sources import Source, read_source
from index.sources.collapse import words_of
from index.sources.legible import why_not_legible
from index.split import Splitter
from index.store import READING, digest_of
from index.types import Sentence, Snapshot
from index.words import fold

ROOT = Path(__file__).parent.parent.parent
POLICIES = sorted((ROOT / "tests" / "data" / "policies").glob("*.md"))
DAY = date(2020, 2, 29)
# (READING, what it makes of the policies): write the two that a failing test prints.
EXPECTED = (1, "875ac4065abe5d8b")


def what_is_read(snapshot: Snapshot, splitter: Splitter) -> Iterator[str]:
    """All that the index holds of a snapshot but for vectors, a line each."""
    yield f"{words_of(snapshot.text.encode()).hex()} {why_not_legible(snapshot.text)}"
    for passage, place in splitter.split(snapshot):
        yield f"{passage!r} {place!r}"
        for start, end in sentence_spans(passage.text):
            sentence = sentence_text(passage, Sentence(0, 0, start, end, 0))
            yield f"{sentence} {fold(passage.text[start:end])}"


def test_whoever_changes_what_is_read_raises_its_number(store: Path) -> None:
    """Else an index would mix what older code made with what newer code makes."""
    splitter = Splitter(Tokens(next((store / "encoders").iterdir())).fit)
    seeds = [s for s in read_source(Source(ROOT / "seeds")) if isinstance(s, Snapshot)]
    others = [
        Snapshot(path.stem, path.stem, "", DAY, None, None, path.read_text("utf-8"), 0)
        for path in POLICIES
    ]
    lines = [line for s in [*seeds, *others] for line in what_is_read(s, splitter)]
    assert len(lines) > 5_000
    assert (READING, digest_of(lines)[:16]) == EXPECTED
