"""Which versions of one file are policies of their own.

An archive records a version whenever what it extracted from a page differs. Of 1,133 versions of 25
real policies a third is one: the others repeat the words before, change them back within days, or
are the same page extracted anew by another program.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from index.sources.git import Version

# What the archive calls a version that its own upgrade brought, not the company.
TECHNICAL = re.compile(r"Refilter |Apply technical or declaration upgrade on ")
# A text that stood for fewer days before the one before it came back was a fault of the page or one
# of several variants. On the 1,133 versions 3 days or 30 would have dropped nearly the same ones.
FLAPPING_DAYS = 7
# Without "]", or "](](](…" would be searched 3,000 bytes far from every place.
LINK_TARGET = re.compile(rb"\]\([^)\]\n]{0,3000}\)")
MARKS = b"*_\\#>|`~=-"
EXTRACTED_ANEW = "the same policy, extracted anew"
SAME_DAY = "a later one of that day was kept"
SAME_WORDS = "the same words as the version before"
FLAPPED = "it stood for a few days, then the old text came back"


@dataclass(frozen=True, slots=True)
class Step:
    """A version once its text is known."""

    version: Version
    words: bytes  # ``words_of`` its content: equal for equal wordings
    technical: bool
    day: date

    @classmethod
    def of(cls, version: Version, content: bytes) -> "Step":
        """The step of a version with this content."""
        technical = TECHNICAL.match(version.subject) is not None
        return cls(version, words_of(content), technical, day_of(version))


def day_of(version: Version) -> date:
    """The author's day, which is when the archive saw the page."""
    return datetime.fromtimestamp(version.time, UTC).date()


def words_of(content: bytes) -> bytes:
    """A hash that link targets, Markdown marks and white space do not change."""
    plain = LINK_TARGET.sub(b"]", content).translate(None, MARKS)
    return hashlib.sha256(b" ".join(plain.split())).digest()


def collapse(steps: Sequence[Step]) -> tuple[list[Step], list[tuple[Step, str]]]:
    """The steps of one file that are policies of their own, oldest first; the others, with reasons.

    A text extracted anew takes the place of what it corrects and keeps its day.
    """
    collapsed: list[tuple[Step, str]] = []
    days: list[Step] = []
    for step in sorted(steps, key=lambda step: (step.version.time, step.version.order)):
        if step.technical and days:
            collapsed.append((step, EXTRACTED_ANEW))
            days[-1] = replace(step, day=days[-1].day)
        elif days and days[-1].day == step.day:
            collapsed.append((days[-1], SAME_DAY))
            days[-1] = step
        else:
            days.append(step)
    kept: list[Step] = []
    for step in days:
        if kept and kept[-1].words == step.words:
            collapsed.append((step, SAME_WORDS))
        elif (
            len(kept) > 1
            and kept[-2].words == step.words
            and (step.day - kept[-1].day).days <= FLAPPING_DAYS
        ):
            collapsed.append((kept.pop(), FLAPPED))
            collapsed.append((step, SAME_WORDS))
        else:
            kept.append(step)
    return kept, collapsed
