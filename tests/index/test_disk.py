"""A disk that is full, read-only or somebody else's: readers keep what they had, nothing is left.

What ``test_power_loss.py`` plays, real file systems do here.
"""

import multiprocessing
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import index.build
from index.build import build_index
from index.encode import Encoder, ensure_encoder
from index.policy_index import open_index
from index.sources import Source
from index.store import StoreError, current_generation, verify

SEEDS = Path(__file__).parent.parent.parent / "seeds"
KILOBYTE = 1024
resource = pytest.importorskip("resource", reason="NOT TESTED: Windows has none of what is used")
FULL = re.compile("No space left|disk is full|File too large|disk I/O error")
FORK = multiprocessing.get_context("fork")


@pytest.fixture(scope="module", autouse=True)
def _one_encoder(store: Path) -> Iterator[None]:
    """Load the real encoder once for all builds of this file instead of once for each."""
    folder = ensure_encoder(store / "encoders")
    encoder = Encoder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.build, "ensure_encoder", lambda encoders: folder)
        patch.setattr(index.build, "Encoder", lambda folder, **threads: encoder)
        yield


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 8 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"NOT TESTED: no file system can be mounted here: {error}")
    if done.returncode:
        pytest.skip(f"NOT TESTED: no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def copy_of(store: Path, copy: Path) -> Path:
    """A copy of the real store; only the encoder is shared, which is larger than all the rest."""
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("encoders"))
    (copy / "encoders").symlink_to(store / "encoders")
    return copy


@pytest.fixture
def more(tmp_path: Path) -> Source:
    """A source with a policy that the seeds do not hold, and sentences that none does."""
    folder = tmp_path / "more"
    folder.mkdir()
    text = (SEEDS / "helzberg.com_2011-10-07.txt").read_text("utf-8").replace("2011-10", "2012-10")
    (folder / "a.txt").write_text(f"{text}\n\nWe keep what you ordered for nine years.", "utf-8")
    return Source(folder)


def files_of(store: Path) -> dict[str, int]:
    """Every file but the cache of embeddings, which may grow, and its inode."""
    return {
        path.relative_to(store).as_posix(): path.stat().st_ino
        for path in store.rglob("*")
        if path.parent.name != "embeddings"
    }


def assert_unharmed(store: Path, before: dict[str, int], error: StoreError) -> None:
    """One clear line, the same files as before, and a generation that opens."""
    assert FULL.search(str(error)), error
    assert "\n" not in str(error)
    assert files_of(store) == before
    verify(store)
    assert open_index(store).name == current_generation(store).name


def test_however_little_room_is_left_the_old_index_stays_and_the_next_run_finishes(
    disk: Path, store: Path, more: Source
) -> None:
    copied = copy_of(store, disk / "store")
    (copied / ".lock").touch()
    before, filler = files_of(copied), disk / "filler"
    old = current_generation(copied)
    refused = []
    for room in range(0, 4_000, 48):  # kilobytes
        filler.unlink(missing_ok=True)
        free = shutil.disk_usage(disk).free
        filler.write_bytes(bytes(free - room * KILOBYTE))
        try:
            report = build_index(copied, [more])
        except StoreError as error:
            refused.append(room)
            assert_unharmed(copied, before, error)
        else:
            break
    assert len(refused) > 8
    assert report.added == ["helzberg.com@2012-10-07"]
    assert open_index(copied).name == report.generation != old.name
    assert {path.name for path in copied.iterdir()} == {
        *("CURRENT", ".lock", "embeddings", "encoders", old.name, report.generation)
    }


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """Meanwhile, no file may grow past ``size`` bytes: all that a user without rights can play."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_cannot_be_written_whole_leaves_the_old_index(
    store: Path, tmp_path: Path, more: Source
) -> None:
    copied = copy_of(store, tmp_path / "store")
    (copied / ".lock").touch()
    before = files_of(copied)
    sizes = {path.stat().st_size for path in current_generation(copied).rglob("*")}
    for size in sorted(sizes):
        if size < max(sizes):
            with longest_file(size - 1), pytest.raises(StoreError) as refusal:
                build_index(copied, [more])
            assert_unharmed(copied, before, refusal.value)
    report = build_index(copied, [more])
    assert open_index(copied).name == report.generation


def test_a_read_only_disk_is_read_and_refused_to_a_builder(
    disk: Path, store: Path, more: Source
) -> None:
    copied = copy_of(store, disk / "store")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # noqa: S607
    with pytest.raises(StoreError, match=r"^\S+/\.lock: Read-only file system; .*\S$"):
        build_index(copied, [more])
    with pytest.raises(StoreError, match=r"^\S+/new cannot be used as a store: Read-only file"):
        build_index(disk / "new", [more])
    verify(copied)
    assert open_index(copied).name == open_index(store).name


NOBODY = 65534  # a user without rights


def open_and_build_as_nobody(store: Path, source: Source, said: Connection) -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    said.send(open_index(store).name)
    try:
        build_index(store, [source])
    except StoreError as error:
        said.send(str(error))


@pytest.mark.skipif(
    os.geteuid() != 0,
    reason="NOT TESTED: only root can go on as somebody else",
)
def test_somebody_elses_store_is_read_and_refused_to_a_builder(store: Path, more: Source) -> None:
    with tempfile.TemporaryDirectory() as folder:  # those of pytest are shut to everybody else
        Path(folder).chmod(0o755)
        copied = copy_of(store, Path(folder) / "store")
        copied.chmod(0o755)
        (copied / ".lock").touch()
        before = files_of(copied)
        hears, says = FORK.Pipe(duplex=False)
        child = FORK.Process(target=open_and_build_as_nobody, args=(copied, more, says))
        child.start()
        says.close()
        child.join()
        assert hears.recv() == open_index(copied).name
        assert hears.recv().startswith(f"{copied}/.lock: Permission denied; ")
        assert files_of(copied) == before
