"""Readers see one whole generation or learn which file is bad; a failed build changes nothing."""

import errno
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest

import index.build
import index.policy_index
from index.build import build_index, recorded_sources
from index.durable import read_document, write_document
from index.encode import Encoder, ensure_encoder
from index.policy_index import open_index
from index.sources import Source
from index.store import (
    CURRENT,
    FORMAT,
    KEPT_GENERATIONS,
    MANIFEST,
    Manifest,
    StoreError,
    current_generation,
    digest_of,
    newest_whole_generation,
    sha256_of,
    verify,
    verify_generation,
    write_generation,
)

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"
FILES = [
    "bm25/data.csc.index.npy",
    "bm25/indices.csc.index.npy",
    "bm25/indptr.csc.index.npy",
    "bm25/params.index.json",
    "bm25/vocab.index.json",
    "corpus.sqlite",
    "recall.json",
    "sentences.npy",
    "vectors.faiss",
    "vectors.npy",
]


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
def copied(store: Path, tmp_path: Path) -> Path:
    """A copy of the real store that a test may change; only the encoder is shared."""
    copy = tmp_path / "store"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("encoders"))
    (copy / "encoders").symlink_to(store / "encoders")
    return copy


def whole(store: Path) -> Manifest:
    """The manifest of the current generation, every file compared with it."""
    return verify_generation(current_generation(store))


def generations(store: Path) -> set[str]:
    return {path.name for path in store.glob("gen-*")}


def leftovers(store: Path) -> list[str]:
    return [path.name for path in store.iterdir() if path.name.startswith(".tmp-")]


def flip(path: Path) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def delete(path: Path) -> None:
    path.unlink()


damages = pytest.mark.parametrize("damage", [flip, truncate, lengthen, delete])


def republish(store: Path, folder: Path) -> None:
    """Make the manifest, changed by a test, the one that CURRENT names."""
    current = {"generation": folder.name, "manifest_sha256": sha256_of(folder / MANIFEST)}
    write_document(store / CURRENT, current)


# --- Reading --------------------------------------------------------------------------------------


def test_a_whole_store_is_verified(store: Path) -> None:
    manifest = verify(store)
    assert sorted(manifest.files) == FILES
    assert manifest.counts["snapshots"] == 5
    assert current_generation(store) == store / open_index(store).name


@damages
@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_named(name: str, damage: Callable[[Path], None], copied: Path) -> None:
    path = current_generation(copied) / name
    damage(path)
    with pytest.raises(StoreError, match="is damaged or missing") as error:
        verify(copied)
    assert str(path) in str(error.value)


@damages
def test_a_bad_manifest_is_named(damage: Callable[[Path], None], copied: Path) -> None:
    path = current_generation(copied) / MANIFEST
    damage(path)
    with pytest.raises(StoreError, match="is damaged or missing") as error:
        verify(copied)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_never_opened(name: str, copied: Path) -> None:
    flip(current_generation(copied) / name)
    with pytest.raises(StoreError, match="is damaged or missing"):
        open_index(copied)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b"gen-0123", id="no JSON"),
        pytest.param(b"{", id="half"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="no key"),
        pytest.param(b'{"generation": 7, "manifest_sha256": ""}', id="number"),
        pytest.param(b'{"generation": null, "manifest_sha256": ""}', id="null"),
        pytest.param(b'{"generation": "", "manifest_sha256": ""}', id="no name"),
        pytest.param(b'{"generation": "..", "manifest_sha256": ""}', id="folder above"),
        pytest.param(b'{"generation": "../gen-1", "manifest_sha256": ""}', id="gen- outside"),
        pytest.param(b'{"generation": "/gen-1", "manifest_sha256": ""}', id="absolute"),
        pytest.param(b'{"generation": "encoders", "manifest_sha256": ""}', id="no generation"),
    ],
)
def test_a_bad_pointer_is_named(content: bytes, copied: Path) -> None:
    (copied / CURRENT).write_bytes(content)
    with pytest.raises(StoreError, match="is damaged or missing") as error:
        verify(copied)
    assert str(copied / CURRENT) in str(error.value)


