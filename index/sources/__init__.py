"""Files and archives of policies → Snapshots, refusing by name whatever cannot be trusted.

Four forms (``Source.form``): files with the archive's header (``files.py``), single files, git
repositories of the Princeton-Leuven corpus (``princeton.py``) and of the Open Terms Archive
(``ota.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.sources import git, ota, princeton
from index.sources.files import read_files
from index.sources.headed import moment, parse_headed
from index.sources.source import (
    PRIVACY_POLICY,
    Collapsed,
    Form,
    Found,
    Refusal,
    Source,
    SourceError,
    parse_company,
    parse_date,
)
from index.sources.text import MAX_BYTES
from index.types import Snapshot

__all__ = [
    "MAX_BYTES",
    "PRIVACY_POLICY",
    "Collapsed",
    "Form",
    "Found",
    "Reading",
    "Refusal",
    "Source",
    "SourceError",
    "moment",
    "open_source",
    "parse_company",
    "parse_date",
    "parse_headed",
    "read_source",
]

LOOKED_AT = 100_000  # files of a repository by which its form is told


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a source."""

    state: str  # of the archive: what has to be told the next time; "" where all is read again
    again: frozenset[str] | None  # the files that are read; None for all, empty for none
    found: Iterator[Found]


def open_source(source: Source, state: str = "") -> Reading:
    """Begin to read; of an archive only the files that changed since ``state``.

    Raises SourceError, now or while reading, when the source as a whole cannot be used.
    """
    form = _form(source)
    if form not in ("ota", "princeton"):
        return Reading("", None, read_files(source))
    if not git.is_installed():
        raise _without_git(source.path)
    if not git.is_repository(source.path):
        raise SourceError(f"{source.path} is no git repository; clone the archive first")
    module = ota if form == "ota" else princeton
    commit = git.newest_commit(source.path)
    again: set[str] | None = None
    if state == commit:
        again = set()
    elif state and git.is_ancestor(source.path, state, commit):
        recent = git.versions(source.path, commit, since=state)
        again = {version.path for version in recent if module.is_wanted(source, version.path)}
    read = ota.read_ota if form == "ota" else princeton.read_princeton
    found = read(source, commit, again) if again is None or again else iter(())
    return Reading(commit, None if again is None else frozenset(again), found)


def read_source(source: Source) -> Iterator[Snapshot | Refusal | Collapsed]:
    """All that a source gives: snapshots, what was refused, what was collapsed."""
    for _, found in open_source(source).found:
        yield found


def _form(source: Source) -> Form:
    """The form of a source, told by its layout where none is named."""
    if source.company is not None:
        return "file"
    if source.form != "auto":
        return source.form
    if not source.path.is_dir() or not git.is_repository(source.path):
        return "seed"
    bare = not (source.path / ".git").exists()
    paths = list(islice(_tracked(source.path, bare), LOOKED_AT))
    if princeton.is_princeton(paths):
        return "princeton"
    if ota.is_ota(paths, source.terms_type):
        return "ota"
    if bare:
        raise SourceError(
            f"{source.path} holds no “Service/{source.terms_type}.md” and no “d/do/dom/domain.md”; "
            "see docs/operations.md for the archives that can be read"
        )
    return "seed"


def _tracked(repository: Path, bare: bool) -> Iterator[str]:
    """The paths of a repository's files; without git, those of its work tree."""
    if git.is_installed():
        yield from git.files(repository, git.newest_commit(repository))
    elif bare:
        raise _without_git(repository)
    else:
        yield from (path.relative_to(repository).as_posix() for path in repository.rglob("*.md"))


def _without_git(repository: Path) -> SourceError:
    return SourceError(
        f"{repository} is a git repository and git is not installed; install git and run this again"
    )
