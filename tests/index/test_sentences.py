"""Sentences of a cleaned passage, cut where a reader would pause."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean
from index.sentences import sentence_spans
from index.sources import parse_headed

ROOT = Path(__file__).parent.parent.parent
FILES = [*sorted((ROOT / "seeds").glob("*.txt")), *sorted(ROOT.glob("tests/data/policies/*.md"))]
OPENING = "We describe here at some length what happens. "  # too long to be a label


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("Bellacor.com, Inc. Customer Service may share all of it.", id="Inc."),
        pytest.param("We may use services, e.g. Google Analytics, on our site.", id="e.g."),
        pytest.param("We use tools (i.e. Web Beacons) to learn what is read.", id="i.e."),
        pytest.param("We use clear gifs (a.k.a. Web Beacons) on our pages.", id="a.k.a."),
        pytest.param("We obey the U.S. Federal Trade Commission in all of this.", id="U.S."),
        pytest.param("We obey the rule (16 C.F.R. Part 312) in all of this.", id="C.F.R."),
        pytest.param("Please write to Mr. John Smith if you want a copy of it.", id="Mr."),
        pytest.param("Our office stands at 12 St. James Street in this city.", id="St."),
        pytest.param("Please write a letter to P.O. Box 1130, Tulsa, Oklahoma.", id="P.O."),
        pytest.param("This policy has been in force since Jan. 5 of last year.", id="month"),
        pytest.param("Please write to John F. Kennedy if you want a copy of it.", id="initial"),
        pytest.param("We keep it for 1.5 years and visit www.acme.com for more.", id="inner stops"),
        pytest.param("1. Lumens.com lets you change what is stored of you here.", id="list number"),
        pytest.param("A. Lumens.com lets you change what is stored of you here.", id="list letter"),
        pytest.param("IV. Lumens.com lets you change what is stored of you here.", id="roman"),
        pytest.param("We may share (etc.) whatever you have given to our shop.", id="lower case"),
    ],
)
def test_a_full_stop_within_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(sentence) == [sentence]
    assert sentences(OPENING + sentence) == [OPENING.strip(), sentence]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "We have never sold any of it to other people.| We will not do it.", id="full stop"
        ),
        pytest.param("Have we ever sold any of it to other people?| We have not.", id="question"),
        pytest.param("Please never send us your credit card number!| We mean it.", id="call"),
        pytest.param(
            "It will change from “http” to “https” in the address.”| Then you pay.", id="”"
        ),
        pytest.param('The subject of your mail must be just "unsubscribe."| We stop.', id='"'),
        pytest.param("We collect your name and address (see what is said below.)| We do.", id=")"),
        pytest.param("We sell it to nobody who is not part of us.| “Us” means Acme.", id="quoted"),
        pytest.param(
            "By posting a message to Bellacor.com, Inc.| You can unsubscribe.", id="Inc. You"
        ),
        pytest.param("Your data will then be kept by us in the U.S.| We protect it.", id="U.S. We"),
        pytest.param("It is kept in a vault since the year of 2018.| Nobody sees it.", id="year"),
        pytest.param(
            "We collect what is listed on this page:\n|Your name.\n|Your age.", id="lines"
        ),
    ],
)
def test_a_sentence_ends_here(text: str) -> None:
    """A bar stands where the next sentence begins."""
    assert sentences(text.replace("|", "")) == [part.strip() for part in text.split("|")]


def test_a_label_stays_with_the_sentence_that_it_names() -> None:
    text = "Order form. Contact information, such as name and address. We use it to send orders."
    assert sentences(text) == [
        "Order form. Contact information, such as name and address.",
        "We use it to send orders.",
    ]


def test_only_the_first_short_sentence_of_a_line_is_a_label() -> None:
    text = "Order form. Your name. Your age."
    assert sentences(text) == ["Order form. Your name.", "Your age."]


def test_the_lines_of_an_address_stay_together() -> None:
    address = "Privacy and Security\n2020 L Street, Suite LL10\nSacramento, CA 95811"
    assert sentences(f"Please write to us at:\n{address}") == ["Please write to us at:", address]


def test_an_abbreviation_ends_no_line_of_an_address() -> None:
    address = "Acme Inc.\n88 Colin P. Kelly Jr. St.\nSan Francisco, CA 94107"
    assert sentences(f"Please write to us at:\n{address}") == ["Please write to us at:", address]


def test_a_sentence_is_no_line_of_an_address() -> None:
    assert sentences("2020 L Street\nSacramento\nWe answer.") == [
        "2020 L Street\nSacramento",
        "We answer.",
    ]


@pytest.mark.parametrize("text", ["", "Privacy", "…"])
def test_a_text_without_a_sentence_is_one_or_none(text: str) -> None:
    assert sentences(text) == ([text] if text else [])


def assert_tiled(text: str) -> None:
    """The spans are in order, without white space at their ends, and leave out nothing else."""
    position = 0
    for start, end in sentence_spans(text):
        assert not text[position:start].strip()
        assert position <= start < end
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sentences_of_a_policy_leave_out_only_white_space(path: Path) -> None:
    text = path.read_text("utf-8")
    body = text[parse_headed(text).body_start :] if path.suffix == ".txt" else text
    assert len(sentence_spans(clean(body).text)) > 20
    assert_tiled(clean(body).text)


@given(
    text=st.lists(
        st.sampled_from([". ", ".", "! ", "? ", "\n", " ", "Inc. ", "a. ", "(", ")", "”", "“"])
        | st.sampled_from(["We", "sell", "U.S.", "16", "it", "日本", "x" * 50]),
        max_size=30,
    ).map(lambda pieces: clean("".join(pieces)).text)
)
@settings(max_examples=200, deadline=None)
def test_the_sentences_of_any_text_leave_out_only_white_space(text: str) -> None:
    assert_tiled(text)
