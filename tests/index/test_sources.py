"""Files become dated snapshots; whatever cannot be trusted is refused by name, with the reason."""

import os
import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sources import (
    MAX_BYTES,
    Refusal,
    Source,
    SourceError,
    moment,
    parse_company,
    parse_date,
    parse_headed,
    read_source,
)
from index.sources.text import MAX_CHARACTERS
from index.types import Snapshot

SEEDS = Path(__file__).parent.parent.parent / "seeds"
WAYBACK = "https://web.archive.org/web/"
BODY = "# Privacy Policy\n\nAcme keeps your order for ten days and then deletes it.\n"


def header(
    company: str = "acme.com", day: str = "2020-02-29", stamp: str = "20200229101112"
) -> str:
    return (
        f"> *The following text is extracted and transformed from the {company} privacy policy "
        f"that was archived on {day}. Please check the [original snapshot on the Wayback Machine]"
        f"({WAYBACK}{stamp}id_/http%3A//{company}/privacy) for the most accurate reproduction.*\n\n"
    )


def read_beside_a_good_one(folder: Path, content: bytes) -> list[Snapshot | Refusal]:
    """What a folder gives that holds ``content`` and, after it, a policy that is all right."""
    (folder / "a.txt").write_bytes(content)
    (folder / "b.txt").write_text(header() + BODY, "utf-8")
    return list(read_source(Source(folder)))


# --- Headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "company", "day", "archived", "original", "title"),
    [
        (
            "bellacor.com_2009-11-27.txt",
            "bellacor.com",
            date(2009, 11, 27),
            "20091127063313id_/http%3A//www.bellacor.com/privacypolicy.htm",
            "http://www.bellacor.com/privacypolicy.htm",
            "At Bellacor, You'll Always Find High Quality Lighting And Home Furnishings",
        ),
        (
            "bellacor.com_2012-10-23.txt",
            "bellacor.com",
            date(2012, 10, 23),
            "20121023151131id_/http%3A//www.bellacor.com/privacyPolicy.htm",
            "http://www.bellacor.com/privacyPolicy.htm",
            "Privacy Policy | BELLACOR.COM’S Commitment To Privacy",
        ),
        (
            "betseyjohnson.com_2006-12-20.txt",
            "betseyjohnson.com",
            date(2006, 12, 20),
            "20061220055913id_/http%3A//www.betseyjohnson.com/privacy_policy.html",
            "http://www.betseyjohnson.com/privacy_policy.html",
            "Privacy Policy - Betsey Johnson Official Store",
        ),
        (
            "helzberg.com_2011-10-07.txt",
            "helzberg.com",
            date(2011, 10, 7),
            "20111007072252id_/http%3A//www.helzberg.com/category/customer%2Bservice/"
            "privacy%2Bpolicy.do",
            "http://www.helzberg.com/category/customer+service/privacy+policy.do",
            "Privacy Policy - Customer Service - Helzberg Diamonds",
        ),
        (
            "lumens.com_2018-01-19.txt",
            "lumens.com",
            date(2018, 1, 19),
            "20180119225254id_/https%3A//www.lumens.com/customer-service/privacy-policy.html",
            "https://www.lumens.com/customer-service/privacy-policy.html",
            "Privacy Policy | Privacy & Security at Lumens.com",
        ),
    ],
)
def test_the_header_of_a_seed_says_where_it_comes_from(
    file: str, company: str, day: date, archived: str, original: str, title: str
) -> None:
    (snapshot,) = read_source(Source(SEEDS / file))
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.company, snapshot.captured_on) == (company, day)
    assert snapshot.archived_url == WAYBACK + archived
    assert snapshot.original_url == original
    assert snapshot.title == title


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_policy_of_a_seed_begins_right_after_its_header(path: Path) -> None:
    snapshot = parse_headed(path.read_text("utf-8"))
    assert snapshot.text == path.read_text("utf-8")
    assert snapshot.text[: snapshot.body_start].rstrip().endswith("accurate reproduction.*")
    assert snapshot.text[snapshot.body_start :].startswith("# ")


def test_a_snapshot_is_known_by_company_and_day() -> None:
    assert parse_headed(header() + BODY).id == "acme.com@2020-02-29"


def test_the_company_in_a_header_loses_its_www_and_its_capitals() -> None:
    assert parse_headed(header("WWW.Acme.COM") + BODY).company == "acme.com"


def test_lines_that_end_the_windows_way_are_kept_as_they_are(tmp_path: Path) -> None:
    content = (header() + BODY).replace("\n", "\r\n")
    (tmp_path / "a.txt").write_bytes(content.encode())
    (snapshot,) = read_source(Source(tmp_path))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.text == content
    assert snapshot.title == "Privacy Policy"


@pytest.mark.parametrize(
    ("company", "day"), [(None, None), ("acme.com", date(2020, 2, 29))], ids=["headed", "given"]
)
def test_a_byte_order_mark_is_no_part_of_the_text(
    company: str | None, day: date | None, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + (header() + BODY).encode())
    (snapshot,) = read_source(Source(tmp_path / "a.txt", company, day))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.text == header() + BODY