def test_a_pointer_to_a_generation_that_is_gone_is_told_which(copied: Path) -> None:
    folder = current_generation(copied)
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match="is damaged or missing") as error:
        verify(copied)
    assert str(folder / MANIFEST) in str(error.value)


@pytest.mark.parametrize("exists", [True, False])
def test_a_store_without_an_index_says_how_to_make_one(exists: bool, tmp_path: Path) -> None:
    store = tmp_path / "nothing"
    if exists:
        store.mkdir()
    with pytest.raises(StoreError, match=r"there is no index in .*; run: policychat index"):
        open_index(store)


def test_a_bad_encoder_is_named(copied: Path, store: Path) -> None:
    (copied / "encoders").unlink()
    shutil.copytree(store / "encoders", copied / "encoders", symlinks=True)
    path = next((copied / "encoders").iterdir()) / "model.onnx"
    truncate(path)
    with pytest.raises(StoreError, match="is damaged") as error:
        verify(copied)
    assert str(path) in str(error.value)


def test_a_missing_encoder_is_named(copied: Path) -> None:
    (copied / "encoders").unlink()
    with pytest.raises(StoreError, match=r"encoder\.json is missing"):
        verify(copied)


def test_an_index_of_another_format_is_refused(copied: Path) -> None:
    folder = current_generation(copied)
    manifest = read_document(folder / MANIFEST)
    write_document(folder / MANIFEST, manifest | {"format": FORMAT + 1})
    republish(copied, folder)
    with pytest.raises(StoreError, match=f"has format {FORMAT + 1}, this version reads {FORMAT}"):
        open_index(copied)


