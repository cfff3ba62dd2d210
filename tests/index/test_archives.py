"""Archives: which versions are policies, which repeat, which cannot be read, what is new."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from index.sources import Collapsed, Form, Refusal, Source, SourceError, open_source, read_source
from index.sources.collapse import EXTRACTED_ANEW, FLAPPED, SAME_DAY, SAME_WORDS, words_of
from index.sources.legible import why_not_legible
from index.sources.text import MAX_LINE, MAX_LINES
from index.types import Snapshot

SEEDS = Path(__file__).parent.parent.parent / "seeds"
PROSE = (
    "We collect the information that you give us when you use our service, and we keep it for as "
    "long as your account is open. You can ask us to delete it at any time, and we will do so. "
) * 4


class Archive:
    """A repository of its own, written commit by commit."""

    def __init__(self, path: Path) -> None:
        """Make an empty one."""
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, day: str = "2020-01-01") -> None:
        """Run git in it, on a day or at a moment."""
        stamp = f"{day}T10:00:00Z" if len(day) == 10 else day
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "a"), ("EMAIL", "a@example.org"), ("DATE", stamp))
        }
        command = ["git", "-c", "commit.gpgsign=false", "-C", str(self.path), *arguments]
        subprocess.run(command, env={**os.environ, **identity}, check=True)

    def commit(self, file: str, content: str | bytes, day: str, subject: str = "Update") -> None:
        """Record a file as it stands on a day."""
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", f"{subject} {file}", day=day)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


POLICY = "Open Thing/Privacy Policy.md"


def days(archive: Archive) -> list[tuple[date, str]]:
    """Days and texts of the snapshots."""
    return [
        (found.captured_on, found.text)
        for found in read_source(Source(archive.path))
        if isinstance(found, Snapshot)
    ]


def reasons(archive: Archive) -> Counter[str]:
    return Counter(
        found.reason
        for found in read_source(Source(archive.path))
        if isinstance(found, Collapsed | Refusal)
    )


def test_a_service_is_a_company_by_its_slug_and_has_its_own_name(archive: Archive) -> None:
    archive.commit(POLICY, f"Privacy\n=======\n\n{PROSE}", "2020-01-01", "First record of")
    (found,) = read_source(Source(archive.path))
    assert isinstance(found, Snapshot)
    assert (found.id, found.name, found.title) == ("open-thing@2020-01-01", "Open Thing", "Privacy")
    assert found.archived_url is None


def test_what_is_extracted_anew_keeps_its_day_and_is_no_change(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.commit(POLICY, f"{PROSE} And more.", "2021-01-01", "Refilter")
    archive.commit(
        POLICY, f"{PROSE} And most.", "2022-01-01", "Apply technical or declaration upgrade on"
    )
    assert days(archive) == [(date(2020, 1, 1), f"{PROSE} And most.")]
    assert reasons(archive) == {EXTRACTED_ANEW: 2}


def test_the_last_of_a_day_counts(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01T08:00:00Z")
    archive.commit(POLICY, f"{PROSE} Later.", "2020-01-01T09:00:00Z")
    assert days(archive) == [(date(2020, 1, 1), f"{PROSE} Later.")]
    assert reasons(archive) == {SAME_DAY: 1}


def test_other_link_targets_are_the_same_words(archive: Archive) -> None:
    archive.commit(POLICY, f"{PROSE} [Here](https://a.example/1)", "2020-01-01")
    archive.commit(POLICY, f"{PROSE}  [Here](https://a.example/2)", "2021-01-01")
    assert [day for day, _ in days(archive)] == [date(2020, 1, 1)]
    assert reasons(archive) == {SAME_WORDS: 1}
    assert words_of(b"a [b](c)") == words_of(b"*a*  [b](d)") != words_of(b"a c")


@pytest.mark.parametrize(("back", "kept"), [("2020-02-05", 1), ("2020-03-05", 3)])
def test_what_stands_for_a_few_days_only_is_no_policy(
    archive: Archive, back: str, kept: int
) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.commit(POLICY, f"{PROSE} Other.", "2020-02-01")
    archive.commit(POLICY, f"{PROSE}\n", back)
    assert len(days(archive)) == kept
    assert reasons(archive) == ({FLAPPED: 1, SAME_WORDS: 1} if kept == 1 else {})


def test_dates_count_and_not_the_order_of_commits(archive: Archive) -> None:
    archive.commit(POLICY, f"{PROSE} New.", "2021-01-01")
    archive.commit(POLICY, f"{PROSE} Old.", "2019-01-01")
    assert [day.year for day, _ in days(archive)] == [2019, 2021]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Privacy Policy\n--------------", "nearly empty"),
        (
            "Log in to continue\n\n" + "Enter your name and the password that you chose. " * 12,
            "a log-in or error page",
        ),
        (
            "Wir verarbeiten Ihre Daten nur mit Ihrer Einwilligung und löschen sie danach. " * 9,
            "not in English",
        ),
        (PROSE.encode("utf-16"), "it holds NUL bytes, so it is no text in UTF-8; convert it first"),
        (b"x" * 5_000_001, "it has 5,000,001 bytes; a policy has at most 5,000,000"),
    ],
    ids=["empty", "log-in", "German", "UTF-16", "long"],
)
def test_what_is_no_policy_is_set_apart_and_the_rest_goes_on(
    archive: Archive, content: str | bytes, reason: str
) -> None:
    archive.commit(POLICY, content, "2020-01-01")
    archive.commit(POLICY, PROSE, "2021-01-01")
    assert [day for day, _ in days(archive)] == [date(2021, 1, 1)]
    assert reasons(archive) == {reason: 1}


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_real_policy_is_legible(seed: Path) -> None:
    assert why_not_legible(seed.read_text("utf-8")) == ""


def test_a_link_in_an_archive_is_no_policy(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    (archive.path / "Evil").mkdir()
    (archive.path / "Evil" / "Privacy Policy.md").symlink_to("/etc/passwd")
    archive.git("add", "--all")
    archive.git("commit", "--quiet", "-m", "Update")
    assert [found.company for found in read_source(Source(archive.path))] == ["open-thing"]  # type: ignore[union-attr]


def test_a_deleted_file_keeps_its_history(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.git("rm", "--quiet", POLICY)
    archive.commit("B/Privacy Policy.md", PROSE, "2020-01-01")
    assert len(days(archive)) == 2


def test_only_the_wanted_type_company_and_days_are_read(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.commit("Other/Privacy Policy.md", PROSE, "2021-01-01")
    archive.commit("Other/Trackers Policy.md", PROSE, "2022-01-01")
    source = Source(archive.path, only="open-thing")
    assert [found.company for found in read_source(source)] == ["open-thing"]  # type: ignore[union-attr]
    source = Source(archive.path, since=date(2020, 6, 1), until=date(2021, 6, 1))
    assert [found.company for found in read_source(source)] == ["other"]  # type: ignore[union-attr]
    source = Source(archive.path, terms_type="Trackers Policy")
    assert [found.company for found in read_source(source)] == ["other#trackers-policy"]  # type: ignore[union-attr]


def test_only_files_with_new_versions_are_read_again(archive: Archive) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.commit("Other/Privacy Policy.md", PROSE, "2021-01-01")
    state = open_source(Source(archive.path)).state
    assert open_source(Source(archive.path), state).again == frozenset()
    archive.commit(POLICY, f"{PROSE} New.", "2022-01-01")
    reading = open_source(Source(archive.path), state)
    assert reading.again == {POLICY}
    assert len(list(reading.found)) == 2
    archive.git("commit", "--quiet", "--amend", "-m", "Rewritten", day="2022-01-02")
    assert open_source(Source(archive.path), reading.state).again is None


def test_a_bare_clone_whose_head_is_missing_is_read(archive: Archive, tmp_path: Path) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    archive.git("clone", "--quiet", "--bare", str(archive.path), str(tmp_path / "bare.git"))
    (tmp_path / "bare.git" / "HEAD").write_text("ref: refs/heads/elsewhere\n", "utf-8")
    assert len(list(read_source(Source(tmp_path / "bare.git")))) == 1


def test_a_repository_of_something_else_is_refused(archive: Archive, tmp_path: Path) -> None:
    archive.commit("docs/readme.md", PROSE, "2020-01-01")
    archive.git("clone", "--quiet", "--bare", str(archive.path), str(tmp_path / "bare.git"))
    with pytest.raises(SourceError, match="Privacy Policy"):
        list(read_source(Source(tmp_path / "bare.git")))


@pytest.mark.parametrize("file", [POLICY, "b/be/bel/bellacor.com.md"])
@pytest.mark.parametrize("form", ["auto", "ota"])
@pytest.mark.parametrize("bare", [True, False])
def test_an_archive_is_refused_in_one_clear_line_where_git_is_not_installed(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    form: Form,
    bare: bool,
) -> None:
    archive.commit(file, PROSE, "2020-01-01")
    path = archive.path
    if bare:
        path = tmp_path / "bare.git"
        archive.git("clone", "--quiet", "--bare", str(archive.path), str(path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=rf"^{path} .* git is not installed; install git and"):
        list(read_source(Source(path, form=form)))


def test_a_folder_of_policies_that_is_kept_in_git_needs_no_git(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(SEEDS / "lumens.com_2018-01-19.txt", archive.path)
    (archive.path / "README.md").write_text("Our policies", "utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert days(archive)[0][0] == date(2018, 1, 19)


def test_a_repositorys_own_settings_start_no_program(archive: Archive, tmp_path: Path) -> None:
    archive.commit(POLICY, PROSE, "2020-01-01")
    program = f"touch {tmp_path / 'ran'}; true"
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand"):
        archive.git("config", name, program)
    archive.git("config", "log.showSignature", "true")
    assert len(days(archive)) == 1
    assert not (tmp_path / "ran").exists()


def test_the_corpus_of_princeton_is_read_by_its_headers(archive: Archive) -> None:
    for seed in sorted(SEEDS.glob("bellacor.com_*.txt")):
        archive.commit("b/be/bel/bellacor.com.md", seed.read_text("utf-8"), "2023-01-01")
    archive.commit("b/be/bel/bellacor.com.html", "<p>not this</p>", "2023-01-01")
    archive.commit("0/01/01./01.com.md", "no header", "2023-01-01")
    found = list(read_source(Source(archive.path)))
    ids = sorted(item.id for item in found if isinstance(item, Snapshot))
    assert ids == ["bellacor.com@2009-11-27", "bellacor.com@2012-10-23"]
    refused = [item.path.name for item in found if isinstance(item, Refusal)]
    assert refused == ["01.com.md"]
    only = read_source(Source(archive.path, only="bellacor.com"))
    assert sum(isinstance(item, Snapshot) for item in only) == 2


# --- Pages and documents --------------------------------------------------------------------------


def read_given(path: Path, content: bytes) -> Snapshot | Refusal | Collapsed:
    path.write_bytes(content)
    (found,) = read_source(Source(path, "acme.com", date(2020, 1, 1)))
    return found


def test_a_page_gives_its_policy_without_its_menus(tmp_path: Path) -> None:
    page = f"<html><body><nav><a href='/'>Shop now</a></nav><article><h1>Privacy</h1><p>{PROSE}</p>"
    found = read_given(tmp_path / "a.html", page.encode())
    assert isinstance(found, Snapshot)
    assert "You can ask us to delete it at any time" in found.text
    assert "Shop now" not in found.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.4\nbroken"),
        ("a.html", b""),
        ("a.html", b"<" * 200_000),
        ("a.html", b"<div>" * 100_000),
        ("a.html", b"<!--" * 100_000),
        ("a.pdf", os.urandom(10_000)),
    ],
    ids=["broken PDF", "nothing", "brackets", "depth", "comments", "noise"],
)
def test_a_hostile_page_is_refused_or_read(tmp_path: Path, name: str, content: bytes) -> None:
    found = read_given(tmp_path / name, content)
    assert isinstance(found, Snapshot | Refusal)


def pdf_of(streams: list[bytes]) -> bytes:
    """A PDF of one page a stream, each compressed."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
    ]
    font = "<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    for number, stream in enumerate(streams):
        content = zlib.compress(stream, 9)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Contents {4 + 2 * number} 0 R "
            f"/MediaBox [0 0 612 792] /Resources << /Font {font} >> >>".encode()
        )
        length = f"<< /Length {len(content)} /Filter /FlateDecode >>".encode()
        objects.append(length + b"\nstream\n" + content + b"\nendstream")
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        document
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
            f"<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(document)}\n%%EOF"
        ).encode()
    )


