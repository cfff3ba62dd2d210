"""The roles of a snapshot's parts: headings in every style, paragraphs, items, furniture."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean
from index.outline import Part, find_parts, folded
from index.sources import parse_headed

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"
POLICIES = ROOT / "tests" / "data" / "policies"
FILES = [*sorted(SEEDS.glob("*.txt")), *sorted(POLICIES.glob("*.md"))]
BELLACOR = ["bellacor.com_2009-11-27.txt", "bellacor.com_2012-10-23.txt"]
PROSE = (
    "We keep your order for ten days and then we delete it, together with everything that you "
    "wrote to us about it, unless the law wants us to keep it for longer.\n"
)


def read(path: Path) -> tuple[str, list[Part]]:
    """A policy's text and its parts."""
    text = path.read_text("utf-8")
    body_start = parse_headed(text).body_start if path.suffix == ".txt" else 0
    return text, find_parts(text, body_start)


def headings(text: str) -> list[str]:
    return [part.label for part in find_parts(text, 0) if part.kind == "heading"]


def part_at(parts: list[Part], position: int) -> Part:
    return next(part for part in parts if part.start <= position < part.end)


def assert_tiled(text: str, parts: list[Part]) -> None:
    assert "".join(text[part.start : part.end] for part in parts) == text
    position = 0
    for part in parts:
        assert part.start == position < part.end
        position = part.end


# --- All policies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_parts_of_a_policy_tile_it(path: Path) -> None:
    assert_tiled(*read(path))