def test_the_moment_of_a_snapshot_is_the_archives_own_time() -> None:
    assert moment(parse_headed(header(stamp="20200229101112") + BODY)) == "20200229101112"


def test_a_snapshot_without_an_archive_has_no_moment(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(BODY, "utf-8")
    (snapshot,) = read_source(Source(tmp_path / "a.md", "acme.com", date(2020, 1, 1)))
    assert isinstance(snapshot, Snapshot)
    assert moment(snapshot) == ""


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param((header() + "We don’t sell it.").encode("cp1252"), "not UTF-8", id="cp1252"),
        pytest.param((header() + BODY).encode("utf-16"), "NUL", id="UTF-16"),
        pytest.param("我们不出售".encode("utf-16"), "not UTF-8", id="UTF-16 without NUL"),
        pytest.param((header() + BODY * 200).encode() + b"\0", "NUL", id="NUL at the end"),
        pytest.param(BODY.encode(), "header", id="no header"),
        pytest.param(("\n" + header() + BODY).encode(), "header", id="header not first"),
        pytest.param(header(stamp="2020").encode() + b"x", "header", id="header without time"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n\t\n", "empty", id="white space"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="byte-order mark"),
        pytest.param(header().encode(), "no policy after its header", id="header only"),
        pytest.param(b"a" * (MAX_BYTES + 1), "5,000,001 bytes", id="over 5 MB"),
        pytest.param((BODY * 40_000).encode(), "characters; a policy", id="too long"),
        pytest.param(b"a\n" * 20_001, "20,001 lines", id="too many lines"),
        pytest.param(b"a" * 200_001, "a line of 200,001 characters", id="too long a line"),
        pytest.param(
            b"[a](b)\n\n" * 9_000 + b"[a](b) " * 11_001, "20,001 links", id="too many links"
        ),
        pytest.param(b"*" * 60_000 + b"\\" * 60_000, "120,000 asterisks", id="too many marks"),
        pytest.param((header(day="2012-13-45") + BODY).encode(), "'2012-13-45'", id="bad date"),
        pytest.param((header(day="2011-02-29") + BODY).encode(), "'2011-02-29'", id="no such day"),
        pytest.param((header("acme") + BODY).encode(), "'acme'", id="no domain"),
        pytest.param((header("../acme.com") + BODY).encode(), "'../acme.com'", id="path"),
        pytest.param((header("acme..com") + BODY).encode(), "'acme..com'", id="empty label"),
        pytest.param((header("<b>.com") + BODY).encode(), "'<b>.com'", id="markup"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_the_rest_goes_on(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    refusal, good = read_beside_a_good_one(tmp_path, content)
    assert isinstance(refusal, Refusal)
    assert refusal.path == tmp_path / "a.txt"
    assert reason in refusal.reason
    assert isinstance(good, Snapshot)


def test_a_file_of_exactly_the_largest_size_is_read(tmp_path: Path) -> None:
    lines = ["a" * 199] * 10_000
    text = "\n".join([header() + BODY, *lines])[:MAX_CHARACTERS]
    assert len(text) == MAX_CHARACTERS
    (tmp_path / "a.txt").write_text(text, "utf-8")
    (snapshot,) = read_source(Source(tmp_path))
    assert isinstance(snapshot, Snapshot)


def test_digits_of_other_scripts_are_no_date_and_no_time(tmp_path: Path) -> None:
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    stamp = "20200229101112".translate(arabic)
    refusal, good = read_beside_a_good_one(tmp_path, (header(stamp=stamp) + BODY).encode())
    assert isinstance(refusal, Refusal)
    assert isinstance(good, Snapshot)


def test_a_link_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text(header() + BODY, "utf-8")
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    (refusal,) = read_source(Source(folder))
    assert isinstance(refusal, Refusal)
    assert "link out of its folder" in refusal.reason


def test_a_link_to_a_folder_outside_is_not_entered(tmp_path: Path) -> None:
    folder, outside = tmp_path / "policies", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a.txt").write_text(header() + BODY, "utf-8")
    (folder / "sub").symlink_to(outside)
    (folder / "b.txt").write_text(header("other.com") + BODY, "utf-8")
    assert [s.company for s in read_source(Source(folder)) if isinstance(s, Snapshot)] == [
        "other.com"
    ]


def test_a_link_within_its_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "b.txt").write_text(header() + BODY, "utf-8")
    (tmp_path / "a.txt").symlink_to(tmp_path / "kept" / "b.txt")
    found = list(read_source(Source(tmp_path)))
    assert [type(snapshot) for snapshot in found] == [Snapshot, Snapshot]


def test_a_link_to_nothing_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "b.txt").write_text(header() + BODY, "utf-8")
    refusal, good = read_source(Source(tmp_path))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "it cannot be read: No such file or directory"
    assert isinstance(good, Snapshot)


def test_a_link_to_itself_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text(header() + BODY, "utf-8")
    refusal, good = read_source(Source(tmp_path))
    assert isinstance(refusal, Refusal)
    assert refusal.path == tmp_path / "a.txt"
    assert isinstance(good, Snapshot)


def test_a_file_that_must_not_be_read_is_refused_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be allowed to read everything, so the refusal is played."""
    read_bytes = Path.read_bytes

    def shut(path: Path) -> bytes:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    (tmp_path / "a.txt").write_text(header() + BODY, "utf-8")
    (tmp_path / "b.txt").write_text(header() + BODY, "utf-8")
    monkeypatch.setattr(Path, "read_bytes", shut)
    refusal, good = read_source(Source(tmp_path))
    assert refusal == Refusal(tmp_path / "a.txt", "it cannot be read: Permission denied")
    assert isinstance(good, Snapshot)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_what_comes_out_of_it(tmp_path: Path) -> None:
    pipe = tmp_path / "a.txt"
    os.mkfifo(pipe)
    # Somebody writes a policy into it, so that a program that reads the pipe does not hang here.
    writer = threading.Thread(
        target=pipe.write_bytes, args=((header() + BODY).encode(),), daemon=True
    )
    writer.start()
    (found,) = read_source(Source(tmp_path))
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # lets the writer go if nobody read
    writer.join()
    os.close(reader)
    assert isinstance(found, Refusal)


@settings(max_examples=100, deadline=None)
@given(
    content=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: (header() + text).encode("utf-8", "surrogatepass"))
)
def test_any_bytes_give_a_snapshot_or_a_refusal(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content)
    (found,) = read_source(Source(path))
    if isinstance(found, Snapshot):
        assert found.text == content.decode("utf-8-sig")
    else:
        assert found.reason


# --- Folders and files ----------------------------------------------------------------------------


def test_a_folder_is_read_in_the_order_of_its_file_names(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    for name, company in [("z.txt", "z.com"), ("m/b.md", "b.com"), ("a.TXT", "a.com")]:
        (tmp_path / name).write_text(header(company) + BODY, "utf-8")
    assert [s.company for s in read_source(Source(tmp_path)) if isinstance(s, Snapshot)] == [
        "a.com",
        "b.com",
        "z.com",
    ]


def test_files_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>", "utf-8")
    (tmp_path / "notes.txt.bak").write_text("…", "utf-8")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "a.txt").write_text(header() + BODY, "utf-8")
    assert len(list(read_source(Source(tmp_path)))) == 1


@pytest.mark.parametrize("name", [None, "page.html"], ids=["empty", "no text file"])
def test_a_folder_with_no_policy_in_it_is_named(name: str | None, tmp_path: Path) -> None:
    if name:
        (tmp_path / name).write_text("<p>", "utf-8")
    with pytest.raises(SourceError, match="holds no") as error:
        list(read_source(Source(tmp_path)))
    assert str(tmp_path) in str(error.value)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist") as error:
        list(read_source(Source(tmp_path / "gone")))
    assert str(tmp_path / "gone") in str(error.value)


def test_a_file_without_a_header_takes_company_and_day_from_its_source(tmp_path: Path) -> None:
    path = tmp_path / "policy.md"
    path.write_text(BODY, "utf-8")
    source = Source(path, "acme.com", date(2020, 2, 29), "https://acme.com/privacy")
    assert list(read_source(source)) == [
        Snapshot(
            company="acme.com",
            name="Acme",
            title="Privacy Policy",
            captured_on=date(2020, 2, 29),
            archived_url=None,
            original_url="https://acme.com/privacy",
            text=BODY,
            body_start=0,
        )
    ]


def test_a_given_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    (refusal,) = read_source(Source(tmp_path / "gone.md", "acme.com", date(2020, 2, 29)))
    assert isinstance(refusal, Refusal)
    assert "No such file" in refusal.reason


def test_one_file_given_for_two_days_is_two_sources(tmp_path: Path) -> None:
    days = [date(2020, 2, 29), date(2021, 3, 1)]
    assert len({Source(tmp_path / "a.md", "acme.com", day).id for day in days}) == 2


# --- Companies and dates --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "company"),
    [
        ("lumens.com", "lumens.com"),
        ("WWW.Lumens.COM", "lumens.com"),
        ("shop.lumens.co.uk", "shop.lumens.co.uk"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_is_written_one_way(value: str, company: str) -> None:
    assert parse_company(value) == company


@pytest.mark.parametrize(
    "value",
    ["", "lumens", "https://lumens.com", "lumens.com/", "-.com", "lümens.com", "a" * 254 + ".com"],
)
def test_what_is_no_domain_is_refused(value: str) -> None:
    with pytest.raises(SourceError, match="is not a domain such as"):
        parse_company(value)


@pytest.mark.parametrize(
    "value", ["", "2018", "20180119", "2018-1-9", "2018-02-30", "２０１８-01-19"]
)
def test_what_is_no_day_is_refused(value: str) -> None:
    with pytest.raises(SourceError, match="is not a date such as"):
        parse_date(value)


def test_a_leap_day_is_a_day() -> None:
    assert parse_date("2020-02-29") == date(2020, 2, 29)


def test_a_day_in_the_future_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(header(day="2199-01-01") + "We keep it.\n", "utf-8")
    (found,) = read_source(Source(tmp_path))
    assert isinstance(found, Refusal)
    assert "is in the future" in found.reason
