"""Embeddings kept beside the generations, so that an interrupted build goes on where it stopped."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from index.encode import DIMENSIONS
from index.types import FloatMatrix

CHUNK = 512  # texts between two commits: what a killed build loses at most


class EmbeddingCache:
    """Unit vectors by the hash of the embedded text, for the weights of one encoder."""

    def __init__(self, folder: Path, weights_sha256: str) -> None:
        """Open the cache of these weights in ``folder``; of a damaged one what is whole is kept.

        Raises sqlite3.Error and OSError for a disk that is full, failing or read-only: then the
        file is left alone.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{weights_sha256[:16]}.sqlite"
        self._damaged = self._path.with_suffix(".damaged")
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._begin_anew()
        else:
            self._salvage()  # a repair that was killed

    def encode(
        self,
        texts: Sequence[str],
        encode: Callable[[Sequence[str]], FloatMatrix],
        progress: Callable[[int], None],
        kept_as: DTypeLike = np.float32,
    ) -> tuple[FloatMatrix, int]:
        """Rows for ``texts``, (len(texts), 384), and how many of them had to be computed."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=kept_as)
        rows_of: dict[bytes, list[int]] = {}
        for row, text in enumerate(texts):
            rows_of.setdefault(hashlib.sha256(text.encode()).digest(), []).append(row)
        try:
            missing = self._fill(vectors, rows_of)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._begin_anew()
            missing = self._fill(vectors, rows_of)
        progress(len(texts) - len(missing))
        # Texts of like length are encoded together: padding is work.
        missing.sort(key=lambda key: len(texts[rows_of[key][0]]))
        for first in range(0, len(missing), CHUNK):
            chunk = missing[first : first + CHUNK]
            computed = encode([texts[rows_of[key][0]] for key in chunk])
            self._write(chunk, computed)
            for key, vector in zip(chunk, computed, strict=True):
                vectors[rows_of[key]] = vector
            progress(len(chunk))
        return vectors, len(missing)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _begin_anew(self) -> None:
        """Start a new file with all that can still be read of the damaged one."""
        if connection := getattr(self, "_connection", None):
            connection.close()
        self._path.replace(self._damaged)
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self._connection = self._open()
        self._salvage()

    def _salvage(self) -> None:
        if not self._damaged.exists():
            return
        damaged = sqlite3.connect(f"{self._damaged.resolve().as_uri()}?immutable=1", uri=True)
        # Reading ends at the first bad page, so it begins from either end.
        for order in ("ASC", "DESC"):
            try:
                rows = damaged.execute(
                    f"SELECT key, vector, check_sum FROM vectors ORDER BY key {order}"  # noqa: S608  # our own two words
                )
                while found := [row for row in rows.fetchmany(CHUNK)]:
                    self._insert([row for row in found if _is_whole(*row)])
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if isinstance(error, sqlite3.Error) and not _is_damage(error):
                    raise
        damaged.close()
        self._damaged.unlink()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        try:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL,"
                " check_sum BLOB NOT NULL) WITHOUT ROWID"
            )
            whole = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            connection.execute("SELECT key, vector, check_sum FROM vectors LIMIT 1")
        except UnicodeDecodeError:
            whole = False
        except sqlite3.DatabaseError:
            connection.close()
            raise
        if not whole:
            connection.close()
            raise sqlite3.DatabaseError(f"{self._path} is damaged")
        return connection

    def _fill(self, vectors: FloatMatrix, rows_of: Mapping[bytes, Sequence[int]]) -> list[bytes]:
        """Put what is known in its rows; the keys of what is not."""
        missing = []
        for key, rows in rows_of.items():
            found = self._connection.execute(
                "SELECT key, vector, check_sum FROM vectors WHERE key = ?", (key,)
            ).fetchone()
            if found and _is_whole(*found):
                vectors[rows] = np.frombuffer(found[1], dtype=np.float32)
            else:
                missing.append(key)
        return missing

    def _write(self, keys: Sequence[bytes], rows: FloatMatrix) -> None:
        blobs = [row.tobytes() for row in rows]
        self._insert(
            [(key, blob, _check_sum(key, blob)) for key, blob in zip(keys, blobs, strict=True)]
        )

    def _insert(self, rows: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is bad; a disk that is full or failing says nothing about it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code not in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    )


def _is_whole(key: object, vector: object, check_sum: object) -> bool:
    return (
        isinstance(key, bytes)
        and isinstance(vector, bytes)
        and _check_sum(key, vector) == check_sum
    )


def _check_sum(key: bytes, vector: bytes) -> bytes:
    return hashlib.sha256(key + vector).digest()[:8]
