"""A folder of files with the archive's header, or one file whose company and day are given."""

from collections.abc import Iterator
from datetime import date

from index.names import company_name
from index.sources.extract import SUFFIXES as DOCUMENTS
from index.sources.extract import extracted
from index.sources.headed import parse_headed, title_of
from index.sources.source import Found, Refusal, Source, SourceError, check_not_future
from index.sources.text import check_size, decoded, read_bytes
from index.types import Snapshot

SUFFIXES = (".md", ".txt")


def read_files(source: Source) -> Iterator[Found]:
    """Every snapshot of a source in the order of its file names, and every file refused.

    Raises SourceError when the source itself is missing or holds nothing that could be a policy.
    """
    try:
        source.path.as_posix().encode()
    except UnicodeEncodeError:
        raise SourceError(f"{source.path.as_posix()!a} is no text; rename it") from None
    if source.company is not None:
        yield _read(source, source)
        return
    if not source.path.exists():
        raise SourceError(f"{source.path} does not exist; name a folder or a file of policies")
    paths = sorted(source.path.rglob("*")) if source.path.is_dir() else [source.path]
    paths = [path for path in paths if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    if not paths:
        raise SourceError(f"{source.path} holds no {' or '.join(SUFFIXES)} file to index")
    for path in paths:
        name, found = _read(source, Source(path))
        wanted = not isinstance(found, Snapshot) or (
            source.takes(found.captured_on) and source.only in (None, found.company)
        )
        if wanted:
            yield name, found


def _read(source: Source, file: Source) -> Found:
    """What is in one file: its snapshot, or the reason why there is none."""
    folder = source.path if source.path.is_dir() else source.path.parent
    try:
        return file.path.name, _snapshot(file, read_bytes(file.path, folder))
    except SourceError as error:
        return file.path.name, Refusal(file.path, str(error))
    except OSError as error:
        return file.path.name, Refusal(file.path, f"it cannot be read: {error.strerror}")


def _snapshot(file: Source, content: bytes | int) -> Snapshot:
    suffix = file.path.suffix.lower()
    if file.company is not None and suffix in DOCUMENTS and isinstance(content, bytes):
        text = extracted(content, suffix)
        check_size(text)
    else:
        text = decoded(content)
    if file.company is None:
        snapshot = parse_headed(text)
    else:
        snapshot = Snapshot(
            company=file.company,
            name=company_name(file.company, title_of(text), text),
            title=title_of(text),
            captured_on=file.captured_on or date.min,
            archived_url=None,
            original_url=file.url,
            text=text,
            body_start=0,
        )
    check_not_future(snapshot.captured_on)
    return snapshot
