"""Archive text as a person reads it, every character traceable to where it stands."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean, display
from index.sources import parse_headed

SEEDS = sorted((Path(__file__).parent.parent.parent / "seeds").glob("*.txt"))
ARCHIVED = "https://web.archive.org/web/20180119225254id_/http%3A//acme.com/a"

# What policies are made of, and what stands between two such fragments.
FRAGMENTS = st.sampled_from(
    [
        "We sell nothing.",
        "e.g. this",
        "“quotes”",
        "**bold words**",
        "__bold too__",
        "*slanted words*",
        "_slanted too_",
        "***both***",
        "** never closed",
        "*",
        "_",
        f"[a label]({ARCHIVED})",
        f"[**log in**]({ARCHIVED}(b)c 'title')",
        '[titled](https://a.example/b "a title")',
        "[not a link]",
        "[broken](https://a.example/",
        "![a picture](a.png)",
        "[](#anchor)",
        "<https://a.example/x>",
        "[top](https://a.example/) |",
        "1\\. Escaped",
        "\\* starred",
        "a\\_b",
        "snake_case_name",
        "2*3*4",
        "`code`",
        "* bullet",
        "  * inner bullet",
        "•\xa0dot",
        "- dash",
        "1. one",
        "| cell | cell |",
        "in:<br><br>* a cell<br/>",
        "[noted\\[20\\]](#note-20)",
        "|",
        "---",
        "# Heading",
        "#### A. HEADING ####",
        "> quoted",
        "\xa0\xa0",
        "ﬁne",
        "①",
        "½",
        "日本語",
        "😀",
        "zero\u200bwidth",
        "\u202eoverride\u202c",
        "soft\u00adhyphen",
    ]
)
SEPARATORS = st.sampled_from(["", " ", "\n", "  \n", "\n\n", "\n   \n", "\r\n"])
MARKDOWN = st.lists(st.tuples(FRAGMENTS, SEPARATORS), min_size=1, max_size=8).map(
    lambda pairs: "".join(fragment + separator for fragment, separator in pairs)
)


# --- What is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(f"See [our shop]({ARCHIVED}).", "See our shop.", id="link"),
        pytest.param('[shop](https://a.example "Title")', "shop", id="link with a title"),
        pytest.param("[x](https://a.example/b_(c)) y", "x y", id="parentheses in the address"),
        pytest.param("[customer\nservice](mailto:a@b.example)", "customer service", id="two lines"),
        pytest.param(f"[**log in**]({ARCHIVED})", "log in", id="bold link"),
        pytest.param("[a](b) and [c](d)", "a and c", id="two links"),
        pytest.param(r"[partners\[20\]](#note-20).", "partners.", id="link to a footnote"),
        pytest.param("[partners[20]](#note-20).", "partners.", id="the same, not escaped"),
        pytest.param(r"[rule \[3\] of 4](b)", "rule [3] of 4", id="brackets in a label"),
        pytest.param("[a b] (c)", "[a b] (c)", id="brackets that are no link"),
        pytest.param("<https://a.example/x>", "https://a.example/x", id="bare address"),
        pytest.param("a <b> c", "a <b> c", id="angle brackets that are no address"),
        pytest.param("a ![logo](x.png) b", "a b", id="image"),
        pytest.param(r"1\. One \* two\_three \[x\]", "1. One * two_three [x]", id="escapes"),
        pytest.param(r"C:\temp", r"C:\temp", id="backslash that escapes nothing"),
        pytest.param("**Bold** and __bold__.", "Bold and bold.", id="bold"),
        pytest.param("*Slanted* and _slanted_.", "Slanted and slanted.", id="emphasis"),
        pytest.param("**  \nDoes it share?**", "Does it share?", id="bold over a line break"),
        pytest.param("snake_case_name, 2*3*4", "snake_case_name, 2*3*4", id="no emphasis"),
        pytest.param("CST* only", "CST* only", id="a footnote's star"),
        pytest.param("* one\n* two", "one\ntwo", id="bullets"),
        pytest.param("  •\xa0one\n  -\ttwo", "one\ntwo", id="other bullets"),
        pytest.param("1. one\n2. two", "1. one\n2. two", id="numbers stay"),
        pytest.param("well-known - really", "well-known - really", id="dashes stay"),
        pytest.param("| a | b |", "a | b", id="outer pipes"),
        pytest.param("#### F. LINKING ####", "F. LINKING", id="heading marks"),
        pytest.param("> quoted", "quoted", id="quotation mark"),
        pytest.param("a\xa0\xa0b", "a b", id="no-break spaces"),
        pytest.param("a \t  b", "a b", id="white space"),
        pytest.param("a\nb", "a b", id="soft line break"),
        pytest.param("a  \nb", "a\nb", id="hard line break"),
        pytest.param("a\\\nb", "a\nb", id="backslash line break"),
        pytest.param("a\n \n\nb", "a\nb", id="blank lines"),
        pytest.param("| a:<br>b<BR/>c |", "a:\nb\nc", id="breaks in a cell"),
        pytest.param("a:<br><br>* b<br>\t- c", "a:\nb\nc", id="a list in a cell"),
        pytest.param(" \n\xa0", "", id="nothing"),
    ],
)
def test_marks_fall_away_and_words_stay(raw: str, text: str) -> None:
    assert clean(raw).text == text


INVISIBLE = {
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte-order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "tag letter": "\U000e0041",
    "bell": "\x07",
    "delete": "\x7f",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_what_cannot_be_seen_is_neither_searched_nor_shown(character: str) -> None:
    raw = f"never{character} se{character}ll{character}"
    assert clean(raw).text == "never sell"
    assert display(raw) == "never sell"


def test_joiners_stay_because_letters_need_them() -> None:
    assert clean("می\u200cخواهم").text == "می\u200cخواهم"


@pytest.mark.parametrize(
    ("raw", "searched"), [("ﬁne", "fine"), ("①", "1"), ("Ⅳ", "IV"), ("ｅ－ｍａｉｌ", "e-mail")]
)
def test_spellings_are_folded_for_search_and_kept_for_display(raw: str, searched: str) -> None:
    assert clean(raw).text == searched
    assert clean(raw, normalise=False).text == raw
    assert display(raw) == raw


def test_what_is_displayed_stands_on_one_line() -> None:
    assert display("* one\n* [two](b)\n\n  three") == "one two three"


@given(raw=MARKDOWN)
@settings(max_examples=200, deadline=None)
def test_white_space_is_folded_whatever_the_text(raw: str) -> None:
    text = clean(raw).text
    assert text == text.strip()
    assert "  " not in text
    assert "\n\n" not in text


# --- Back to the archived text --------------------------------------------------------------------


@given(raw=MARKDOWN, data=st.data())
@settings(max_examples=300, deadline=None)
def test_the_archived_span_of_any_words_reads_as_those_words(raw: str, data: st.DataObject) -> None:
    """The span has letters at both ends: cut before a "-", it would begin with a bullet."""
    cleaned = clean(raw)
    words = [word.span() for word in re.finditer(r"\w+", cleaned.text)]
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start, end = words[first][0], words[last][1]
    raw_start, raw_end = cleaned.raw_span(start, end)
    read = clean(raw[raw_start:raw_end]).text
    assert " ".join(cleaned.text[start:end].split()) in " ".join(read.split())


@given(raw=MARKDOWN, data=st.data())
@settings(max_examples=200, deadline=None)
def test_the_archived_span_of_any_span_lies_in_the_text(raw: str, data: st.DataObject) -> None:
    cleaned = clean(raw)
    if not cleaned.text:
        return
    start = data.draw(st.integers(0, len(cleaned.text) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned.text)))
    raw_start, raw_end = cleaned.raw_span(start, end)
    assert 0 <= raw_start < raw_end <= len(raw)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_line_of_a_seed_is_found_again_in_the_archived_text(path: Path) -> None:
    snapshot = parse_headed(path.read_text("utf-8"))
    body = snapshot.text[snapshot.body_start :]
    cleaned = clean(body)
    lines = [line.span() for line in re.finditer(r"[^\n]*\w[^\n]*", cleaned.text)]
    assert len(lines) > 20
    for start, end in lines:
        raw_start, raw_end = cleaned.raw_span(start, end)
        assert clean(body[raw_start:raw_end]).text == cleaned.text[start:end]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_word_of_a_seed_stands_where_its_span_says(path: Path) -> None:
    body = path.read_text("utf-8")
    cleaned = clean(body, normalise=False)
    for word in re.finditer(r"[^\W_]+", cleaned.text):
        raw_start, raw_end = cleaned.raw_span(*word.span())
        raw = body[raw_start:raw_end]
        assert raw == word.group() or (raw[0] in "[*_" and word.group() in raw)


def test_a_span_within_a_link_is_widened_to_the_whole_link() -> None:
    raw = f"Please [log in here]({ARCHIVED}) now"
    cleaned = clean(raw)
    start = cleaned.text.index("in")
    raw_start, raw_end = cleaned.raw_span(start, start + 2)
    assert raw[raw_start:raw_end] == f"[log in here]({ARCHIVED})"


@pytest.mark.parametrize("raw", ["*Note* that we sell.", "_Note_ that we sell."])
def test_a_span_that_begins_in_slanted_words_shows_no_mark(raw: str) -> None:
    raw_start, raw_end = clean(raw).raw_span(0, len("Note that we sell."))
    assert display(raw[raw_start:raw_end]) == "Note that we sell."


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 5)])
def test_a_span_that_is_empty_or_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(IndexError, match="of a text of 4 characters"):
        clean("text").raw_span(start, end)


# --- Hostile text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("a" + " " * 200_000 + "b", id="spaces"),
        pytest.param("a" + "\xa0" * 200_000 + "b", id="no-break spaces"),
        pytest.param("a" + "\n" * 200_000 + "b", id="line breaks"),
        pytest.param("a" + " \n" * 100_000 + "b", id="blank lines"),
        pytest.param("a \u200b" * 50_000, id="invisible between spaces"),
        pytest.param("[" * 60_000, id="opening brackets"),
        pytest.param("[](" * 20_000, id="open links"),
        pytest.param("[a](b " * 20_000, id="open titles"),
        pytest.param("[a](" + "(b)" * 20_000, id="parentheses"),
        pytest.param("[" * 300 + "a" + "](b)" * 300, id="nested brackets"),
        pytest.param("![" * 30_000, id="open images"),
        pytest.param("*" * 60_000, id="stars"),
        pytest.param("*a " * 20_000, id="open emphasis"),
        pytest.param("_" * 60_000, id="underscores"),
        pytest.param("#" * 60_000, id="number signs"),
        pytest.param("|" * 60_000, id="pipes"),
        pytest.param("\\" * 60_000, id="backslashes"),
        pytest.param("<http://" * 10_000, id="open addresses"),
        pytest.param("* " * 50_000, id="bullets"),
        pytest.param("a" * 100_000, id="one word"),
    ],
)
def test_hostile_text_is_cleaned_in_time_that_grows_with_its_length(raw: str) -> None:
    """Patterns that backtrack would keep this test for minutes; nothing is invented either."""
    cleaned = clean(raw)
    assert set(cleaned.text) <= {*raw, " ", "\n"}
    assert len(cleaned.text) <= len(raw)
