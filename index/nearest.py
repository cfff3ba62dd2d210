"""The passages nearest to a vector, of all companies: exact while that is fast enough.

How vectors are kept and how they are searched depends on how many passages there are; both are
decided here. Up to 250,000 passages vectors are 32-bit floats, all of which are compared. Beyond,
they are 16-bit, and FAISS compares 8-bit copies of those in the likeliest of many cells; the best
of these are compared again with the vectors as they are kept.
"""

from collections.abc import Sequence
from math import isqrt

import faiss
import numpy as np
from numpy.typing import DTypeLike, NDArray

from index.encode import DIMENSIONS
from index.types import FloatMatrix

EXACT_UP_TO = 250_000  # passages; one core compares 100,000 in 20 ms
CELLS_SEARCHED = 32  # of about 4 √passages; 16 of 512 find .988 of the ten nearest
TRAINED_ON = 50  # vectors a cell
AGAIN = 4  # times as many as are wanted are compared again
PIECE = 50_000  # vectors that are added at once
MEASURED_ON, MEASURED_AT = 200, 10  # vectors, and the nearest of each


def kept_as(passages: int) -> DTypeLike:
    """The type of the numbers in ``vectors.npy`` and ``sentences.npy``."""
    return np.float32 if passages <= EXACT_UP_TO else np.float16


def kind_for(passages: int) -> str:
    """What FAISS calls the kind of index for so many passages."""
    return "Flat" if passages <= EXACT_UP_TO else f"IVF{4 * isqrt(passages)},SQ8"


def build_faiss(vectors: FloatMatrix) -> faiss.Index:
    """An index of all rows of ``vectors``, (passages, 384), which may be mapped from disk."""
    index = faiss.index_factory(DIMENSIONS, kind_for(len(vectors)), faiss.METRIC_INNER_PRODUCT)
    if isinstance(index, faiss.IndexIVF):
        step = max(1, len(vectors) // (TRAINED_ON * index.nlist))
        index.train(np.ascontiguousarray(vectors[::step], dtype=np.float32))
    for first in range(0, len(vectors), PIECE):
        index.add(np.ascontiguousarray(vectors[first : first + PIECE], dtype=np.float32))
    return index


def measured_recall(search: "Nearest", questions: FloatMatrix) -> float:
    """The share of the ten nearest passages that ``search`` finds; 0…1.

    ``questions`` are vectors, (n, 384), of which 200 are asked.
    """
    asked = questions[:: max(1, len(questions) // MEASURED_ON)][:MEASURED_ON].astype(np.float32)
    right = search.exactly_all(asked, MEASURED_AT)
    shares = [
        len({*search(question, MEASURED_AT)[1]} & {*rows}) / max(1, len(rows))
        for question, rows in zip(asked, right, strict=True)
    ]
    return float(np.mean(shares)) if shares else 1.0


class Nearest:
    """Searches some rows of an index: those of the newest policies, say."""

    def __init__(
        self, index: faiss.Index, vectors: FloatMatrix, rows: Sequence[int] | None = None
    ) -> None:
        """Search ``rows`` of ``index``, by default all; ``vectors`` are those it was built of."""
        self._index, self._vectors = index, vectors
        self._rows = np.arange(len(vectors)) if rows is None else np.array(sorted(rows), np.int64)
        selected = np.zeros(len(vectors), dtype=bool)
        selected[self._rows] = True
        selector = faiss.IDSelectorBitmap(np.packbits(selected, bitorder="little"))  # type: ignore[call-arg, arg-type]  # its stub knows C++ only
        self._wanted: faiss.SearchParameters
        if isinstance(index, faiss.IndexIVF):
            self._wanted = faiss.SearchParametersIVF(sel=selector, nprobe=CELLS_SEARCHED)  # type: ignore[call-arg]  # its stub lacks them
        else:
            self._wanted = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # likewise

    def __call__(self, vector: FloatMatrix, limit: int) -> tuple[FloatMatrix, NDArray[np.int64]]:
        """Cosines and rows of the passages nearest to ``vector``, (384,), best first."""
        exact = not isinstance(self._index, faiss.IndexIVF)
        limit = min(limit, len(self._rows))
        many = limit if exact else min(limit * AGAIN, len(self._rows))
        cosines, rows = self._index.search(vector[np.newaxis], many, params=self._wanted)
        if exact:
            return cosines[0], rows[0]
        return self._best(vector, rows[0][rows[0] >= 0], limit)

    def exactly(self, vector: FloatMatrix, limit: int) -> tuple[FloatMatrix, NDArray[np.int64]]:
        """The same with every passage compared."""
        return self._best(vector, self._rows, limit)

    def exactly_all(self, questions: FloatMatrix, limit: int) -> list[NDArray[np.int64]]:
        """The rows nearest to each of ``questions``, (n, 384): each piece is read once for all."""
        found = np.empty((len(questions), 0), dtype=np.int64)
        cosines = np.empty((len(questions), 0), dtype=np.float32)
        for first in range(0, len(self._rows), PIECE):
            rows = self._rows[first : first + PIECE]
            compared = questions @ self._vectors[rows].astype(np.float32).T
            cosines = np.hstack([cosines, compared])
            found = np.hstack([found, np.broadcast_to(rows, compared.shape)])
            best = np.argsort(-cosines, axis=1, kind="stable")[:, :limit]
            cosines = np.take_along_axis(cosines, best, axis=1)
            found = np.take_along_axis(found, best, axis=1)
        return list(found)

    def _best(
        self, vector: FloatMatrix, rows: NDArray[np.int64], limit: int
    ) -> tuple[FloatMatrix, NDArray[np.int64]]:
        cosines = self._vectors[rows] @ vector
        best = np.argsort(-cosines, kind="stable")[:limit]
        return cosines[best], rows[best]
