"""Passages: short, whole, under their headings, and exactly where they say they stand."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean
from index.encode import MAX_TOKENS, load_tokenizer
from index.names import company_name
from index.outline import find_parts, folded
from index.sources import parse_headed
from index.split import MAX_CHARACTERS, split_snapshot
from index.types import Occurrence, Passage, Snapshot

ROOT = Path(__file__).parent.parent.parent
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
POLICIES = sorted((ROOT / "tests" / "data" / "policies").glob("*.md"))
LONGEST = 900  # characters of a passage
ARCHIVED = "https://web.archive.org/web/20180119225254id_/http%3A//acme.com/"


def read(path: Path) -> Snapshot:
    text = path.read_text("utf-8")
    if path.suffix == ".txt":
        return parse_headed(text)
    company, day = path.stem.split("_")
    name = company_name(company, "", text)
    return Snapshot(company, name, "", date.fromisoformat(day), None, None, text, 0)


SNAPSHOTS = {path.stem: read(path) for path in [*SEEDS, *POLICIES]}
every_policy = pytest.mark.parametrize("snapshot", SNAPSHOTS.values(), ids=SNAPSHOTS.keys())


def snapshot_of(text: str, name: str = "Acme") -> Snapshot:
    return Snapshot("acme.com", name, "", date(2020, 2, 29), None, None, text, 0)


def anything_fits(_: str) -> bool:
    return True


def split(
    snapshot: Snapshot, fits: Callable[[str], bool] = anything_fits
) -> list[tuple[Passage, Occurrence]]:
    return split_snapshot(snapshot, fits)


def passage_with(snapshot: Snapshot, words: str) -> Passage:
    (passage,) = [passage for passage, _ in split(snapshot) if words in passage.text]
    return passage


@pytest.fixture(scope="module")
def count_tokens(store: Path) -> Callable[[str], int]:
    """How many tokens the real encoder makes of a text."""
    tokenizer = load_tokenizer(next((store / "encoders").iterdir()))
    tokenizer.no_truncation()
    return lambda text: len(tokenizer.encode(text).ids)


# --- Invariants -----------------------------------------------------------------------------------


def assert_whole(snapshot: Snapshot, passages: list[tuple[Passage, Occurrence]]) -> None:
    """In order, without overlap; only headings, furniture and white space between."""
    text, position, left_out = snapshot.text, 0, []
    for number, (passage, place) in enumerate(passages):
        assert (place.snapshot_id, place.ordinal) == (snapshot.id, number)
        assert place.key == passage.key
        assert position <= place.start < place.end <= len(text)
        left_out.append((position, place.start))
        position = place.end
    left_out.append((position, len(text)))
    searched = [
        part
        for part in find_parts(text, snapshot.body_start)
        if part.kind in ("paragraph", "item") and clean(text[part.start : part.end]).text
    ]
    for start, end in left_out:
        for part in searched:
            # A rule of a table or a break in a cell may be cut off; neither holds a word.
            assert not re.sub(r"[\s|]|<br>", "", text[max(start, part.start) : min(end, part.end)])


def assert_well_made(snapshot: Snapshot, passages: list[tuple[Passage, Occurrence]]) -> None:
    """Each is what stands there, short, and known by the hash of what is embedded."""
    for passage, place in passages:
        assert passage.text == clean(snapshot.text[place.start : place.end]).text
        assert 0 < len(passage.text) <= LONGEST
        assert passage.company == snapshot.company
        assert passage.embedded.startswith(f"{snapshot.name}\n")
        assert passage.embedded.endswith(f"\n{passage.text}")
        assert passage.key == hashlib.sha256(passage.embedded.encode()).hexdigest()


@every_policy
def test_the_passages_of_a_policy_leave_out_only_headings_and_furniture(snapshot: Snapshot) -> None:
    passages = split(snapshot)
    assert len(passages) > 5
    assert_whole(snapshot, passages)


@every_policy
def test_the_passages_of_a_policy_are_well_made(snapshot: Snapshot) -> None:
    assert_well_made(snapshot, split(snapshot))


@every_policy
def test_no_passage_holds_a_heading_or_furniture(snapshot: Snapshot) -> None:
    apart = [
        part
        for part in find_parts(snapshot.text, snapshot.body_start)
        if part.kind in ("heading", "furniture")
    ]
    for _, place in split(snapshot):
        assert not any(part.start < place.end and place.start < part.end for part in apart)


@every_policy
def test_no_passage_is_a_heading_alone(snapshot: Snapshot) -> None:
    parts = find_parts(snapshot.text, snapshot.body_start)
    headings = {folded(part.label) for part in parts if part.kind == "heading"}
    assert not any(folded(passage.text) in headings for passage, _ in split(snapshot))


@every_policy
def test_nothing_of_the_archive_is_searched_or_embedded(snapshot: Snapshot) -> None:
    for passage, place in split(snapshot):
        assert place.start >= snapshot.body_start
        assert "web.archive.org" not in passage.embedded
        assert "The following text is extracted" not in passage.embedded
        assert not re.search(r"^\W*top\W*$", passage.embedded, re.MULTILINE)


@every_policy
def test_every_passage_is_read_to_its_end_by_the_encoder(
    snapshot: Snapshot, count_tokens: Callable[[str], int]
) -> None:
    passages = split(snapshot, lambda text: count_tokens(text) <= MAX_TOKENS)
    assert_whole(snapshot, passages)
    assert max(count_tokens(passage.embedded) for passage, _ in passages) <= MAX_TOKENS


@every_policy
def test_the_first_item_of_a_list_stays_with_its_introduction(snapshot: Snapshot) -> None:
    text = snapshot.text
    parts = find_parts(text, snapshot.body_start)
    passages = split(snapshot)
    for before, item in pairwise(parts):
        introduction = clean(text[before.start : before.end]).text
        introduces = before.kind == "paragraph" and introduction.endswith(":")
        if introduces and item.kind == "item":
            (first,) = [found for found in passages if found[1].start <= item.start < found[1].end]
            fits = len(introduction) + len(first[0].text) < LONGEST  # nested items included
            assert first[1].start <= before.start or not fits, introduction


# --- Heading paths --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "words", "heading"),
    [
        ("bellacor.com_2009-11-27", "During Customer Support Hours", ""),
        ("bellacor.com_2012-10-23", "During Customer Support Hours", "Contact Us"),
        ("bellacor.com_2012-10-23", "Delivering packages", "Collected Information"),
        ("betseyjohnson.com_2006-12-20", "values its customers", ""),
        (
            "betseyjohnson.com_2006-12-20",
            "We contract with third parties",
            "Does betseyjohnson.com share my information with third parties?",
        ),
        ("helzberg.com_2011-10-07", "without exception!", ""),
        ("helzberg.com_2011-10-07", 'with "unsubscribe" included', "Email Updates"),
        ("lumens.com_2018-01-19", 'This Privacy and Security Statement ("Privacy', ""),
        (
            "lumens.com_2018-01-19",
            "Order form. Contact information",
            "A. WHAT INFORMATION IS COLLECTED? › 1. Active Collection.",
        ),
        (
            "lumens.com_2018-01-19",
            "administer the Lumens.com Web site",
            "A. WHAT INFORMATION IS COLLECTED? › 2. Passive Collection › a. Log Files",
        ),
        (
            "lumens.com_2018-01-19",
            "certified Database Administrator",
            "E. SECURITY › 4. Data Integrity and Retention",
        ),
        ("lumens.com_2018-01-19", "may offer links to other Web sites", "F. LINKING"),
        ("npmjs.com_2025-12-12", "open more than one account", "npm collects account data"),
        ("quora.com_2025-10-23", "Poe", "Poe by Quora"),
        (
            "upscrolled.com_2026-07-27",
            "human review to help",
            "What This Policy Covers › Platform Safety and Enforcement",
        ),
        (
            "opencollective.com_2026-04-30",
            "remove or reject browser cookies",
            "Your Choices › Cookies",
        ),
        (
            "uptimerobot.com_2026-06-24",
            "We do not sell our users’ private",
            "Sharing Information › How We Share Information",
        ),
    ],
)
def test_a_passage_knows_under_which_headings_it_stands(
    stem: str, words: str, heading: str
) -> None:
    assert passage_with(SNAPSHOTS[stem], words).heading == heading


TITLED = {
    stem: clean(title[1] or title[2]).text
    for stem, snapshot in SNAPSHOTS.items()
    if (title := re.search(r"^# (.+)|^(.+)\n===", snapshot.text, re.MULTILINE))
}


def test_most_pages_have_a_title() -> None:
    assert len(TITLED) > len(SNAPSHOTS) * 2 / 3


@pytest.mark.parametrize("stem", TITLED)
def test_the_title_of_a_page_is_in_no_heading_path(stem: str) -> None:
    """It differs between the snapshots of a company, so that no passage would be the same."""
    for passage, _ in split(SNAPSHOTS[stem]):
        assert TITLED[stem] not in passage.heading.split(" › ")


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param("## What we collect", id="##"),
        pytest.param("What we collect\n---------------", id="underlined"),
        pytest.param("**What we collect**", id="bold"),
    ],
)
def test_a_section_that_opens_a_policy_without_a_title_has_its_heading(heading: str) -> None:
    snapshot = snapshot_of(f"{heading}\n\nWe collect your name and where you live.\n")
    assert passage_with(snapshot, "your name").heading == "What we collect"


@every_policy
def test_no_passage_is_the_title_of_a_page_alone(snapshot: Snapshot) -> None:
    assert "privacy policy" not in {folded(passage.text) for passage, _ in split(snapshot)}


def test_the_same_paragraph_in_two_snapshots_is_the_same_passage() -> None:
    words = "Private account information is located behind a firewall"
    then = passage_with(SNAPSHOTS["bellacor.com_2009-11-27"], words)
    now = passage_with(SNAPSHOTS["bellacor.com_2012-10-23"], words)
    assert then == now


def test_company_heading_and_introduction_stand_before_the_embedded_text() -> None:
    passage = passage_with(SNAPSHOTS["lumens.com_2018-01-19"], "Refer a friend")
    assert passage.embedded == (
        "Lumens\n"
        "C. HOW DOES LUMENS.COM COMMUNICATE WITH CUSTOMERS?\n"
        "Unless you opt-out of communications from Lumens.com, you will receive the following "
        "types of communications:\n" + passage.text
    )


def test_a_long_heading_path_loses_its_outermost_headings() -> None:
    outer, inner = "Outer " * 20, "Inner " * 20
    (passage,) = [
        passage
        for passage, _ in split(snapshot_of(f"## {outer}\n\n### {inner}\n\nWe keep your data.\n"))
    ]
    assert passage.embedded == f"Acme\n{inner.strip()}\nWe keep your data."
    assert passage.heading == f"{outer.strip()} › {inner.strip()}"


# --- Lists ----------------------------------------------------------------------------------------


def test_an_introduction_moves_to_the_next_passage_with_its_list() -> None:
    prose = "We keep it. " * 70  # 840 characters
    text = f"{prose}\n\nWe collect what is listed below:\n\n" + "* one of many\n" * 5
    before, after = [passage.text for passage, _ in split(snapshot_of(text))]
    assert before == prose.strip()
    assert after.startswith("We collect what is listed below:\none of many\n")


def test_the_rest_of_a_long_list_is_embedded_with_its_introduction() -> None:
    item = "* what you buy from us, how often, and where it is sent\n"
    text = "We collect a lot. In particular we collect:\n\n" + item * 40
    passages = [passage for passage, _ in split(snapshot_of(text))]
    assert len(passages) == 3
    for passage in passages[1:]:
        assert passage.text.startswith("what you buy")
        assert passage.embedded.startswith("Acme\nIn particular we collect:\nwhat you buy")


def test_every_piece_of_a_long_first_item_is_embedded_with_its_introduction() -> None:
    text = "We collect:\n\n* " + "What you buy from us. " * 60
    passages = [passage for passage, _ in split(snapshot_of(text))]
    assert len(passages) >= 2
    assert all(passage.embedded.startswith("Acme\nWe collect:") for passage in passages)


# --- Texts too long for the encoder ---------------------------------------------------------------


@every_policy
def test_a_text_that_does_not_fit_is_halved_until_it_does(snapshot: Snapshot) -> None:
    passages = split(snapshot, lambda text: len(text) <= 400)
    assert_whole(snapshot, passages)
    assert_well_made(snapshot, passages)
    assert max(len(passage.embedded) for passage, _ in passages) <= 400
    assert len(passages) > len(split(snapshot))


def test_headings_that_fill_the_encoder_leave_room_for_the_text(
    count_tokens: Callable[[str], int],
) -> None:
    """A Korean syllable may be three tokens, so 240 characters of headings may be over 500."""
    heading = "개인정보 처리방침 안내 문서 전체 각각 " * 8
    snapshot = snapshot_of(f"# Acme\n\n## {heading[:170]}\n\nWe keep your data for ten days.\n")
    passages = split(snapshot, lambda text: count_tokens(text) <= MAX_TOKENS)
    assert " ".join(passage.text for passage, _ in passages) == "We keep your data for ten days."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 5_000, id="one word"),
        pytest.param("我们不出售您的个人信息" * 300, id="Chinese"),
        pytest.param("각 " * 1_500, id="Korean"),
        pytest.param("We keep it" + "😀" * 2_000, id="emoji"),
        pytest.param("ﷺ" * 500, id="characters that fold to many"),
        pytest.param("We keep your data for ten days. " * 500, id="one giant line"),
        pytest.param("and we keep it, " * 500, id="one giant sentence"),
        pytest.param("\u202e" * 2_000 + "We keep it.", id="invisible characters"),
        pytest.param("* " + "x" * 2_000 + "\n" * 3, id="one giant item"),
        pytest.param("a:\n" * 1_000, id="introductions of nothing"),
        pytest.param("* a\n" * 2_000, id="tiny items"),
        pytest.param("a b\n\n" * 1_000, id="tiny paragraphs"),
        pytest.param("[" * 3_000 + "a", id="brackets"),
        pytest.param("**" * 3_000 + "a", id="stars"),
        pytest.param(f"[partner]({ARCHIVED}{'x' * 2_500}), " * 20, id="long addresses"),
    ],
)
def test_hostile_text_is_still_split(text: str, count_tokens: Callable[[str], int]) -> None:
    snapshot = snapshot_of(text)
    passages = split(snapshot, lambda embedded: count_tokens(embedded) <= MAX_TOKENS)
    assert passages
    assert_whole(snapshot, passages)
    assert_well_made(snapshot, passages)


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("partner number {}", id="label of several words"),
        pytest.param("terms, conditions, rule {}", id="label with commas"),
        pytest.param("Acme Inc. Terms {}", id="label with a full stop"),
    ],
)
def test_a_link_is_never_cut_in_two(label: str) -> None:
    """Half a link would be read with its brackets and the archive's address."""
    links = [f"[{label.format(number)}]({ARCHIVED}{number})" for number in range(100)]
    for separator in (", ", " and "):
        text = f"We share what we know of you with {separator.join(links)}."
        for passage, _ in split(snapshot_of(text)):
            assert "web.archive.org" not in passage.text
            assert not re.search(r"[\[\]]", passage.text)


