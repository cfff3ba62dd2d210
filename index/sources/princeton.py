"""The Princeton-Leuven corpus: ``d/do/dom/domain.md`` with a header, one commit a snapshot."""

import re
from collections import deque
from collections.abc import Iterable, Iterator

from index.sources.git import Version, contents, versions
from index.sources.headed import parse_headed
from index.sources.legible import why_not_legible
from index.sources.source import Found, Refusal, Source, SourceError, check_not_future
from index.sources.text import MAX_BYTES, decoded
from index.types import Snapshot

# "b/be/bel/bellacor.com.md"; dots of the domain count ("0/01/01./01.com.md"). The ``.html`` beside
# it is what the text was made from.
LAYOUT = re.compile(
    r"(?P<one>[^/])/(?P<two>(?P=one)[^/]?)/(?P<three>(?P=two)[^/]?)/(?P=three).*\.md"
)


def is_princeton(paths: Iterable[str]) -> bool:
    """Whether the files of a repository are laid out as those of the corpus."""
    return any(LAYOUT.fullmatch(path) for path in paths)


def is_wanted(source: Source, path: str) -> bool:
    """Whether a file of the repository is a policy of the wanted company."""
    if source.only is not None:
        domain = source.only
        return path == f"{domain[0]}/{domain[:2]}/{domain[:3]}/{domain}.md"
    return LAYOUT.fullmatch(path) is not None


def read_princeton(source: Source, commit: str, only: set[str] | None) -> Iterator[Found]:
    """What every version gives; with ``only``, of these files alone.

    Nothing is collapsed: each snapshot has an archived page of its own, whose day the header tells.
    """
    pending: deque[Version] = deque()  # asked for and not yet read: a few thousand at most

    def blobs() -> Iterator[str]:
        for version in versions(source.path, commit):
            if is_wanted(source, version.path) and (only is None or version.path in only):
                pending.append(version)
                yield version.blob

    with contents(source.path, blobs(), MAX_BYTES) as texts:
        for content in texts:
            path = pending.popleft().path
            try:
                snapshot = _snapshot(content)
            except SourceError as error:
                yield path, Refusal(source.path / path, str(error))
                continue
            if source.takes(snapshot.captured_on):
                yield path, snapshot


def _snapshot(content: bytes | int) -> Snapshot:
    """The snapshot in a file. Raises SourceError when there is none."""
    snapshot = parse_headed(decoded(content))
    check_not_future(snapshot.captured_on)
    if why := why_not_legible(snapshot.text[snapshot.body_start :]):
        raise SourceError(why)
    return snapshot