@given(
    text=st.lists(
        st.sampled_from(["# A\n", "**B?**\n", "C\n", "- d\n", "\n", "---\n", "===\n", "1. E\n"])
        | st.sampled_from([PROSE, "[top](#)\n", "|", "F:\n", "\u2028", "\x0c", "\r", "   ", "**"]),
        max_size=20,
    ).map("".join),
    body_start=st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_the_parts_of_any_text_tile_it(text: str, body_start: int) -> None:
    assert_tiled(text, find_parts(text, min(body_start, len(text))))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" + "\n" * 40_000 + "b", id="blank lines"),
        pytest.param("ab\n\n" * 4_000, id="paragraphs"),
        pytest.param("A:\n" * 4_000 + "## A\n", id="menu"),
        pytest.param("## A\n" * 4_000, id="headings"),
        pytest.param("**a\n" * 4_000, id="open bold"),
        pytest.param("* a\n" * 4_000, id="items"),
        pytest.param(" " * 100_000 + "a", id="one line of spaces"),
        pytest.param("1." * 50_000, id="one line of numbers"),
    ],
)
def test_hostile_text_is_tiled_in_time_that_grows_with_its_length(text: str) -> None:
    """A search of all lines from every line would keep this test for minutes."""
    assert_tiled(text, find_parts(text, 0))


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_archives_header_is_furniture(path: Path) -> None:
    text, parts = read(path)
    assert parts[0] == Part("furniture", 0, parse_headed(text).body_start)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_heading_and_label_is_what_stands_there(path: Path) -> None:
    text, parts = read(path)
    labelled = [part for part in parts if part.label]
    assert labelled
    for part in labelled:
        assert folded(part.label) in folded(clean(text[part.start : part.end]).text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_words_are_paragraphs_and_items(path: Path) -> None:
    text, parts = read(path)
    for part in parts:
        if part.kind in ("paragraph", "item"):
            assert re.search(r"\w", clean(text[part.start : part.end]).text)


# --- Headings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "bellacor.com_2009-11-27.txt",
            [
                "At Bellacor, You'll Always Find High Quality Lighting And Home Furnishings",
                "PRIVACY POLICY",
                "Commitment to Privacy",
                "Collected Information",
                "Use of Information",
                "E–Mail",
                "Third Party Policy",
                "Commitment to Data Security",
                "Electronic Security",
                "Cookies",
                "Encryption",
                "Commitment to Children's Privacy",
                "Contact Us",
            ],
        ),
        (
            "bellacor.com_2012-10-23.txt",
            [
                "Privacy Policy | BELLACOR.COM’S Commitment To Privacy",
                "Commitment to Privacy",
                "Collected Information",
                "Contact Us",
                "Use of Information",
                "E–Mail",
                "Third Party Policy",
                "Commitment to Data Security",
                "Electronic Security",
                "Cookies",
                "Encryption",
                "Commitment to Children's Privacy",
                "Contact Us",
            ],
        ),
        (
            "betseyjohnson.com_2006-12-20.txt",
            [
                "Privacy Policy - Betsey Johnson Official Store",
                "Privacy Policy",
                "What kind of information does betseyjohnson.com collect?",
                "How does betseyjohnson.com use my information?",
                "Does betseyjohnson.com share my information with third parties?",
                "How do I access my information? How do I change or delete my information?",
                "How does betseyjohnson.com protect kids' privacy?",
                "What are cookies? How does betseyjohnson.com use cookies on its site?",
                "How do I know my order information is secure?",
                "What about links to other websites and services?",
            ],
        ),
        (
            "helzberg.com_2011-10-07.txt",
            [
                "Privacy Policy - Customer Service - Helzberg Diamonds",
                "Privacy",
                "Information We Collect and How It's Used",
                "Jeweler's Vigilance Committee",
                "Domain Names",
                "General Browsing",
                "Cookies",
                "Other Information We Collect",
                "Email Updates",
                "Links",
            ],
        ),
        (
            "lumens.com_2018-01-19.txt",
            [
                "Privacy Policy | Privacy & Security at Lumens.com",
                "A. WHAT INFORMATION IS COLLECTED?",
                "1. Active Collection.",
                "2. Passive Collection",
                "B. HOW DOES LUMENS.COM USE THE INFORMATION COLLECTED?",
                "C. HOW DOES LUMENS.COM COMMUNICATE WITH CUSTOMERS?",
                "D. WHAT INFORMATION IS SHARED WITH THIRD PARTIES?",
                "E. SECURITY",
                "1. Identification and Authentication",
                "2. Authorization and Access Control",
                "3. Data Confidentiality",
                "4. Data Integrity and Retention",
                "5. Data Management and Monitoring",
                "F. LINKING",
                "G. UNSOLICITED E-MAIL (SPAM)",
                "H. SURVEYS AND CONTESTS",
                "I. CHOICE/OPT OUT",
                "J. ACCESSING AND CHANGING INFORMATION",
                "K. NOTIFICATION OF CHANGES",
                "L. ADDRESSING PRIVACY & SECURITY CONCERNS",
            ],
        ),
    ],
)
def test_the_headings_of_a_seed_are_these(file: str, expected: list[str]) -> None:
    _, parts = read(SEEDS / file)
    assert [part.label for part in parts if part.kind == "heading"] == expected


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("npmjs.com_2025-12-12.md", "Privacy Questions and Answers"),  # underlined with =
        ("npmjs.com_2025-12-12.md", "Where does npm keep data about me?"),  # underlined with -
        ("opencollective.com_2026-04-30.md", "Do Not Track"),  # ###
        ("uptimerobot.com_2026-06-24.md", "List of Sub-processors"),  # ####
        ("upscrolled.com_2026-07-27.md", "Platform Safety and Enforcement"),  # bold
        ("quora.com_2025-10-23.md", "How We Transfer Your Information"),  # a bare line
        ("twitch.tv_2026-08-13.md", "Additional State-Specific Privacy Disclosures"),  # ### **
    ],
)
def test_a_heading_of_a_larger_policy_is_found(file: str, label: str) -> None:
    _, parts = read(POLICIES / file)
    assert [part.kind for part in parts if part.label == label] == ["heading"]


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        pytest.param("# Sharing\n\n", "Sharing", id="#"),
        pytest.param("## Sharing\n\n", "Sharing", id="##"),
        pytest.param("### Sharing\n\n", "Sharing", id="###"),
        pytest.param("#### Sharing ####\n\n", "Sharing", id="####"),
        pytest.param("Sharing\n=======\n\n", "Sharing", id="underlined ="),
        pytest.param("Sharing\n-------\n\n", "Sharing", id="underlined -"),
        pytest.param("**Do you share it?**\n\n", "Do you share it?", id="bold question"),
        pytest.param(
            "**  \nDo you share it?**\n\n", "Do you share it?", id="** on the line before"
        ),
        pytest.param("**2\\. Passive Collection**   \n", "2. Passive Collection", id="bold number"),
        pytest.param("3\\. Data Confidentiality   \n", "3. Data Confidentiality", id="number"),
        pytest.param("B. Data Confidentiality   \n", "B. Data Confidentiality", id="letter"),
        pytest.param("Electronic Security  \n", "Electronic Security", id="bare line"),
    ],
)
def test_a_heading_is_found_in_every_style(heading: str, label: str) -> None:
    text = f"{PROSE}\n[top](#)\n\n{heading}{PROSE}"
    assert headings(text) == [label]
    assert part_at(find_parts(text, 0), text.rindex(PROSE)).kind == "paragraph"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("We keep it for ten days.", id="sentence"),
        pytest.param("**We do not sell your data.**", id="bold sentence"),
        pytest.param("**Never** do we sell what you give us to any other firm", id="a bold word"),
        pytest.param("privacy@acme.com", id="e-mail address"),
        pytest.param("* One of several", id="list item"),
        pytest.param("Name, address,", id="line that goes on"),
        pytest.param("#1 in lighting", id="number sign without a space"),
        pytest.param("We may use what you give us for these and other purposes", id="many words"),
        pytest.param("### Last Updated: February 5, 2024", id="the day of the policy"),
        pytest.param("## April 10, 2024", id="a day"),
        pytest.param("Effective 1 May 2026\n--------------------", id="an underlined day"),
    ],
)
def test_a_line_is_no_heading_for_being_short(line: str) -> None:
    text = f"{PROSE}\n{line}\n\n{PROSE}"
    assert headings(text) == []
    assert part_at(find_parts(text, 0), text.index(line)).kind in ("paragraph", "item")