def as_format_1(folder: Path) -> None:
    """Rewrite a generation as the first format had it: neither archives nor aliases."""
    with sqlite3.connect(folder / "corpus.sqlite") as connection:
        connection.executescript(
            "CREATE TABLE old (id TEXT, source TEXT, served INTEGER, company TEXT, name TEXT,"
            " own_name TEXT, title TEXT, captured_on TEXT, archived_url TEXT, original_url TEXT,"
            " body_start INTEGER, text BLOB, PRIMARY KEY (id, source)) WITHOUT ROWID;"
            "INSERT INTO old SELECT id, source, served, company, name, own_name, title,"
            " captured_on, archived_url, original_url, body_start, text FROM snapshots;"
            "DROP TABLE snapshots; DROP TABLE aliases; ALTER TABLE old RENAME TO snapshots;"
        )
    connection.close()
    manifest = read_document(folder / MANIFEST)
    manifest["format"] = 1
    known = ("brought", "captured_on", "company", "path", "url")
    manifest["sources"] = [{key: source[key] for key in known} for source in manifest["sources"]]
    for setting in ("aliases", "reading"):
        del manifest["settings"][setting]
    corpus = folder / "corpus.sqlite"
    manifest["files"]["corpus.sqlite"] = {
        "sha256": sha256_of(corpus),
        "bytes": corpus.stat().st_size,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    current = {"generation": folder.name, "manifest_sha256": sha256_of(folder / MANIFEST)}
    (folder.parent / CURRENT).write_text(json.dumps(current), "utf-8")


def test_format_1_is_not_served_but_its_sources_and_snapshots_are_taken_over(
    copied: Path, store: Path, tmp_path: Path
) -> None:
    gone, kept = tmp_path / "gone.md", Source(SEEDS)
    gone.write_text("We keep your data for a year.", "utf-8")
    given = Source(gone, "cord.com", date(2020, 2, 29), "https://cord.com/p")
    build_index(copied, [given])
    before = whole(copied)
    folder = current_generation(copied)
    as_format_1(folder)
    gone.unlink()
    with pytest.raises(StoreError, match="has format 1, this version reads 2"):
        open_index(copied)
    assert recorded_sources(copied) == [kept, given]
    report = build_index(copied, [kept])
    assert report.added == report.changed == report.removed == []
    assert report.embedded == 0
    assert whole(copied).digest == before.digest
    build_index(copied, [], remove=[gone])
    assert whole(copied).digest == whole(store).digest


@pytest.mark.parametrize(("what", "other"), [("FINGERPRINT", "0123456789abcdef"), ("READING", 0)])
def test_an_index_made_with_other_words_or_read_otherwise_is_refused(
    what: str, other: str | int, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.policy_index, what, other)
    with pytest.raises(StoreError, match="made by another version; run: policychat index"):
        open_index(store)


def test_files_that_disagree_are_refused(copied: Path) -> None:
    folder = current_generation(copied)
    manifest = read_document(folder / MANIFEST)
    manifest["counts"]["passages"] += 1
    write_document(folder / MANIFEST, manifest)
    republish(copied, folder)
    with pytest.raises(StoreError, match="run: policychat index"):
        open_index(copied)


# --- Repair ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, flip) for name in ("bm25/vocab.index.json", "corpus.sqlite", "vectors.faiss")),
        ("sentences.npy", truncate),
        ("vectors.npy", delete),
        (MANIFEST, delete),
    ],
)
def test_the_next_build_repairs_a_bad_file(
    name: str, damage: Callable[[Path], None], copied: Path, store: Path
) -> None:
    damage(current_generation(copied) / name)
    report = build_index(copied, [Source(SEEDS)])
    assert whole(copied) == whole(store)
    assert report.is_new


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        pytest.param('"passages": ', '"passages": 1', id="count"),
        pytest.param('"words": "', '"words": "0', id="setting"),
        pytest.param('"dimensions"', '"dimensionr"', id="encoder"),
        pytest.param('"bytes"', '"bytfs"', id="key of a file"),
        pytest.param('"files": {', '"files": null, "f": {', id="files"),
        pytest.param('"path": "', '"pbth": "', id="key of a source"),
        pytest.param('"path": "', '"path": "/x', id="path of a source"),
        pytest.param('"captured_on": null', '"captured_on": "20"', id="day of a source"),
        pytest.param(f'"format": {FORMAT}', '"format": 7', id="format"),
        pytest.param("}", "", id="no JSON"),
    ],
)
def test_the_next_build_repairs_a_bad_manifest(
    there: str, instead: str, copied: Path, store: Path
) -> None:
    """What readers are told to do when they refuse it must help."""
    path = current_generation(copied) / MANIFEST
    text = path.read_text("utf-8")
    assert there in text
    path.write_text(text.replace(there, instead, 1), "utf-8")
    build_index(copied, [Source(SEEDS)])
    assert whole(copied) == whole(store)
    assert open_index(copied).name == open_index(store).name
    assert recorded_sources(copied) == [Source(SEEDS)]


def test_the_next_build_repairs_a_bad_pointer(copied: Path, store: Path) -> None:
    (copied / CURRENT).write_bytes(b"{")
    build_index(copied, [Source(SEEDS)])
    assert whole(copied) == whole(store)


def test_a_build_starts_from_the_newest_generation_that_is_whole(
    copied: Path, tmp_path: Path
) -> None:
    before = current_generation(copied)
    shutil.copytree(SEEDS, tmp_path / "more", ignore=shutil.ignore_patterns("[!h]*"))
    more = tmp_path / "more" / "helzberg.com_2011-10-07.txt"
    more.write_text(more.read_text("utf-8").replace("2011-10-07", "2012-10-07"), "utf-8")
    build_index(copied, [Source(tmp_path / "more")])
    assert newest_whole_generation(copied) == (current_generation(copied), "")
    assert current_generation(copied) != before
    flip(current_generation(copied) / "corpus.sqlite")
    found, damage = newest_whole_generation(copied)
    assert found == before
    assert "corpus.sqlite is damaged" in damage


# --- Writing --------------------------------------------------------------------------------------


def manifest_of(content: str) -> Manifest:
    """The manifest of a generation whose one file will hold ``content``."""
    return Manifest(FORMAT, digest_of([content]), {}, {}, {}, [], {})


