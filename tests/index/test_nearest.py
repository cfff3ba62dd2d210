"""The search of a whole index finds what an exact one finds, however large the index."""

from collections.abc import Callable

import numpy as np
import pytest

import index.nearest
from index.encode import DIMENSIONS
from index.nearest import Nearest, build_faiss, kept_as, kind_for, measured_recall
from index.types import FloatMatrix

PASSAGES = 3_000


def clustered(count: int, seed: int) -> FloatMatrix:
    """Unit rows about sixty topics, as passages are."""
    random = np.random.default_rng(seed)
    topics = np.random.default_rng(0).normal(size=(60, DIMENSIONS))
    rows = topics[random.integers(0, 60, count)] + random.normal(size=(count, DIMENSIONS))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(params=["exact", "cells"])
def search(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[FloatMatrix, list[int] | None], Nearest]:
    """Both kinds of index, the second as for a large one."""
    if request.param == "cells":
        monkeypatch.setattr(index.nearest, "EXACT_UP_TO", PASSAGES - 1)

    def build(vectors: FloatMatrix, rows: list[int] | None) -> Nearest:
        kept = vectors.astype(kept_as(len(vectors)))
        assert kept.dtype == (np.float32 if request.param == "exact" else np.float16)
        return Nearest(build_faiss(kept), kept, rows)

    return build


Search = Callable[[FloatMatrix, list[int] | None], Nearest]


def test_the_nearest_come_first_with_their_cosines(search: Search) -> None:
    vectors, question = clustered(PASSAGES, 1), clustered(1, 2)[0]
    cosines, rows = search(vectors, None)(question, 50)
    assert len(rows) == len({*rows}) == 50
    assert np.abs(cosines - vectors[rows] @ question).max() < 1e-3
    assert (np.diff(cosines) <= 1e-6).all()


def test_only_the_chosen_rows_are_found(search: Search) -> None:
    chosen = [*range(5, PASSAGES, 7)]
    _, rows = search(clustered(PASSAGES, 1), chosen)(clustered(1, 2)[0], 40)
    assert {*rows} <= {*chosen}
    assert len(rows) == 40


def test_fewer_rows_than_are_wanted_are_all_found_by_comparing_them(search: Search) -> None:
    few = search(clustered(PASSAGES, 1), [3, 4, 2_000])
    assert {*few.exactly(clustered(1, 2)[0], 50)[1]} == {3, 4, 2_000}
    assert {*few(clustered(1, 2)[0], 50)[1]} <= {3, 4, 2_000}


def test_the_recall_is_measured_against_the_exact_search(search: Search) -> None:
    vectors = clustered(PASSAGES, 1)
    assert measured_recall(search(vectors, None), clustered(300, 3)) >= 0.95


def test_a_search_that_finds_others_has_no_recall() -> None:
    vectors = clustered(PASSAGES, 1)
    shifted = Nearest(build_faiss(np.roll(vectors, 1, axis=0)), vectors)
    assert measured_recall(shifted, clustered(50, 3)) < 0.1


@pytest.mark.parametrize(
    ("passages", "kind"),
    [(0, "Flat"), (250_000, "Flat"), (250_001, "IVF2000,SQ8"), (4_100_000, "IVF8096,SQ8")],
)
def test_the_kind_follows_from_the_number_of_passages(passages: int, kind: str) -> None:
    assert kind_for(passages) == kind
    assert kept_as(passages) == (np.float32 if kind == "Flat" else np.float16)