def test_a_document_gives_its_text(tmp_path: Path) -> None:
    content = pdf_of([b"BT /F1 12 Tf 72 700 Td (We keep your data for a year.) Tj ET"])
    found = read_given(tmp_path / "a.pdf", content)
    assert isinstance(found, Snapshot)
    assert found.text.strip() == "We keep your data for a year."


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on computing and memory")
def test_a_document_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    shown = b"BT /F1 12 Tf (" + b"x" * 50_000_000 + b") Tj ET"  # 50 KB compressed
    found = read_given(tmp_path / "bomb.pdf", pdf_of([shown]))
    assert isinstance(found, Refusal)
    assert re.search("too long|too much memory|cannot be read|characters", found.reason)


def test_the_reason_says_what_was_wrong_with_a_document(tmp_path: Path) -> None:
    found = read_given(tmp_path / "a.pdf", b"%PDF-1.4\nbroken")
    assert isinstance(found, Refusal)
    assert re.search(r"cannot be read \(\S*Pdf\w+Error", found.reason)


@pytest.mark.parametrize("white", [" ", "\n", "\t", "\u3000", "\u200b", "> ", "* ", "[", "]("])
def test_a_version_of_hostile_length_is_read_or_refused(archive: Archive, white: str) -> None:
    """Nothing here is quadratic: as much of it as is not refused for its size would take hours."""
    hostile = white * (MAX_LINES - 10 if white == "\n" else MAX_LINE // len(white) - 1_000)
    archive.commit(POLICY, f"{PROSE}{hostile}{PROSE}", "2020-01-01")
    (found,) = read_source(Source(archive.path))
    assert isinstance(found, Snapshot | Refusal)