def write(store: Path, content: str) -> str:
    """Publish a generation with one file; return its name."""
    store.mkdir(exist_ok=True)

    def write_files(folder: Path) -> None:
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text(content, "utf-8")

    name, _ = write_generation(store, manifest_of(content), write_files)
    return name


def test_a_generation_is_named_by_its_content_and_lists_its_files(tmp_path: Path) -> None:
    name = write(tmp_path, "one")
    manifest = verify_generation(tmp_path / name)
    assert re.fullmatch("gen-[0-9a-f]{16}", name)
    assert write(tmp_path / "again", "one") == name != write(tmp_path, "two")
    assert manifest.digest == digest_of(["one"])
    assert manifest.files == {
        "sub/file": {"sha256": sha256_of(tmp_path / name / "sub" / "file"), "bytes": 3}
    }


def test_the_same_content_is_not_written_twice(tmp_path: Path) -> None:
    first = write(tmp_path, "one")

    def fail(_: Path) -> NoReturn:
        raise AssertionError("written again")

    name, is_new = write_generation(tmp_path, manifest_of("one"), fail)
    assert (name, is_new) == (first, False)


def test_an_older_generation_is_made_current_again(tmp_path: Path) -> None:
    first, second = write(tmp_path, "one"), write(tmp_path, "two")
    assert current_generation(tmp_path).name == second
    assert write(tmp_path, "one") == first
    assert current_generation(tmp_path).name == first


def test_others_may_read_a_generation(tmp_path: Path) -> None:
    name = write(tmp_path, "one")
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o755


def test_the_last_three_generations_are_kept(tmp_path: Path) -> None:
    names = []
    for number in range(6):
        names.append(write(tmp_path, str(number)))
        os.utime(tmp_path / names[-1], (number, number))  # clocks are coarser than tests
    assert generations(tmp_path) == set(names[-KEPT_GENERATIONS:])
    assert current_generation(tmp_path).name == names[-1]


def test_the_digest_does_not_depend_on_the_order_of_lines() -> None:
    assert digest_of(["a", "b", "c"]) == digest_of(["c", "a", "b"])


def test_the_digest_tells_lines_apart() -> None:
    assert len({digest_of(lines) for lines in (["a", "b"], ["ab"], ["a"], ["a", "a"], [])}) == 5


# --- Builds that fail -----------------------------------------------------------------------------


def disk_full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def add_a_policy(folder: Path) -> Source:
    """A source with one policy that the seeds do not hold."""
    folder.mkdir()
    text = (SEEDS / "helzberg.com_2011-10-07.txt").read_text("utf-8")
    (folder / "a.txt").write_text(text.replace("2011-10-07", "2012-10-07"), "utf-8")
    return Source(folder)


