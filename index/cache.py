"""Embeddings kept beside the generations, so that an interrupted build goes on where it stopped."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.types import FloatMatrix

CHUNK = 256  # texts between two commits: what a killed build loses at most


class EmbeddingCache:
    """Unit vectors by the hash of the embedded text, for the weights of one encoder."""

    def __init__(self, folder: Path, weights_sha256: str) -> None:
        """Open the cache of these weights in ``folder``; a damaged one is emptied."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{weights_sha256[:16]}.sqlite"
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError:
            self._path.unlink()  # it holds nothing that cannot be computed again
            self._connection = self._open()

    def encode(
        self,
        texts: Sequence[str],
        encode: Callable[[Sequence[str]], FloatMatrix],
        progress: Callable[[int], None],
    ) -> tuple[FloatMatrix, int]:
        """Rows for ``texts``, (len(texts), 384), and how many of them had to be computed."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        try:
            known = self._read(set(keys))
        except sqlite3.DatabaseError:
            self._begin_anew()
            known = {}
        missing = list(dict.fromkeys(key for key in keys if key not in known))
        text_of = dict(zip(keys, texts, strict=True))
        progress(len(texts) - len(missing))
        # Texts of like length are encoded together: padding is work.
        missing.sort(key=lambda key: len(text_of[key]))
        for first in range(0, len(missing), CHUNK):
            chunk = missing[first : first + CHUNK]
            rows = encode([text_of[key] for key in chunk])
            self._write(chunk, rows)
            known.update(zip(chunk, rows, strict=True))
            progress(len(chunk))
        vectors = np.stack([known[key] for key in keys]) if keys else np.empty((0, 384), np.float32)
        return vectors, len(missing)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _begin_anew(self) -> None:
        """Leave what turned out to be damaged: it can all be computed again."""
        self._connection.close()
        self._path.unlink()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        try:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL,"
                " check_sum BLOB NOT NULL) WITHOUT ROWID"
            )
            whole = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            connection.execute("SELECT key, vector, check_sum FROM vectors LIMIT 1")
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            whole = False
        if not whole:
            connection.close()
            raise sqlite3.DatabaseError(f"{self._path} is damaged")
        return connection

    def _read(self, keys: set[bytes]) -> dict[bytes, FloatMatrix]:
        found = {}
        for key in keys:
            row = self._connection.execute(
                "SELECT vector, check_sum FROM vectors WHERE key = ?", (key,)
            ).fetchone()
            if row and _check_sum(key, row[0]) == row[1]:
                found[key] = np.frombuffer(row[0], dtype=np.float32)
        return found

    def _write(self, keys: Sequence[bytes], rows: FloatMatrix) -> None:
        blobs = [row.tobytes() for row in rows]
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, blob, _check_sum(key, blob)) for key, blob in zip(keys, blobs, strict=True)],
            )


def _check_sum(key: bytes, vector: bytes) -> bytes:
    return hashlib.sha256(key + vector).digest()[:8]
