"""Filter → dense + BM25 → fused hits."""

from collections.abc import Sequence

import numpy as np
from bm25s import BM25
from numpy.typing import NDArray

from chatbot.types import Hit
from index.policy_index import PolicyIndex
from index.types import FloatMatrix, Snapshot
from index.words import terms

DENSE_SHARE = 0.7  # of the fused score; the rest is BM25 (docs/architecture.md, decision 4)
CANDIDATES = 50  # passages that FAISS returns when no company is known

Scores = NDArray[np.float32]


def retrieve(
    policy_index: PolicyIndex,
    question: str,
    question_vector: FloatMatrix,
    snapshots: Sequence[Snapshot],
    *,
    limit: int,
) -> list[Hit]:
    """The passages of ``snapshots``, best first, at most ``limit``, each once a snapshot.

    ``question_vector`` has shape (384,). Without snapshots the newest of every company is searched.
    """
    rows: NDArray[np.int64]
    if snapshots:
        rows = np.array(policy_index.rows_of(snapshots), dtype=np.int64)
        cosines = policy_index.vectors[rows] @ question_vector  # (rows,)
    else:
        cosines, rows = policy_index.nearest(question_vector, CANDIDATES)
    if not len(rows):
        return []
    bm25 = word_scores(policy_index.bm25, question)[rows]
    fused = fuse(cosines, bm25)
    hits: list[Hit] = []
    for place in np.argsort(-fused, kind="stable"):
        row = int(rows[place])
        standing = snapshots or [policy_index.corpus.snapshot(policy_index.newest[row])]
        for snapshot in standing:
            for start, end in policy_index.corpus.occurrences(snapshot.id).get(row, [])[:1]:
                hits.append(
                    Hit(
                        snapshot=snapshot,
                        passage=policy_index.corpus.passage(row),
                        sentences=policy_index.corpus.sentences(row),
                        row=row,
                        start=start,
                        end=end,
                        score=float(fused[place]),
                        cosine=float(cosines[place]),
                        bm25=float(bm25[place]),
                    )
                )
        if len(hits) >= limit:
            break
    return hits[:limit]


def word_scores(bm25: BM25, question: str) -> Scores:
    """BM25 score of every passage, (passages,); all 0 where no word of the question is known."""
    known = [word for word in terms(question) if word in bm25.vocab_dict]
    if not known:
        return np.zeros(bm25.scores["num_docs"], dtype=np.float32)
    scores: Scores = bm25.get_scores(known)
    return scores


def fuse(cosines: Scores, bm25: Scores, dense_share: float = DENSE_SHARE) -> Scores:
    """One score from 0 to 1 for each passage, higher where both of its scores are high."""
    fused: Scores = dense_share * spread(cosines) + (1 - dense_share) * spread(bm25)
    return fused


def spread(scores: Scores) -> Scores:
    """``scores`` stretched to 0…1; all 0 where they are all the same."""
    low, high = scores.min(), scores.max()
    if high == low:
        return np.zeros_like(scores)
    stretched: Scores = (scores - low) / (high - low)
    return stretched
