"""Addresses within the page are written and read alike, and hostile ones do nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.links import ask_link, changes_link, day_of, offset_of, read_address, read_link

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT, TEXT, st.dates())
def test_a_question_is_read_from_its_own_link(question: str, company: str, day: date) -> None:
    address = ask_link(question, company, day.isoformat())
    assert read_address(address) == {"q": question, "company": company, "as_of": day.isoformat()}


def test_what_is_not_chosen_is_not_in_the_link() -> None:
    assert ask_link("why?") == "#q=why%3F"
    assert read_link("a.example", "") == "#read=a.example"
    assert changes_link("a.example", "", "") == "#changes=a.example"


def test_a_place_in_a_policy_may_be_its_very_beginning() -> None:
    fields = read_address(read_link("a.example", "2020-01-01", 0, 7))
    assert (fields["from"], fields["to"]) == ("0", "7")


@given(st.text())
def test_no_address_is_an_error(text: str) -> None:
    fields = read_address(text)
    day_of(fields.get("as_of", text))
    assert offset_of(fields.get("from", text)) >= 0


def test_the_first_of_two_counts_and_too_many_count_as_none() -> None:
    assert read_address("#q=one&q=two") == {"q": "one"}
    assert read_address("#" + "&".join(f"f{n}=x" for n in range(11))) == {}


@pytest.mark.parametrize("text", ["", "2020-13-01", "yesterday", "١٢", "-5", "1e3", "9" * 10])
def test_what_is_no_day_and_no_place(text: str) -> None:
    assert day_of(text) is None
    assert offset_of(text) == 0


def test_days_and_places() -> None:
    assert day_of("2018-01-19") == date(2018, 1, 19)
    assert offset_of("018013") == 18013
