"""The versions of an Open Terms Archive: ``Service/Terms Type.md``, one commit a version."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from index.sources.collapse import Step, collapse, day_of
from index.sources.git import Version, contents, versions
from index.sources.headed import title_of
from index.sources.legible import why_not_legible
from index.sources.source import (
    PRIVACY_POLICY,
    Collapsed,
    Found,
    Refusal,
    Source,
    SourceError,
    check_not_future,
)
from index.sources.text import MAX_BYTES, decoded
from index.types import Snapshot


def is_ota(paths: Iterable[str], terms_type: str) -> bool:
    """Whether the files of a repository are laid out as those of the archive."""
    return any(_names_terms(path, terms_type) for path in paths)


def is_wanted(source: Source, path: str) -> bool:
    """Whether a file of the repository is of the wanted type and company."""
    if not _names_terms(path, source.terms_type):
        return False
    return source.only is None or slug(path.split("/")[0]) == slug(source.only)


def read_ota(source: Source, commit: str, only: set[str] | None) -> Iterator[Found]:
    """What every version of the wanted type gives; with ``only``, of these files alone."""
    found = [
        version
        for version in versions(source.path, commit)
        if is_wanted(source, version.path) and (only is None or version.path in only)
    ]
    # By file; the order within one is that of the dates, which commits do not always follow.
    found.sort(key=lambda version: version.path)
    with contents(source.path, (version.blob for version in found), MAX_BYTES) as texts:
        for path, group in groupby(zip(found, texts, strict=True), key=lambda pair: pair[0].path):
            steps: list[Step] = []
            for version, content in group:
                try:
                    steps.append(_step(version, content))
                except SourceError as error:
                    yield path, Refusal(source.path / path, str(error), day_of(version))
            yield from _snapshots(source, path, steps)


def _step(version: Version, content: bytes | int) -> Step:
    """The version with its text. Raises SourceError when that can be no policy."""
    text = decoded(content)
    check_not_future(day_of(version))
    if why := why_not_legible(text):
        raise SourceError(why)
    return Step.of(version, text.encode())


def _snapshots(source: Source, path: str, steps: Sequence[Step]) -> Iterator[Found]:
    """One file's snapshots; their texts are read a second time rather than all held."""
    kept, collapsed = collapse(steps)
    for step, reason in collapsed:
        if source.takes(step.day):
            yield path, Collapsed(source.path / path, step.day, reason)
    kept = [step for step in kept if source.takes(step.day)]
    service, terms_type = PurePosixPath(path).parent.name, PurePosixPath(path).stem
    company, name = slug(service), service
    if terms_type != PRIVACY_POLICY:
        company, name = f"{company}#{slug(terms_type)}", f"{service} {terms_type}"
    with contents(source.path, (step.version.blob for step in kept), MAX_BYTES) as texts:
        for step, content in zip(kept, texts, strict=True):
            text = decoded(content)
            yield (
                path,
                Snapshot(
                    company=company,
                    name=name,
                    title=title_of(text),
                    captured_on=step.day,
                    archived_url=None,
                    original_url=None,
                    text=text,
                    body_start=0,
                ),
            )


def slug(name: str) -> str:
    """A service's name as a key, such as ``open-collective``."""
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")


def _names_terms(path: str, terms_type: str) -> bool:
    service, _, name = path.partition("/")
    return bool(slug(service)) and name == f"{terms_type}.md"
