"""One verified generation, opened for reading: what the online half knows of the index."""

import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from index.corpus import Corpus
from index.nearest import Nearest
from index.store import READING, Manifest, StoreError, current_generation, verify_generation
from index.types import Company, FloatMatrix, Snapshot
from index.words import FINGERPRINT


@dataclass(frozen=True, slots=True)
class PolicyIndex:
    """Read-only; row ``i`` of ``vectors`` is passage ``i`` of ``corpus``, sorted by company."""

    name: str  # of the generation
    manifest: Manifest
    companies: dict[str, Company]  # by domain, in order
    rows: dict[str, tuple[int, int]]  # company → its passages' rows, half-open
    corpus: Corpus
    vectors: FloatMatrix  # (passages, 384) unit rows, mapped from disk; 16-bit in a large index
    sentence_vectors: FloatMatrix  # (sentences, 384) unit rows, likewise
    bm25: bm25s.BM25
    rarities: NDArray[np.float64]  # by column of ``bm25``; the last is that of an unknown term
    faiss: faiss.Index
    nearest: Nearest  # of the newest policies alone: an old one would answer for today's
    newest: dict[int, str]  # row → the newest snapshot of its company, if it stands in that one

    def day_in_force(self, company: str, day: date) -> date | None:
        """The newest day of a snapshot not after ``day``; None before the first."""
        days = self.companies[company].days
        position = bisect_right(days, day)
        return days[position - 1] if position else None

    def snapshot(self, company: str, day: date) -> Snapshot:
        """The snapshot of exactly that day. Raises KeyError when there is none."""
        return self.corpus.snapshot(f"{company}@{day.isoformat()}")

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a search term over all passages (BM25's, > 0)."""
        column = self.bm25.vocab_dict.get(term)
        return float(self.rarities[-1 if column is None else column])

    def rows_of(self, snapshots: Sequence[Snapshot]) -> list[int]:
        """The rows of all passages that stand in any of ``snapshots``, in order."""
        return sorted({row for s in snapshots for row in self.corpus.occurrences(s.id)})


def open_index(store: Path) -> PolicyIndex:
    """Open the current generation after comparing every file with its manifest.

    Raises StoreError when there is none or a file is damaged.
    """
    while True:
        folder = current_generation(store)
        try:
            return _open(folder)
        except (StoreError, OSError, sqlite3.Error) as error:
            # A build may have published others meanwhile, and removed this one.
            if current_generation(store) != folder:
                continue
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"{folder} cannot be read: {error}; run: policychat index") from None


def _open(folder: Path) -> PolicyIndex:
    manifest = verify_generation(folder)
    made_by = (manifest.settings.get("reading"), manifest.settings.get("words"))
    if made_by != (READING, FINGERPRINT):
        raise StoreError(f"{folder} was made by another version; run: policychat index")
    corpus = Corpus(folder / "corpus.sqlite")
    bm25 = bm25s.BM25.load(folder / "bm25", mmap=True)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    searched = faiss.read_index(str(folder / "vectors.faiss"))
    newest = corpus.newest()
    if not len(vectors) == searched.ntotal == manifest.counts["passages"]:
        raise StoreError(f"the files of {folder} disagree; run: policychat index")
    return PolicyIndex(
        name=folder.name,
        manifest=manifest,
        companies={company.company: company for company in corpus.companies()},
        rows=corpus.row_ranges(),
        corpus=corpus,
        # Plain views: memmap's own class costs more than reading a row does.
        vectors=np.asarray(vectors),
        sentence_vectors=np.asarray(np.load(folder / "sentences.npy", mmap_mode="r")),
        bm25=bm25,
        rarities=_rarities(bm25, manifest.counts["passages"]),
        faiss=searched,
        nearest=Nearest(searched, vectors, list(newest)),
        newest=newest,
    )


def _rarities(bm25: bm25s.BM25, passages: int) -> NDArray[np.float64]:
    holding = np.append(np.diff(bm25.scores["indptr"]), 0).astype(np.float64)
    return np.log(1 + (passages - holding + 0.5) / (holding + 0.5))
