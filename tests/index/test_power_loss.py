"""After a loss of power the disk holds what was synced; what was not may be there, torn or gone.

The disk of these tests remembers the content that each file had when it was last synced, and the
entries that each folder had. Before every step that a build takes on it, the power is cut: the disk
is rebuilt as it could be found, and must hold the old generation or the new one, whole.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.durable import publish, read_document, write_document
from index.store import (
    FORMAT,
    Manifest,
    StoreError,
    building,
    current_generation,
    digest_of,
    verify_generation,
    write_generation,
)

STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir", "utime")


class Disk:
    """Watches what a program does to the folder ``root`` and knows what of it would last."""

    def __init__(self, root: Path) -> None:
        """Take all that stands in ``root`` now for synced."""
        self.root = root
        self.contents: dict[int, bytes] = {}  # inode → as last synced
        self.entries: dict[int, dict[str, int]] = {}  # inode of a folder → name → inode
        self.folders: set[int] = set()
        self.before_step: Callable[[], None] = lambda: None
        for path in [root, *root.rglob("*")]:
            self.keep(path)

    def keep(self, path: Path) -> None:
        """Note a file's content, or a folder's entries, as that which lasts."""
        inode = path.stat().st_ino
        if path.is_dir():
            self.folders.add(inode)
            self.entries[inode] = {child.name: child.stat().st_ino for child in path.iterdir()}
            for child in path.iterdir():  # a number that was freed may be used for another kind
                (self.folders.add if child.is_dir() else self.folders.discard)(child.stat().st_ino)
        else:
            self.folders.discard(inode)
            self.contents[inode] = path.read_bytes()

    def found_after_power_loss(self, target: Path, *, entries_last: bool) -> None:
        """Rebuild in ``target`` what was synced; with ``entries_last`` under the newest names."""
        if entries_last:
            for path in [self.root, *self.root.rglob("*")]:
                there = target / path.relative_to(self.root)
                if path.is_dir():
                    there.mkdir()
                else:  # its name lasted, its content only as far as it was synced
                    there.write_bytes(self.contents.get(path.stat().st_ino, b""))
        else:
            self._rebuild(self.root.stat().st_ino, target)

    def _rebuild(self, inode: int, target: Path) -> None:
        if inode in self.folders:
            target.mkdir()
            for name, child in self.entries.get(inode, {}).items():
                self._rebuild(child, target / name)
        else:
            target.write_bytes(self.contents.get(inode, b""))


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A store with one generation on a disk that forgets what was not synced."""
    store = tmp_path / "store"
    build(store, "old")
    watched = Disk(store)

    def stepping(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def step(*arguments: object, **named: object) -> object:
            watched.before_step()
            result = real(*arguments, **named)
            if name == "fsync":
                path = Path(f"/proc/self/fd/{arguments[0]}").readlink()
                if path == store or store in path.parents:
                    watched.keep(path)
            return result

        return step

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, stepping(name))
        yield watched


def build(store: Path, content: str) -> None:
    def write_files(folder: Path) -> None:
        (folder / "bm25").mkdir()
        (folder / "bm25" / "words").write_text(content * 1_000, "utf-8")
        (folder / "corpus").write_text(content * 1_000, "utf-8")

    with building(store):
        write_generation(
            store, Manifest(FORMAT, digest_of([content]), {}, {}, {}, [], {}), write_files
        )


def served(store: Path) -> str:
    """The one content of the current generation, which must be whole."""
    folder = current_generation(store)
    verify_generation(folder)
    words = {(folder / name).read_text("utf-8")[:3] for name in ("corpus", "bm25/words")}
    assert len(words) == 1
    return words.pop()


