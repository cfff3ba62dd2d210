"""What a source is, what it gives, and what is said of what it does not give."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from index.errors import UserError
from index.types import Snapshot

Form = Literal["auto", "seed", "ota", "princeton", "file"]
PRIVACY_POLICY = "Privacy Policy"  # the type of terms that is meant where none is named
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9-]+)+")


class SourceError(UserError):
    """A source cannot be used as a whole; the message names it, the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of headed files, an archive, or one file whose company and day the user gave."""

    path: Path
    company: str | None = None
    captured_on: date | None = None
    url: str | None = None
    form: Form = "auto"
    only: str | None = None  # of an archive, this company or service alone
    terms_type: str = PRIVACY_POLICY  # of an archive that holds several
    since: date | None = None  # of an archive, the first day that is taken
    until: date | None = None  # and the last

    @property
    def id(self) -> str:
        """The same for the same source in every run; a file imported for a new day is a new one."""
        if self.company is None:
            return self.path.as_posix()
        return f"{self.path.as_posix()}@{self.company}@{self.captured_on}"

    def takes(self, day: date) -> bool:
        """Whether a version of that day is wanted."""
        return (self.since or date.min) <= day <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or one version of it, that was left out, and why."""

    path: Path
    reason: str
    captured_on: date | None = None  # of a version in an archive


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A version that is no policy of its own, and why."""

    path: Path
    captured_on: date
    reason: str


Found = tuple[str, "Snapshot | Refusal | Collapsed"]
"""A file of the source, by its path there, and what it or one version of it gave."""


def parse_company(value: str) -> str:
    """A domain in lower case without ``www.``; SourceError when it is none."""
    company = value.lower().removeprefix("www.")
    if not DOMAIN.fullmatch(company):
        raise SourceError(f"{value[:80]!r} is not a domain such as lumens.com")
    return company


def parse_date(value: str) -> date:
    """A calendar day written YYYY-MM-DD; SourceError when it is none."""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise SourceError(f"{value[:80]!r} is not a date such as 2018-01-19") from None


def check_not_future(day: date) -> None:
    """Refuse a day that no archive can hold yet; a day ahead allows for time zones."""
    if day > date.today() + timedelta(days=1):
        raise SourceError(f"its day, {day}, is in the future")
