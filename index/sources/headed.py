"""The header line of the Princeton-Leuven corpus and of ``seeds/``, and what it says."""

import re
from urllib.parse import unquote

from index.names import company_name
from index.sources.source import SourceError, parse_company, parse_date
from index.types import Snapshot

HEADER = re.compile(
    r"> \*The following text is extracted and transformed from the (?P<company>\S{1,253}) privacy "
    r"policy that was archived on (?P<date>\d{4}-\d\d-\d\d)\. Please check the "
    r"\[original snapshot on the Wayback Machine\]"
    r"\((?P<archived>https?://web\.archive\.org/web/\d{14}id_/(?P<original>\S{1,4000}))\)"
    r" for the most accurate reproduction\.\*\s*",
    re.ASCII,
)
TITLE = re.compile(r"# (?P<title>[^\n]*)|(?P<underlined>[^\n]*)\n=+[ \t]*(?:\n|\Z)")
DOWNLOAD_STAMP = re.compile(r"/web/(\d{14})")


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
        name=company_name(company, title_of(body), body),
        title=title_of(body),
        captured_on=parse_date(header["date"]),
        archived_url=header["archived"],
        original_url=_web_address(unquote(header["original"])),
        text=text,
        body_start=header.end(),
    )


def _web_address(value: str) -> str | None:
    """An address that a browser may be sent to; the header of a hostile file may hold another."""
    return value if value.startswith(("http://", "https://")) and value.isprintable() else None


def moment(snapshot: Snapshot) -> str:
    """What orders two snapshots of one company and day: the archive's 14-digit time, or ""."""
    stamp = DOWNLOAD_STAMP.search(snapshot.archived_url or "")
    return stamp[1] if stamp else ""


def title_of(body: str) -> str:
    """The text of a first-level heading that opens the policy, or ""."""
    title = TITLE.match(body.lstrip())
    return " ".join((title["title"] or title["underlined"] or "").split()) if title else ""