@pytest.mark.parametrize("step", ["write_corpus", "_write_faiss", "index_words"])
def test_a_build_that_cannot_write_leaves_everything_as_it_was(
    step: str, copied: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add_a_policy(tmp_path / "more")
    monkeypatch.setattr(index.build, step, disk_full)
    with pytest.raises(StoreError, match="No space left"):
        build_index(copied, [source])
    assert whole(copied) == whole(store)
    assert generations(copied) == generations(store)
    assert leftovers(copied) == []


def test_a_build_that_cannot_sync_leaves_everything_as_it_was(
    copied: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add_a_policy(tmp_path / "more")
    monkeypatch.setattr("index.durable.os.fsync", disk_full)
    with pytest.raises(StoreError, match="No space left"):
        build_index(copied, [source])
    assert whole(copied) == whole(store)
    assert generations(copied) == generations(store)
    assert leftovers(copied) == []


def test_the_same_content_of_another_source_is_recorded_without_being_written_again(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second source of one policy, already known, makes no other generation."""
    (tmp_path / "again").mkdir()
    shutil.copy(SEEDS / "lumens.com_2018-01-19.txt", tmp_path / "again")
    first = build_index(copied, [Source(tmp_path / "again")])
    monkeypatch.setattr(index.build, "write_corpus", disk_full)
    assert build_index(copied, [Source(tmp_path / "again")]).generation == first.generation
    assert Source(tmp_path / "again") in recorded_sources(copied)
    assert leftovers(copied) == []


@pytest.mark.parametrize("content", ["new", "the same"])
def test_a_build_that_cannot_publish_leaves_the_old_generation_served(
    content: str, copied: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content == "new":
        source = add_a_policy(tmp_path / "more")
    else:  # a source that brings nothing is recorded all the same
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "bad.txt").write_text("no header", "utf-8")
        source = Source(tmp_path / "more")
    replace = Path.replace

    def fail(path: Path, target: Path) -> Path:
        return disk_full() if target.name == CURRENT else replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreError, match="No space left"):
        build_index(copied, [source])
    assert whole(copied) == whole(store)


def test_what_a_killed_build_left_is_not_served_and_removed_by_the_next(
    copied: Path, store: Path
) -> None:
    shutil.copytree(current_generation(copied), copied / ".tmp-killed")
    truncate(copied / ".tmp-killed" / "vectors.npy")
    assert open_index(copied).name == open_index(store).name
    assert newest_whole_generation(copied) == (current_generation(copied), "")
    build_index(copied, [Source(SEEDS)])
    assert leftovers(copied) == []


def test_what_a_killed_export_left_is_removed_by_the_next_build(copied: Path, store: Path) -> None:
    (copied / "encoders").unlink()
    (copied / "encoders").mkdir()
    (encoder,) = (path for path in (store / "encoders").iterdir())
    (copied / "encoders" / encoder.name).symlink_to(encoder)
    (copied / "encoders" / ".tmp-killed").mkdir()
    (copied / "encoders" / ".tmp-killed" / "model.onnx").write_bytes(b"half")
    build_index(copied, [Source(SEEDS)])
    assert [path.name for path in (copied / "encoders").iterdir()] == [encoder.name]


def test_a_pointer_that_a_killed_build_left_does_no_harm(copied: Path, store: Path) -> None:
    (copied / f"{CURRENT}.new").write_text('{"generation": "gen-', "utf-8")
    assert whole(copied) == whole(store)
    build_index(copied, [Source(SEEDS)])
    assert whole(copied) == whole(store)
    assert not (copied / f"{CURRENT}.new").exists()


def test_a_clock_that_was_put_back_loses_nothing(
    copied: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all policies of days that are now in the future would be refused, and forgotten."""
    now = time.time()
    monkeypatch.setattr("index.store.time.time", lambda: now - 9 * 365 * 86_400)
    with pytest.raises(StoreError, match=r"^the clock says \S+, but \S+ was written on \S+; set"):
        build_index(copied, [Source(SEEDS)])
    assert whole(copied) == whole(store)
    monkeypatch.setattr("index.store.time.time", lambda: now - 80_000)  # a time zone
    assert len(build_index(copied, [Source(SEEDS)]).unchanged) == 5


def test_a_clock_that_was_ahead_can_be_put_right(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(current_generation(copied), (now := time.time() + 9 * 365 * 86_400, now))
    with pytest.raises(StoreError, match=r"run: touch \S+/gen-\*$") as refusal:
        build_index(copied, [Source(SEEDS)])
    said = str(refusal.value).partition("run: ")[2]
    subprocess.run(said, shell=True, check=True)  # noqa: S602  # what it told the user to run
    assert len(build_index(copied, [Source(SEEDS)]).unchanged) == 5


HOLDER = """
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from index.store import building
with building(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_builder_is_refused_while_the_first_one_works(copied: Path, store: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(copied)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        (copied / ".tmp-of-the-first").mkdir()
        with pytest.raises(StoreError, match="another `policychat index` is writing"):
            build_index(copied, [Source(SEEDS)])
        assert leftovers(copied) == [".tmp-of-the-first"]
        assert whole(copied) == whole(store)  # readers do not wait
        holder.communicate("")
    build_index(copied, [Source(SEEDS)])
    assert leftovers(copied) == []


def test_a_store_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StoreError, match="cannot be used as a store") as error:
        build_index(tmp_path / "file" / "store", [Source(SEEDS)])
    assert str(tmp_path / "file" / "store") in str(error.value)
