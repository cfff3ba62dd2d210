"""A generation of the index on disk: written beside the old one, verified, swapped in at once.

    STORE/CURRENT                  name of the generation that is served, and its manifest's sha256
    STORE/gen-<16 hex>/            never changed once it has this name
        manifest.json              format, encoder, settings, counts, sha256 and size of every file
        corpus.sqlite              snapshots, passages, occurrences, sentences
        vectors.npy                one unit row for each passage, sorted by company
        sentences.npy              one unit row for each sentence
        vectors.faiss              the same passages for a search without a company
        bm25/                      term weights of the passages
    STORE/encoders/<weight hash>/  the model that answers questions
    STORE/embeddings/              vectors computed so far, for the next build

Readers take ``CURRENT`` once and verify all that it names, so they see the whole old generation or
the whole new one.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.encode import EncoderError, sha256_of, verify_encoder
from index.errors import UserError

FORMAT = 2  # raise it whenever older readers or builders would misread a generation
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
    """Hold the store for one builder. Raises StoreError when another one holds it."""
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{store} cannot be used as a store: {error.strerror}") from None
    try:
        with FileLock(store / LOCK, timeout=0):
            # What killed builds left.
            for leftover in [*store.glob(".tmp-*"), *store.glob("encoders/.tmp-*")]:
                shutil.rmtree(leftover)
            (store / f"{CURRENT}.new").unlink(missing_ok=True)
            yield
    except Timeout:
        raise StoreError(f"another `policychat index` is writing {store}; wait for it") from None


def write_generation(
    store: Path, manifest: Manifest, write_files: Callable[[Path], None]
) -> tuple[str, bool]:
    """Write a generation and make it current; return its name and whether it is a new one.

    ``write_files`` fills the folder it is given; the manifest's ``files`` are filled in here. A
    generation of the same digest and sources is used again if it is whole, else replaced.
    """
    name = f"gen-{digest_of([manifest.digest, repr(manifest.sources)])[:16]}"
    folder = store / name
    if folder.exists():
        try:
            kept = verify_generation(folder)
        except StoreError:
            kept = None
        if kept and replace(kept, files={}) == manifest:
            _make_current(store, name)
            return name, False
        shutil.rmtree(folder)
    temporary = Path(tempfile.mkdtemp(dir=store, prefix=".tmp-"))
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
        _write_manifest(temporary, replace(manifest, files=files))
        for path in [*temporary.rglob("*"), temporary]:
            sync(path)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync(store)
    _make_current(store, name)
    _prune(store, name)
    return name, True


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    temporary = folder / f"{MANIFEST}.new"
    temporary.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", "utf-8")
    sync(temporary)
    temporary.replace(folder / MANIFEST)


def _make_current(store: Path, name: str) -> None:
    current = {"generation": name, "manifest_sha256": sha256_of(store / name / MANIFEST)}
    temporary = store / f"{CURRENT}.new"
    temporary.write_text(json.dumps(current) + "\n", "utf-8")
    sync(temporary)
    temporary.replace(store / CURRENT)
    sync(store)


def _prune(store: Path, current: str) -> None:
    """Remove all but the newest generations; a reader of an old one has its files open."""
    others = [path for path in store.glob("gen-*") if path.name != current]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[KEPT_GENERATIONS - 1 :]:
        shutil.rmtree(path)


def sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's entries, before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def current_generation(store: Path) -> Path:
    """The folder of the generation that is served, its manifest verified.

    Raises StoreError when there is none or the manifest is not the one that was published.
    """
    try:
        current = json.loads((store / CURRENT).read_text("utf-8"))
        name = str(current["generation"])
        expected = current["manifest_sha256"]
    except FileNotFoundError:
        raise StoreError(f"there is no index in {store}; run: policychat index") from None
    except OSError as error:
        raise StoreError(f"{store / CURRENT} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(store / CURRENT) from None
    if not re.fullmatch(r"gen-[0-9a-z]+", name):
        raise _damaged(store / CURRENT)
    folder = store / name
    if not (folder / MANIFEST).is_file() or sha256_of(folder / MANIFEST) != expected:
        raise _damaged(folder / MANIFEST)
    return folder


def newest_whole_generation(store: Path) -> Path | None:
    """The current generation or, where it is damaged, the newest that is whole; None without one.

    A build starts from it, so that damage loses no more than what came after it, nor does a format
    that is no longer served lose what the user had named.
    """
    folders = sorted(store.glob("gen-*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    try:
        folders.insert(0, current_generation(store))
    except StoreError:
        # What was made before may still be whole; a manifest that was not published is not.
        folders = [folder for folder in folders if folder.name != _named(store)]
    for folder in folders:
        try:
            verify_generation(folder, TAKEN_OVER)
        except StoreError:
            continue
        return folder
    return None


def _named(store: Path) -> str:
    """The name that CURRENT gives, "" where it gives none."""
    try:
        return str(json.loads((store / CURRENT).read_text("utf-8"))["generation"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def read_manifest(folder: Path, formats: Collection[int] = (FORMAT,)) -> Manifest:
    """The manifest of a generation. Raises StoreError when it has none of ``formats``."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        if not isinstance(manifest.files, dict) or not isinstance(manifest.sources, list):
            raise TypeError
    except (OSError, ValueError, TypeError, RecursionError):
        raise _damaged(folder / MANIFEST) from None
    if manifest.format not in formats:
        raise StoreError(
            f"{folder} has format {manifest.format}, this version reads {FORMAT}; "
            "run: policychat index"
        )
    return manifest


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