def test_a_line_of_a_postal_address_is_no_heading() -> None:
    text, parts = read(POLICIES / "quora.com_2025-10-23.md")
    assert part_at(parts, text.index("Mountain View, CA 94041")).kind == "paragraph"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("opencollective.com_2026-04-30.md", "**Last Updated: April 1st 2026**"),
        ("quora.com_2025-10-23.md", "Effective date: August 25, 2023"),
        ("upscrolled.com_2026-07-27.md", "**Last updated:** 30 May 2026"),
    ],
)
def test_the_day_from_which_a_policy_holds_is_text_that_can_be_found(file: str, line: str) -> None:
    text, parts = read(POLICIES / file)
    assert part_at(parts, text.index(line)).kind == "paragraph"


def test_a_heading_with_nothing_below_it_is_text() -> None:
    text = f"{PROSE}\n**Thank you**\n"
    assert part_at(find_parts(text, 0), text.index("**")).kind == "paragraph"


@pytest.mark.parametrize(
    ("start", "label"),
    [
        ("a. Log Files: Log files information,", "a. Log Files"),
        ("b. Cookies: Lumens.com uses cookies,", "b. Cookies"),
        ("c. Clear Gifs (Web Beacons/Web Bugs). We", "c. Clear Gifs (Web Beacons/Web Bugs)"),
    ],
)
def test_a_label_that_opens_a_paragraph_names_it(start: str, label: str) -> None:
    text, parts = read(SEEDS / "lumens.com_2018-01-19.txt")
    part = part_at(parts, text.index(start))
    assert (part.kind, part.label) == ("paragraph", label)
    assert text[part.start :].startswith(start)


# --- Furniture ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", BELLACOR)
def test_a_side_menu_is_furniture(file: str) -> None:
    """It stands in two pieces, each after a "top" link, some entries broken over two lines."""
    text, parts = read(SEEDS / file)
    first, second = [match.start() for match in re.finditer(r"\[top\]", text)][:2]
    entries = []
    for start, last_entry in [(first, "Cookies  \n"), (second, "Contact Us  \n")]:
        end = text.index(last_entry, start) + len(last_entry)
        menu = [part for part in parts if start <= part.start < end]
        assert {part.kind for part in menu} == {"furniture"}
        entries += [folded(clean(text[part.start : part.end]).text) for part in menu]
    assert {"use of information", "third party policy", "children s privacy"} <= set(entries)


