"""A collection of documents from elsewhere, searched as the program searches its own passages.

It is indexed in memory for one measurement: split, embedded and weighed by the same functions as
the policies, within a company where the collection names one. A document scores as its best
passage.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from chatbot.names import Names
from chatbot.retrieve import fuse, word_scores
from chatbot.understand import understand
from index.build import index_words
from index.encode import DIMENSIONS, Encoder
from index.names import company_name
from index.split import split_snapshot
from index.types import Company, FloatMatrix, Passage, Snapshot

NO_DAY = date(1, 1, 1)  # documents from elsewhere have none


@dataclass(frozen=True, slots=True)
class ForeignDocument:
    """A document that is ranked as a whole."""

    id: str
    title: str
    text: str
    company: str = ""  # "" where the collection names none
    day: str = ""  # YYYY-MM-DD, likewise


class ForeignCollection:
    """Documents in memory, with their passages' vectors and words."""

    def __init__(
        self,
        documents: Sequence[ForeignDocument],
        encoder: Encoder,
        progress: Callable[[int], None] = lambda more: None,
    ) -> None:
        """Split and embed all documents; ``progress`` learns how many passages more are done."""
        self.documents = documents
        passages: list[Passage] = []
        owners: list[int] = []
        for number, document in enumerate(documents):
            found = _passages(document, encoder)
            passages += found
            owners += [number] * len(found)
        self._owners = np.array(owners, dtype=np.int64)  # (passages,) the document of each
        self._encoder = encoder
        self._vectors = _embed([passage.embedded for passage in passages], encoder, progress)
        self._bm25 = index_words(passages)
        domains = sorted({document.company for document in documents if document.company})
        self._names = Names([Company(d, company_name(d, "", ""), ()) for d in domains], ())
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row, owner in enumerate(owners):
            place = (documents[owner].company, documents[owner].day)
            self._rows.setdefault(place, []).append(row)

    def search(
        self, question: str, companies: Sequence[str], days: Sequence[str], limit: int
    ) -> list[tuple[str, float]]:
        """Documents with their scores, best first; of these companies and days where any are named.

        A document without a company or day can be of any.
        """
        rows = np.array(
            [
                row
                for (company, day), of_place in self._rows.items()
                if (not companies or not company or company in companies)
                and (not days or not day or day in days)
                for row in of_place
            ],
            dtype=np.int64,
        )
        if not len(rows):
            return []
        understood = understand(question, self._names)
        cosines = self._vectors[rows] @ self._encoder.encode([understood.embedded])[0]  # (rows,)
        scores = fuse(cosines, word_scores(self._bm25, understood.topic)[rows])
        ranking: dict[int, float] = {}
        for place in np.argsort(-scores, kind="stable"):
            ranking.setdefault(int(self._owners[rows[place]]), float(scores[place]))
            if len(ranking) == limit:
                break
        return [(self.documents[number].id, score) for number, score in ranking.items()]


def foreign_snapshot(title: str, text: str, company: str = "") -> Snapshot:
    """A text from elsewhere as the index knows texts; its title stands for a company's name."""
    return Snapshot(company, title, "", NO_DAY, None, None, text, 0)


def _passages(document: ForeignDocument, encoder: Encoder) -> list[Passage]:
    snapshot = foreign_snapshot(document.title, document.text, document.company)
    found = [passage for passage, _ in split_snapshot(snapshot, encoder.fits)]
    # What looks like nothing but headings and menus is a document all the same.
    return found or [Passage(document.company, document.title, document.text, document.text, "")]


def _embed(texts: Sequence[str], encoder: Encoder, progress: Callable[[int], None]) -> FloatMatrix:
    """Vectors of ``texts``, (texts, 384), embedding each different text once."""
    unique = sorted(set(texts), key=len)
    rows = np.empty((len(unique), DIMENSIONS), dtype=np.float32)
    for start in range(0, len(unique), 64):
        rows[start : start + 64] = encoder.encode(unique[start : start + 64])
        progress(len(unique[start : start + 64]))
    place = {text: row for row, text in enumerate(unique)}
    vectors: FloatMatrix = rows[[place[text] for text in texts]]
    return vectors
