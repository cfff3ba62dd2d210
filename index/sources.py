"""Files of archived policies → Snapshots, refusing by name whatever cannot be trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

from index.errors import UserError
from index.names import company_name
from index.types import Snapshot

SUFFIXES = (".md", ".txt")
MAX_BYTES = 5_000_000  # the longest real policies have a few hundred kilobytes

# First line of the files of the Princeton-Leuven corpus and of ``seeds/``.
HEADER = re.compile(
    r"> \*The following text is extracted and transformed from the (?P<company>\S{1,253}) privacy "
    r"policy that was archived on (?P<date>\d{4}-\d\d-\d\d)\. Please check the "
    r"\[original snapshot on the Wayback Machine\]"
    r"\((?P<archived>https?://web\.archive\.org/web/\d{14}id_/(?P<original>\S{1,4000}))\)"
    r" for the most accurate reproduction\.\*\s*",
    re.ASCII,
)
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9-]+)+")
TITLE = re.compile(r"# (?P<title>[^\n]*)")
DOWNLOAD_STAMP = re.compile(r"/web/(\d{14})")


class SourceError(UserError):
    """A source cannot be used as a whole; the message names it, the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of headed files, or one file whose company and day the user gave."""

    path: Path
    company: str | None = None
    captured_on: date | None = None
    url: str | None = None

    @property
    def id(self) -> str:
        """The same for the same source in every run; a file imported for a new day is a new one."""
        if self.company is None:
            return self.path.as_posix()
        return f"{self.path.as_posix()}@{self.company}@{self.captured_on}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was left out, and why."""

    path: Path
    reason: str


def read_source(source: Source) -> Iterator[Snapshot | Refusal]:
    """Every snapshot of a source in the order of its file names, and every file refused.

    Raises SourceError when the source itself is missing or holds nothing that could be a policy.
    """
    try:
        source.path.as_posix().encode()
    except UnicodeEncodeError:
        raise SourceError(f"{source.path.as_posix()!a} is no text; rename it") from None
    if source.company is not None:
        yield _read(source.path, source.path.parent, source)
        return
    if not source.path.exists():
        raise SourceError(f"{source.path} does not exist; name a folder or a file of policies")
    folder = source.path if source.path.is_dir() else source.path.parent
    paths = sorted(source.path.rglob("*")) if source.path.is_dir() else [source.path]
    paths = [path for path in paths if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    if not paths:
        raise SourceError(f"{source.path} holds no {' or '.join(SUFFIXES)} file to index")
    for path in paths:
        yield _read(path, folder, source)


def _read(path: Path, folder: Path, source: Source) -> Snapshot | Refusal:
    """The snapshot in one file, or the reason why there is none."""
    try:
        text = _decode(path, folder)
        if source.company is None:
            return _not_future(parse_headed(text))
        return _not_future(
            Snapshot(
                company=source.company,
                name=company_name(source.company, _title(text), text),
                title=_title(text),
                captured_on=source.captured_on or date.min,
                archived_url=None,
                original_url=source.url,
                text=text,
                body_start=0,
            )
        )
    except SourceError as error:
        return Refusal(path, str(error))
    except OSError as error:
        return Refusal(path, f"it cannot be read: {error.strerror}")


def _not_future(snapshot: Snapshot) -> Snapshot:
    """Refuse a day that no archive can hold yet; a day ahead allows for time zones."""
    if snapshot.captured_on > date.today() + timedelta(days=1):
        raise SourceError(f"its day, {snapshot.captured_on}, is in the future")
    return snapshot


def _decode(path: Path, folder: Path) -> str:
    """The text of a file, decoded strictly: a wrong guess would forge the policy's words."""
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        raise SourceError("it is a link that leads nowhere; copy the file itself there") from None
    if not inside:
        raise SourceError("it is a link out of its folder; copy the file itself there")
    if path.exists() and not path.is_file():
        raise SourceError("it is no regular file")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SourceError(f"it has {size:,} bytes; a policy has at most {MAX_BYTES:,}")
    content = path.read_bytes()
    if b"\0" in content:
        raise SourceError("it holds NUL bytes, so it is no text in UTF-8; convert it first")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"it is not UTF-8 (byte {error.object[error.start]:#04x} at {error.start:,}); "
            "convert it first"
        ) from None
    if not text.strip():
        raise SourceError("it is empty")
    return text


def parse_headed(text: str) -> Snapshot:
    """The snapshot in a text that begins with the archive's header line.

    Raises SourceError when there is no such line, or its company or date cannot be right.
    """
    header = HEADER.match(text)
    if header is None:
        raise SourceError(
            "its first line is not the archive's header (“> *The following text is extracted …”); "
            "give --company and --date to index it without one"
        )
    body = text[header.end() :]
    if not body.strip():
        raise SourceError("there is no policy after its header")
    company = parse_company(header["company"])
    return Snapshot(
        company=company,
        name=company_name(company, _title(body), body),
        title=_title(body),
        captured_on=parse_date(header["date"]),
        archived_url=header["archived"],
        original_url=_web_address(unquote(header["original"])),
        text=text,
        body_start=header.end(),
    )


def _web_address(value: str) -> str | None:
    """An address that a browser may be sent to; the header of a hostile file may hold another."""
    return value if value.startswith(("http://", "https://")) and value.isprintable() else None


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


def moment(snapshot: Snapshot) -> str:
    """What orders two snapshots of one company and day: the archive's 14-digit time, or ""."""
    stamp = DOWNLOAD_STAMP.search(snapshot.archived_url or "")
    return stamp[1] if stamp else ""


def _title(body: str) -> str:
    """The text of a first-level heading that opens the policy, or ""."""
    title = TITLE.match(body.lstrip())
    return " ".join(title["title"].split()) if title else ""
