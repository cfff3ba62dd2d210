"""Vectors are computed once; whatever happens to the file that keeps them, they come out right."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.cache import CHUNK, EmbeddingCache
from index.types import FloatMatrix

WEIGHTS = "5" * 64
TEXTS = [f"text {number}" for number in range(40)]


def vector_of(text: str) -> FloatMatrix:
    """Any vector that depends on nothing but the text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).random(384, dtype=np.float32)


class _Recorder:
    """An encoder that remembers what it was asked for, and can fail after some calls."""

    def __init__(self, fails_after: int = 1_000) -> None:
        self.batches: list[list[str]] = []
        self.fails_after = fails_after

    def __call__(self, texts: Sequence[str]) -> FloatMatrix:
        if len(self.batches) == self.fails_after:
            raise KeyboardInterrupt
        self.batches.append(list(texts))
        return np.stack([vector_of(text) for text in texts])

    @property
    def texts(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


def encode(folder: Path, texts: Sequence[str], weights: str = WEIGHTS) -> list[str]:
    """Have the cache make the right vectors; return the texts that had to be computed."""
    recorder = _Recorder()
    cache = EmbeddingCache(folder, weights)
    vectors, computed = cache.encode(texts, recorder, lambda more: None)
    cache.close()
    assert np.array_equal(vectors, np.stack([vector_of(text) for text in texts]))
    assert computed == len(recorder.texts)
    return recorder.texts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a cache that knows TEXTS."""
    encode(tmp_path, TEXTS)
    (path,) = tmp_path.iterdir()
    return path


def test_vectors_come_in_the_order_of_their_texts(tmp_path: Path) -> None:
    texts = ["a long text comes first here", "b", "a longer one", "cc"]
    assert sorted(encode(tmp_path, texts)) == sorted(texts)
    assert encode(tmp_path, texts[::-1]) == []


def test_what_is_known_is_not_computed_again(file: Path) -> None:
    assert encode(file.parent, TEXTS) == []


def test_only_what_is_new_is_computed(file: Path) -> None:
    assert encode(file.parent, ["new", *TEXTS]) == ["new"]


def test_a_text_that_comes_twice_is_computed_once(tmp_path: Path) -> None:
    assert encode(tmp_path, ["same", "other", "same"]) in (["same", "other"], ["other", "same"])


def test_other_weights_have_vectors_of_their_own(file: Path) -> None:
    assert sorted(encode(file.parent, TEXTS, "6" * 64)) == sorted(TEXTS)


def test_no_texts_give_no_rows(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, WEIGHTS)
    vectors, computed = cache.encode([], _Recorder(), lambda more: None)
    cache.close()
    assert (vectors.shape, vectors.dtype, computed) == ((0, 384), np.float32, 0)


def test_progress_adds_up_to_all_texts(file: Path) -> None:
    cache = EmbeddingCache(file.parent, WEIGHTS)
    steps: list[int] = []
    cache.encode([*TEXTS, *(f"new {n}" for n in range(CHUNK + 1))], _Recorder(), steps.append)
    cache.close()
    assert steps == [len(TEXTS), CHUNK, 1]


def test_what_was_computed_before_an_interruption_is_kept(tmp_path: Path) -> None:
    texts = [f"{number:04}" for number in range(2 * CHUNK)]
    recorder = _Recorder(fails_after=1)
    cache = EmbeddingCache(tmp_path, WEIGHTS)
    with pytest.raises(KeyboardInterrupt):
        cache.encode(texts, recorder, lambda more: None)
    cache.close()
    assert len(recorder.texts) == CHUNK
    assert set(encode(tmp_path, texts)) == set(texts) - set(recorder.texts)


# --- Damage ---------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_emptied(file: Path) -> None:
    file.write_bytes(b"this is no database " * 500)
    assert sorted(encode(file.parent, TEXTS)) == sorted(TEXTS)
    assert encode(file.parent, TEXTS) == []


@pytest.mark.parametrize("kept", [0, 1, 99, 100, 4_095, 4_096, 40_000, -4_096, -1])
def test_a_truncated_file_costs_nothing_but_time(file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    encode(file.parent, TEXTS)
    assert encode(file.parent, TEXTS) == []


@pytest.mark.parametrize("column", ["vector", "check_sum"])
def test_a_row_that_was_altered_is_computed_again(file: Path, column: str) -> None:
    key = hashlib.sha256(TEXTS[7].encode()).digest()
    connection = sqlite3.connect(file)
    with connection:
        statement = {
            "vector": "UPDATE vectors SET vector = zeroblob(1536) WHERE key = ?",
            "check_sum": "UPDATE vectors SET check_sum = zeroblob(8) WHERE key = ?",
        }[column]
        assert connection.execute(statement, (key,)).rowcount == 1
    connection.close()
    assert encode(file.parent, TEXTS) == [TEXTS[7]]
    assert encode(file.parent, TEXTS) == []


def test_a_vector_of_another_text_is_not_taken(file: Path) -> None:
    key, other = (hashlib.sha256(text.encode()).digest() for text in TEXTS[:2])
    connection = sqlite3.connect(file)
    with connection:
        row = "SELECT vector, check_sum FROM vectors WHERE key = ?"
        vector = connection.execute(row, (other,)).fetchone()
        update = "UPDATE vectors SET vector = ?, check_sum = ? WHERE key = ?"
        connection.execute(update, (*vector, key))
    connection.close()
    assert encode(file.parent, TEXTS) == [TEXTS[0]]


def test_a_flipped_byte_anywhere_costs_nothing_but_time(file: Path) -> None:
    whole = file.read_bytes()
    for position in range(0, len(whole), 1_009):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        file.write_bytes(damaged)
        encode(file.parent, TEXTS)


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_in_the_schema_costs_nothing_but_time(file: Path, flip: int) -> None:
    whole = file.read_bytes()
    start = whole.index(b"CREATE TABLE")
    for position in range(start, whole.index(b"WITHOUT ROWID") + len(b"WITHOUT ROWID")):
        damaged = bytearray(whole)
        damaged[position] ^= flip
        file.write_bytes(damaged)
        encode(file.parent, TEXTS[:3])
