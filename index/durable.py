"""Files that are whole after a crash or a loss of power, and whose damage is always noticed."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

UNFINISHED = ".tmp-"  # how the names of folders begin that nobody may read
CHECK_SUM = "check_sum"


def sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's entries, before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(unfinished: Path, folder: Path) -> None:
    """Give a finished folder its name, once the disk holds all of it; replace what has the name."""
    for path in [*unfinished.rglob("*"), unfinished]:
        sync(path)
    if folder.exists():
        replaced = folder.with_name(f"{UNFINISHED}{folder.name}")
        folder.rename(replaced)
        unfinished.rename(folder)
        sync(folder.parent)
        shutil.rmtree(replaced)
    else:
        unfinished.rename(folder)
        sync(folder.parent)


def discard(folder: Path) -> None:
    """Remove a folder, so that no half of it ever bears its name."""
    doomed = folder.with_name(f"{UNFINISHED}{folder.name}")
    folder.rename(doomed)
    sync(folder.parent)
    shutil.rmtree(doomed)


def remove_unfinished(parent: Path) -> None:
    """Remove what killed builds left in ``parent``."""
    for leftover in parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover)


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Put a JSON document in the place of an older one, whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(_with_check_sum(document))
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def read_document(path: Path) -> dict[str, Any]:
    """A document as ``write_document`` wrote it.

    Raises ValueError when as much as one byte differs, OSError when it cannot be read.
    """
    content = path.read_bytes()
    try:
        document = json.loads(content)
        del document[CHECK_SUM]
        whole = _with_check_sum(document) == content
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise ValueError(f"{path} is damaged")
    return dict(document)


def read_without_check_sum(path: Path) -> dict[str, Any]:
    """A document as it was written before documents had check sums.

    Raises ValueError when it is none, or has a check sum: then that must hold.
    """
    try:
        document = dict(json.loads(path.read_bytes()))
    except (TypeError, RecursionError):
        raise ValueError(f"{path} is damaged") from None
    if CHECK_SUM in document:
        raise ValueError(f"{path} is damaged")
    return document


def _with_check_sum(document: dict[str, Any]) -> bytes:
    check_sum = hashlib.sha256(_serialised(document)).hexdigest()
    return _serialised({**document, CHECK_SUM: check_sum})


def _serialised(document: dict[str, Any]) -> bytes:
    """The one way in which a document is written: anything else is damage."""
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()
