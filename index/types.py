"""What the index is made of: a dated snapshot, its unique passages, and where each one stands.

Every offset counts Unicode code points into ``Snapshot.text``, half-open ``[start, end)``, unless
a docstring says otherwise.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float32]
"""Rows of 32-bit floats; the docstring of whatever takes or returns one gives its shape."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One policy of one company as it stood on one day."""

    company: str  # the domain, lower case: "lumens.com"
    name: str  # as people write it: "Lumens"
    title: str  # the page's own title, "" if it has none
    captured_on: date
    archived_url: str | None
    original_url: str | None
    text: str  # the whole source as decoded, header included: quotes are checked against it
    body_start: int  # where the policy begins, after the source's header

    @property
    def id(self) -> str:
        """Company and day, such as ``lumens.com@2018-01-19``."""
        return f"{self.company}@{self.captured_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Passage:
    """One unique text of one company; snapshots that repeat it share it."""

    company: str
    heading: str  # heading path, " › " between levels, "" at the top
    text: str  # as searched: links as labels, NFKC, one line per block, white space folded
    embedded: str  # exactly what is embedded: company name, heading path, text
    key: str  # sha256 of ``embedded``, hexadecimal


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A passage standing in a snapshot."""

    snapshot_id: str
    ordinal: int  # 0 for the first passage of the snapshot
    key: str  # the passage's key
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; its id is its row among the sentence vectors."""

    id: int
    row: int  # the passage's row
    start: int  # into ``Passage.text``
    end: int
    fold_hash: int  # 8 bytes of the sha256 of its folded words: the same sentence elsewhere


@dataclass(frozen=True, slots=True)
class Company:
    """A company and the days on which its policy was kept, in order."""

    company: str
    name: str  # as its newest snapshot has it
    days: tuple[date, ...]
    aliases: tuple[str, ...] = ()  # other names, given by hand