@pytest.mark.parametrize("file", BELLACOR)
def test_no_line_that_only_repeats_a_heading_is_searched(file: str) -> None:
    text, parts = read(SEEDS / file)
    labels = {folded(part.label) for part in parts if part.kind == "heading"}
    for part in parts:
        if part.kind in ("paragraph", "item"):
            assert folded(clean(text[part.start : part.end]).text) not in labels


@pytest.mark.parametrize("file", BELLACOR)
def test_a_link_to_the_top_is_furniture(file: str) -> None:
    text, parts = read(SEEDS / file)
    links = [match.start() for match in re.finditer(r"\[top\]\(", text)]
    assert len(links) == 11
    for link in links:
        part = part_at(parts, link)
        assert part.kind == "furniture"
        assert part.start == link


def test_a_menu_entry_with_a_colon_heads_what_follows() -> None:
    text, parts = read(SEEDS / "bellacor.com_2012-10-23.txt")
    start = text.index("Contact Us:")
    heading = parts.index(part_at(parts, start))
    assert (parts[heading].kind, parts[heading].label) == ("heading", "Contact Us")
    assert parts[heading + 1].kind == "paragraph"
    assert text[parts[heading + 1].start :].startswith("During [Customer Support Hours]")


def test_the_same_entry_without_a_colon_is_furniture() -> None:
    text, parts = read(SEEDS / "bellacor.com_2012-10-23.txt")
    assert part_at(parts, text.index("Contact Us  \n")).kind == "furniture"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("[Back to top](#top)", id="back to top"),
        pytest.param("| [Print](javascript:print) |", id="print"),
        pytest.param("* [Our cookies](#cookies)", id="entry of a table of contents"),
        pytest.param("1. [Our cookies](#cookies)", id="numbered entry"),
        pytest.param("* * *", id="rule"),
        pytest.param("---|---", id="table rule"),
        pytest.param("|  | ", id="empty table row"),
    ],
)
def test_navigation_and_rules_are_furniture(line: str) -> None:
    text = f"{PROSE}\n{line}\n\n{PROSE}"
    assert part_at(find_parts(text, 0), text.index(line)).kind == "furniture"


def test_a_link_that_is_part_of_a_sentence_is_no_furniture() -> None:
    text = f"{PROSE}\nYou may go [home](#) at any time.\n"
    assert part_at(find_parts(text, 0), text.index("You may")).kind == "paragraph"


# --- Paragraphs and items -------------------------------------------------------------------------


def test_every_item_of_a_list_is_a_part() -> None:
    text = "We collect:\n\n  * names\n  * addresses\n    of all kinds\n  * orders\n\nThat is all.\n"
    parts = find_parts(text, 0)
    assert [(part.kind, clean(text[part.start : part.end]).text) for part in parts] == [
        ("paragraph", "We collect:"),
        ("item", "names"),
        ("item", "addresses of all kinds"),
        ("item", "orders"),
        ("paragraph", "That is all."),
    ]


def test_a_blank_line_ends_a_paragraph() -> None:
    parts = find_parts(f"{PROSE}\n{PROSE}", 0)
    assert [part.kind for part in parts] == ["paragraph", "paragraph"]


def test_a_soft_line_break_does_not() -> None:
    parts = find_parts(f"{PROSE}{PROSE}", 0)
    assert [part.kind for part in parts] == ["paragraph"]


def test_a_line_broken_on_purpose_begins_a_paragraph() -> None:
    parts = find_parts(f"{PROSE[:-1]}  \n{PROSE}", 0)
    assert [part.kind for part in parts] == ["paragraph", "paragraph"]


def test_the_lines_of_an_address_are_one_paragraph() -> None:
    address = "Privacy and Security   \n2020 L Street, Suite LL10   \nSacramento, CA 95811   \n"
    text = f"Write to us:\n\n{address}"
    parts = find_parts(text, 0)
    assert [text[part.start : part.end] for part in parts] == ["Write to us:\n\n", address]