@pytest.mark.parametrize("entries_last", [False, True], ids=["nothing unsynced", "names only"])
def test_after_a_loss_of_power_at_any_step_a_whole_generation_is_served(
    disk: Disk, tmp_path: Path, entries_last: bool
) -> None:
    found: list[str] = []

    def cut() -> None:
        here, disk.before_step = disk.before_step, lambda: None  # looking is no step
        copy = tmp_path / f"found-{len(found)}"
        disk.found_after_power_loss(copy, entries_last=entries_last)
        found.append(served(copy))
        build(copy, "new")
        assert served(copy) == "new"
        assert not list(copy.glob(".tmp-*"))
        shutil.rmtree(copy)
        disk.before_step = here

    disk.before_step = cut
    build(disk.root, "new")
    cut()
    assert found == sorted(found, reverse=True)  # "old", from some step on "new"
    assert (found[0], found[-1]) == ("old", "new")
    assert len(found) > 15


@pytest.mark.parametrize("damage", [False, True], ids=["as it was", "damaged"])
def test_a_generation_that_is_used_again_outlasts_a_loss_of_power(
    disk: Disk, tmp_path: Path, damage: bool
) -> None:
    old = current_generation(disk.root)
    build(disk.root, "new")
    if damage:
        (old / "corpus").write_text("bad", "utf-8")
        disk.keep(old / "corpus")
    build(disk.root, "old")
    disk.found_after_power_loss(tmp_path / "found", entries_last=False)
    assert served(tmp_path / "found") == "old"


def test_a_disk_that_does_not_sync_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above can fail: without any sync the new generation is lost."""
    build(tmp_path / "store", "old")
    disk = Disk(tmp_path / "store")
    monkeypatch.setattr("index.durable.os.fsync", lambda handle: None)
    build(disk.root, "new")
    disk.found_after_power_loss(tmp_path / "found", entries_last=True)
    with pytest.raises(StoreError, match="is damaged or missing"):
        served(tmp_path / "found")


def test_whatever_step_fails_the_message_is_one_line_and_the_next_run_finishes(
    disk: Disk, tmp_path: Path
) -> None:
    refused, failing, steps = 0, 1, 0
    while failing <= steps + 1:  # until a build has fewer steps than the one that is to fail
        store = tmp_path / f"store-{failing}"
        shutil.copytree(disk.root, store)
        countdown = iter(range(failing - 1, -1_000, -1))

        def fail(countdown: Iterator[int] = countdown) -> None:
            if next(countdown) == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        disk.before_step = fail
        try:
            build(store, "new")
        except StoreError as error:
            refused += 1
            assert str(error).count("\n") == 0
            assert "Input/output error" in str(error)
        disk.before_step = lambda: None
        steps = failing - next(countdown) - 1
        assert served(store) in ("old", "new")
        build(store, "new")
        assert served(store) == "new"
        left = {path.name for path in store.iterdir() if "gen-" not in path.name}
        assert left <= {"CURRENT", ".lock"}
        failing += 1
    assert refused > 12


def test_a_document_in_which_one_byte_differs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "document"
    write_document(path, {"text": "a b", "number": 1, "list": [{"deep": None}]})
    content = path.read_bytes()
    for place in range(len(content)):
        for flip in (0x01, 0x20, 0x80):
            damaged = bytearray(content)
            damaged[place] ^= flip
            path.write_bytes(damaged)
            with pytest.raises(ValueError, match="is damaged"):
                read_document(path)


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").write_text("", "utf-8")
    (tmp_path / ".tmp-1").mkdir()
    (tmp_path / ".tmp-1" / "new").write_text("", "utf-8")
    publish(tmp_path / ".tmp-1", tmp_path / "folder")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "new"]


def test_a_clock_put_back_makes_the_newest_no_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = ["one", "two", "six", "ten", "old"]
    for hour, content in enumerate(contents):
        monkeypatch.setattr("index.store.time.time_ns", lambda hour=hour: (9 - hour) * 3600 * 10**9)
        build(tmp_path, content)
    assert served(tmp_path) == "old"
    kept = {(path / "corpus").read_text("utf-8")[:3] for path in tmp_path.glob("gen-*")}
    assert kept == set(contents[-3:])
