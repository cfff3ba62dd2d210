"""``corpus.sqlite``: the snapshots, passages, occurrences and sentences of one generation."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from weakref import finalize

from index.store import FORMAT
from index.types import Company, Occurrence, Passage, Sentence, Snapshot

SCHEMA = """
CREATE TABLE snapshots (
  id TEXT NOT NULL, source TEXT NOT NULL,
  served INTEGER NOT NULL,  -- 0: another source or file of that company and day comes before it
  company TEXT NOT NULL, name TEXT NOT NULL, own_name TEXT NOT NULL, title TEXT NOT NULL,
  captured_on TEXT NOT NULL, archived_url TEXT, original_url TEXT,
  body_start INTEGER NOT NULL, text BLOB NOT NULL,
  origin TEXT NOT NULL, own_company TEXT NOT NULL, PRIMARY KEY (id, source, origin)
) WITHOUT ROWID;
CREATE TABLE aliases (company TEXT NOT NULL, alias TEXT NOT NULL);
CREATE INDEX snapshots_of_company ON snapshots (company, captured_on);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, company TEXT NOT NULL,
  heading TEXT NOT NULL, text TEXT NOT NULL, embedded TEXT NOT NULL
);
CREATE TABLE occurrences (
  snapshot_id TEXT NOT NULL, ordinal INTEGER NOT NULL, row INTEGER NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, PRIMARY KEY (snapshot_id, ordinal)
) WITHOUT ROWID;
CREATE TABLE sentences (
  id INTEGER PRIMARY KEY, row INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  fold_hash INTEGER NOT NULL
);
CREATE INDEX passages_of_company ON passages (company);
CREATE INDEX occurrences_of_row ON occurrences (row);
CREATE INDEX sentences_of_row ON sentences (row);
CREATE INDEX sentences_by_words ON sentences (fold_hash);
"""


@dataclass(frozen=True, slots=True)
class SourcedSnapshot:
    """A snapshot as a source brought it, its text compressed: a build holds all of them."""

    source: str  # its id
    snapshot: Snapshot  # under the name that it gives the company; without its text
    name: str  # that the company's newest snapshot gives it
    served: bool  # whether it is the one that counts for its company and day
    origin: str  # the file of the source that it stands in
    own_company: str  # the domain or service that the source names
    text_sha256: str
    packed: bytes = field(repr=False, compare=False)  # the text in UTF-8, by zlib

    @classmethod
    def of(cls, source: str, snapshot: Snapshot, origin: str) -> "SourcedSnapshot":
        """A snapshot that a source has just brought."""
        text = snapshot.text.encode()
        return cls(
            source,
            replace(snapshot, text=""),
            name=snapshot.name,
            served=True,
            origin=origin,
            own_company=snapshot.company,
            text_sha256=hashlib.sha256(text).hexdigest(),
            packed=zlib.compress(text),
        )

    def whole(self) -> Snapshot:
        """The snapshot with its text, under the name that its company has."""
        text = zlib.decompress(self.packed).decode()
        return replace(self.snapshot, name=self.name, text=text)


CACHED_TEXTS = 64  # snapshots kept decoded; a long one takes about 0.5 MB
CACHED_PASSAGES = 2000  # passages kept read, and their sentences; about 3 KB each


def write_corpus(
    path: Path,
    snapshots: Iterable[SourcedSnapshot],
    passages: Sequence[Passage],
    occurrences: Iterable[Occurrence],
    sentences: Iterable[Sentence],
    aliases: Mapping[str, Sequence[str]],
) -> None:
    """Write everything into a new file; a passage's row is its place in ``passages``."""
    row_of = {passage.key: row for row, passage in enumerate(passages)}
    connection = sqlite3.connect(path)
    # The whole generation is synced before it is published, and a half-written one is thrown away.
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    snapshot.id,
                    sourced.source,
                    sourced.served,
                    snapshot.company,
                    sourced.name,
                    snapshot.name,
                    snapshot.title,
                    snapshot.captured_on.isoformat(),
                    snapshot.archived_url,
                    snapshot.original_url,
                    snapshot.body_start,
                    sourced.packed,
                    sourced.origin,
                    sourced.own_company,
                )
                for sourced in snapshots
                for snapshot in [sourced.snapshot]
            ),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            (
                (row, passage.key, passage.company, passage.heading, passage.text, passage.embedded)
                for row, passage in enumerate(passages)
            ),
        )
        connection.executemany(
            "INSERT INTO occurrences VALUES (?, ?, ?, ?, ?)",
            ((o.snapshot_id, o.ordinal, row_of[o.key], o.start, o.end) for o in occurrences),
        )
        connection.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
            ((s.id, s.row, s.start, s.end, s.fold_hash) for s in sentences),
        )
        connection.executemany(
            "INSERT INTO aliases VALUES (?, ?)",
            ((company, alias) for company in sorted(aliases) for alias in aliases[company]),
        )
    connection.close()


COLUMNS = "company, name, title, captured_on, archived_url, original_url, text, body_start"