@given(
    text=st.lists(
        st.sampled_from(
            [
                "# Title\n\n",
                "## Sharing\n\n",
                "**Do you share it?**\n\n",
                "Security\n\n",
                "a. Log Files: We keep them.\n",
                "We collect:\n\n",
                "* one of many things\n",
                "1. one\n",
                "[top](#top)\n",
                "We keep your data for ten days. " * 20 + "\n\n",
                "and we keep it, " * 80,
                f"[our *many* partners]({ARCHIVED}) ",
                "日本語" * 200,
                "x" * 1_000,
                "\n",
                "  \n",
                "\xa0",
                "\u200b",
                "|",
                "**",
                "*",
            ]
        ),
        max_size=12,
    ).map("".join)
)
@settings(max_examples=100, deadline=None)
def test_any_text_is_split_without_loss(text: str) -> None:
    snapshot = snapshot_of(text)
    passages = split(snapshot)
    assert_whole(snapshot, passages)
    assert_well_made(snapshot, passages)


@pytest.mark.parametrize("white", [" ", "\t", "\u3000", "\u200b"], ids=ascii)
def test_white_space_without_end_parts_words_and_is_no_passage(white: str) -> None:
    words = "We keep your data for a year. "
    text = f"{words}{white * 100_000}{words * 40}"
    snapshot = Snapshot("acme.com", "Acme", "", date(2020, 1, 1), None, None, text, 0)
    found = [passage.text for passage, _ in split_snapshot(snapshot, lambda text: True)]
    assert all(len(passage) <= MAX_CHARACTERS for passage in found)
    assert "".join("".join(found).split()) == "".join((words * 41).split())
