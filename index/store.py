"""A generation of the index on disk: written beside the old one, verified, swapped in at once.

    STORE/CURRENT                  name of the generation that is served, and its manifest's sha256
    STORE/gen-<16 hex>/            never changed once it has this name
        manifest.json              format, encoder, settings, counts, sha256 and size of every file
        corpus.sqlite              snapshots, passages, occurrences, sentences
        vectors.npy                one unit row for each passage, sorted by company
        sentences.npy              one unit row for each sentence
        vectors.faiss              the same passages for a search without a company
        recall.json                how much of an exact search that search finds, measured
        bm25/                      term weights of the passages
    STORE/encoders/<weight hash>/  the model that answers questions
    STORE/embeddings/              vectors computed so far, for the next build

Readers take ``CURRENT`` once and verify all that it names, so they see the whole old generation or
the whole new one.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.durable import (
    UNFINISHED,
    discard,
    publish,
    read_document,
    read_without_check_sum,
    remove_unfinished,
    sync,
    write_document,
)
from index.encode import EncoderError, sha256_of, verify_encoder
from index.errors import UserError

FORMAT = 2  # raise it whenever older readers or builders would misread a generation
# Raise it whenever the same sources would be read, cleaned, split or folded otherwise: quotes are
# found in the sources by the same code, so what was made before is not served, and made anew. A
# test tells when that is so.
READING = 1
TAKEN_OVER = (1, FORMAT)  # formats whose sources and snapshots a build takes over
CURRENT, MANIFEST, LOCK = "CURRENT", "manifest.json", ".lock"
KEPT_GENERATIONS = 3


class StoreError(UserError):
    """The store is missing, damaged or busy; the message says which file and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself."""

    format: int
    digest: str  # sha256 of the logical content; with the sources it names the folder
    encoder: dict[str, Any]  # name, weights_sha256, dimensions
    settings: dict[str, int | str]
    counts: dict[str, int]
    sources: list[dict[str, str | None]]  # what `policychat index` without a path reads again
    files: dict[str, dict[str, Any]]  # path below the folder → sha256 and bytes


@contextmanager
def building(store: Path) -> Iterator[None]:
    """Hold the store for one builder.

    Raises StoreError when another one holds it, and when the disk fails or is full: readers then
    still have what they had, and the next build goes on from there.
    """
    try:
        _make_folder(store)
    except OSError as error:
        raise StoreError(f"{store} cannot be used as a store: {error.strerror}") from None
    try:
        with FileLock(store / LOCK, timeout=0):
            remove_unfinished(store)
            remove_unfinished(store / "encoders")
            (store / f"{CURRENT}.new").unlink(missing_ok=True)
            yield
    except Timeout:
        raise StoreError(f"another `policychat index` is writing {store}; wait for it") from None
    except NotImplementedError:
        raise StoreError(
            f"{store} lies on a file system without locks; choose another with --store"
        ) from None
    except (OSError, sqlite3.Error) as error:
        where = getattr(error, "filename", None) or store
        why = getattr(error, "strerror", None) or str(error)
        if isinstance(error, OSError) and error.errno is None:  # NumPy's, of a write cut short
            why = f"not all could be written ({error}): the disk is full or failing"
        raise StoreError(
            f"{where}: {why}; the index is as it was: mend this and run policychat index again"
        ) from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, which outlast a loss of power."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def write_generation(
    store: Path, manifest: Manifest, write_files: Callable[[Path], None]
) -> tuple[str, bool]:
    """Write a generation and make it current; return its name and whether it is a new one.

    ``write_files`` fills the folder it is given; the manifest's ``files`` are filled in here. A
    generation of the same digest and sources is used again if it is whole, else replaced.
    """
    name = f"gen-{digest_of([manifest.digest, repr(manifest.sources)])[:16]}"
    folder = store / name
    is_new = not _holds(folder, manifest)
    if is_new:
        temporary = Path(tempfile.mkdtemp(dir=store, prefix=UNFINISHED))
        try:
            write_files(temporary)
            files = {
                path.relative_to(temporary).as_posix(): {
                    "sha256": sha256_of(path),
                    "bytes": path.stat().st_size,
                }
                for path in sorted(temporary.rglob("*"))
                if path.is_file()
            }
            temporary.chmod(0o755)  # mkdtemp shuts everybody else out, a server's own user too
            write_document(temporary / MANIFEST, asdict(replace(manifest, files=files)))
            publish(temporary, folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    _make_current(store, name)
    _prune(store, name)
    return name, is_new


def _holds(folder: Path, manifest: Manifest) -> bool:
    """Whether the folder is a whole generation of this manifest."""
    try:
        return replace(verify_generation(folder), files={}) == manifest
    except StoreError:
        return False


def _make_current(store: Path, name: str) -> None:
    # Generations are told older from newer by the time of their folders. A clock that was put
    # back must not make the newest look old; some file systems keep whole seconds only.
    others = [path.stat().st_mtime_ns for path in store.glob("gen-*") if path.name != name]
    now = max([time.time_ns(), *(other + 1_000_000_000 for other in others)])
    os.utime(store / name, ns=(now, now))
    sync(store / name)
    sync(store)
    current = {"generation": name, "manifest_sha256": sha256_of(store / name / MANIFEST)}
    write_document(store / CURRENT, current)


def check_clock(store: Path) -> None:
    """Refuse to go on where the clock was put back by more than a day.

    Policies of days that are then in the future would be taken for false ones and be left out.
    Raises StoreError.
    """
    made = max((path.stat().st_mtime for path in store.glob("gen-*")), default=0.0)
    now = time.time()
    if made > now + 86_400:
        raise StoreError(
            f"the clock says {date.fromtimestamp(now)}, but {store} was written on "
            f"{date.fromtimestamp(made)}; set the clock, or if it was wrong then, run: "
            f"touch {store}/gen-*"
        )


def _prune(store: Path, current: str) -> None:
    """Remove all but the newest generations; a reader of an old one has its files open."""
    for path in [path for path in _newest_first(store) if path.name != current][
        KEPT_GENERATIONS - 1 :
    ]:
        discard(path)


def _newest_first(store: Path) -> list[Path]:
    return sorted(store.glob("gen-*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def current_generation(store: Path) -> Path:
    """The folder of the generation that is served, its manifest verified.

    Raises StoreError when there is none or the manifest is not the one that was published.
    """
    try:
        current = _read_current(store / CURRENT)
        name, expected = str(current["generation"]), current["manifest_sha256"]
    except FileNotFoundError:
        raise StoreError(f"there is no index in {store}; run: policychat index") from None
    except OSError as error:
        raise StoreError(f"{store / CURRENT} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError):
        raise _damaged(store / CURRENT) from None
    if not re.fullmatch(r"gen-[0-9a-z]+", name):
        raise _damaged(store / CURRENT)
    folder = store / name
    try:
        published = sha256_of(folder / MANIFEST) == expected
    except OSError:
        published = False
    if not published:
        raise _damaged(folder / MANIFEST)
    return folder


def _read_current(path: Path) -> dict[str, Any]:
    try:
        return read_document(path)
    except ValueError:
        current = read_without_check_sum(path)  # as format 1 had it
        if current.keys() != {"generation", "manifest_sha256"}:
            raise
        return current


def newest_whole_generation(store: Path) -> tuple[Path | None, str]:
    """The current generation, or what is wrong with it and the newest one that is whole.

    A build starts from it, so that damage loses no more than what came after it, nor does a format
    that is no longer served lose what the user had named. Without any index None and "".
    """
    damage = ""
    folders = _newest_first(store)
    try:
        folders.insert(0, current_generation(store))
    except StoreError as error:
        damage = str(error) if folders else ""
    for folder in folders:
        try:
            verify_generation(folder, TAKEN_OVER)
        except StoreError as error:
            damage = damage or str(error)
            continue
        return folder, damage
    return None, damage


def published_manifest(store: Path) -> Manifest | None:
    """The manifest of the current generation, whatever became of its other files."""
    try:
        return read_manifest(current_generation(store))
    except StoreError:
        return None


def read_manifest(folder: Path, formats: Collection[int] = (FORMAT,)) -> Manifest:
    """The manifest of a generation. Raises StoreError when it has none of ``formats``."""
    try:
        manifest = Manifest(**_read_manifest_document(folder / MANIFEST))
    except (OSError, ValueError, TypeError):
        raise _damaged(folder / MANIFEST) from None
    if manifest.format not in formats:
        raise StoreError(
            f"{folder} has format {manifest.format}, this version reads {FORMAT}; "
            "run: policychat index"
        )
    return manifest


def _read_manifest_document(path: Path) -> dict[str, Any]:
    try:
        return read_document(path)
    except ValueError:
        document = read_without_check_sum(path)
        if document.get("format") != 1:
            raise
        return document


def verify_generation(folder: Path, formats: Collection[int] = (FORMAT,)) -> Manifest:
    """Compare every file of a generation with its manifest. Raises StoreError naming the bad one.

    FAISS loads a third of corrupted files without a word, so nothing is used before this.
    """
    manifest = read_manifest(folder, formats)
    for name, expected in manifest.files.items():
        path = folder / name
        try:
            whole = path.stat().st_size == expected["bytes"]
            whole = whole and sha256_of(path) == expected["sha256"]
        except (OSError, KeyError, TypeError):
            whole = False
        if not whole:
            raise _damaged(path)
    return manifest


def verify(store: Path) -> Manifest:
    """Check all that is served: CURRENT, manifest, every file, the encoder.

    Raises StoreError with the name of the first bad file.
    """
    manifest = verify_generation(current_generation(store))
    try:
        verify_encoder(encoder_folder(store, manifest))
    except EncoderError as error:
        raise StoreError(str(error)) from None
    return manifest


def encoder_folder(store: Path, manifest: Manifest) -> Path:
    """Where the encoder lies with which the generation was made."""
    return store / "encoders" / str(manifest.encoder["weights_sha256"])[:16]


def digest_of(lines: list[str]) -> str:
    """sha256 of the lines in sorted order: equal contents get equal names, however built."""
    hashed = hashlib.sha256()
    for line in sorted(lines):
        hashed.update(line.encode() + b"\n")
    return hashed.hexdigest()


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path} is damaged or missing; run: policychat index")