def _snapshot(
    company: str,
    name: str,
    title: str,
    day: str,
    archived_url: str | None,
    original_url: str | None,
    text: bytes,
    body_start: int,
) -> Snapshot:
    """A row of COLUMNS."""
    return Snapshot(
        company=company,
        name=name,
        title=title,
        captured_on=date.fromisoformat(day),
        archived_url=archived_url,
        original_url=original_url,
        text=zlib.decompress(text).decode(),
        body_start=body_start,
    )


def _read_snapshot(connection: sqlite3.Connection, snapshot_id: str) -> Snapshot:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM snapshots WHERE id = ? AND served",  # noqa: S608  # likewise
        (snapshot_id,),
    ).fetchone()
    if row is None:
        raise KeyError(snapshot_id)
    return _snapshot(*row)


def _read_occurrences(
    connection: sqlite3.Connection, snapshot_id: str
) -> dict[int, list[tuple[int, int]]]:
    """Passage row → where it stands in the snapshot, in order."""
    places: dict[int, list[tuple[int, int]]] = {}
    for row, start, end in connection.execute(
        "SELECT row, start, end FROM occurrences WHERE snapshot_id = ? ORDER BY ordinal",
        (snapshot_id,),
    ):
        places.setdefault(row, []).append((start, end))
    return places


def _read_passage(connection: sqlite3.Connection, row: int) -> Passage:
    """The passage of this row."""
    key, company, heading, text, embedded = connection.execute(
        "SELECT key, company, heading, text, embedded FROM passages WHERE row = ?", (row,)
    ).fetchone()
    return Passage(company, heading, text, embedded, key)


def _read_sentences(connection: sqlite3.Connection, row: int) -> tuple[Sentence, ...]:
    """The sentences of the passage of this row, in order."""
    return tuple(
        Sentence(*sentence)
        for sentence in connection.execute(
            "SELECT id, row, start, end, fold_hash FROM sentences WHERE row = ? ORDER BY id",
            (row,),
        )
    )


class Corpus:
    """Reads ``corpus.sqlite``; the file never changes while it is open."""

    def __init__(self, path: Path) -> None:
        """Open the file, which must have been verified."""
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        # Caches of methods would hold the corpus, and a server that follows the index would keep
        # every generation it ever served.
        self.snapshot = lru_cache(CACHED_TEXTS)(partial(_read_snapshot, self._connection))
        self.occurrences = lru_cache(CACHED_TEXTS)(partial(_read_occurrences, self._connection))
        self.passage = lru_cache(CACHED_PASSAGES)(partial(_read_passage, self._connection))
        self.sentences = lru_cache(CACHED_PASSAGES)(partial(_read_sentences, self._connection))
        finalize(self, self._connection.close)

    def companies(self) -> list[Company]:
        """Every company, by domain, with its days in order."""
        days: dict[str, list[date]] = {}
        names: dict[str, str] = {}
        for company, name, day in self._connection.execute(
            "SELECT company, name, captured_on FROM snapshots WHERE served"
            " ORDER BY company, captured_on"
        ):
            days.setdefault(company, []).append(date.fromisoformat(day))
            names[company] = name
        aliases: dict[str, list[str]] = {}
        for company, alias in self._connection.execute("SELECT company, alias FROM aliases"):
            aliases.setdefault(company, []).append(alias)
        return [
            Company(company, names[company], tuple(days[company]), tuple(aliases.get(company, ())))
            for company in days
        ]

    def row_ranges(self) -> dict[str, tuple[int, int]]:
        """Company → its passages' rows, half-open."""
        return {
            company: (first, last + 1)
            for company, first, last in self._connection.execute(
                "SELECT company, min(row), max(row) FROM passages GROUP BY company"
            )
        }

    def newest(self) -> dict[int, str]:
        """Row → the snapshot in which it stands, for the newest snapshot of every company."""
        return dict(
            self._connection.execute(
                "SELECT DISTINCT row, snapshot_id FROM occurrences WHERE snapshot_id IN"
                " (SELECT company || '@' || max(captured_on) FROM snapshots WHERE served"
                " GROUP BY company)"
            )
        )

    def sourced_snapshots(self, written_as: int = FORMAT) -> Iterator[SourcedSnapshot]:
        """Every snapshot that any source brought, served or not, under the name it gives itself.

        ``written_as`` is the generation's format: 1 had neither aliases nor archives.
        """
        since_format_2 = "'' AS origin, company" if written_as == 1 else "origin, own_company"
        for *snapshot, name, source, served, origin, own in self._connection.execute(
            f"SELECT {COLUMNS.replace('name', 'own_name')}, name, source, served,"  # noqa: S608  # our own constants
            f" {since_format_2} FROM snapshots ORDER BY id, source, origin"
        ):
            brought = SourcedSnapshot.of(source, _snapshot(*snapshot), origin)
            yield replace(brought, name=name, served=bool(served), own_company=own)

    def days_with(self, company: str, sentence: Sentence) -> set[date]:
        """The days of the company's snapshots in which this sentence stands, however placed."""
        return {
            date.fromisoformat(day)
            for (day,) in self._connection.execute(
                "SELECT DISTINCT captured_on FROM sentences"
                " JOIN occurrences USING (row)"
                " JOIN snapshots ON snapshots.id = occurrences.snapshot_id"
                " WHERE fold_hash = ? AND company = ? AND served",
                (sentence.fold_hash, company),
            )
        }

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
