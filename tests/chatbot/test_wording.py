"""How dates, ages and lists are said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.wording import age, age_notice, listed, long_date, possessive, quoted

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("day", [date(2018, 1, 9), "2018-01-09"])
def test_a_date_is_written_out_without_a_leading_zero(day: date | str) -> None:
    assert long_date(day) == "9 January 2018"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param(date(2018, 1, 19), "8 years ago", id="years"),
        pytest.param(date(2024, 11, 21), "2 years ago", id="two-years-to-the-day"),
        pytest.param(date(2024, 11, 22), "23 months ago", id="a-day-short-of-two-years"),
        pytest.param(date(2025, 11, 21), "12 months ago", id="one-year"),
        pytest.param(date(2026, 9, 21), "2 months ago", id="two-months-to-the-day"),
        pytest.param(date(2026, 9, 22), "60 days ago", id="a-day-short-of-two-months"),
        pytest.param(date(2026, 11, 19), "2 days ago", id="two-days"),
        pytest.param(date(2026, 11, 20), "1 day ago", id="one-day"),
        pytest.param(date(2026, 11, 21), "today", id="today"),
        pytest.param(date(2026, 11, 22), "today", id="a-clock-that-is-behind"),
    ],
)
def test_an_age_is_counted_in_whole_units(day: date, said: str) -> None:
    assert age(day, TODAY) == said


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2024, 2, 29), "4 years ago"),
        (date(2024, 2, 28), "3 years ago"),
        (date(2023, 2, 28), "2 years ago"),
        (date(2023, 3, 1), "3 years ago"),
        (date(2022, 2, 28), "23 months ago"),
        (date(2022, 3, 1), "2 years ago"),
    ],
)
def test_a_leap_day_has_its_birthday_on_the_first_of_march(today: date, said: str) -> None:
    assert age(date(2020, 2, 29), today) == said


@pytest.mark.parametrize(
    ("day", "today", "said"),
    [
        (date(2026, 8, 31), date(2026, 10, 31), "2 months ago"),
        (date(2026, 8, 31), date(2026, 10, 30), "60 days ago"),
        (date(2025, 12, 31), date(2026, 2, 28), "59 days ago"),
        (date(2025, 12, 31), date(2026, 3, 1), "2 months ago"),
    ],
)
def test_months_of_unlike_lengths_are_counted_when_they_are_full(
    day: date, today: date, said: str
) -> None:
    assert age(day, today) == said


@given(st.dates(min_value=date(1990, 1, 1), max_value=TODAY), st.integers(0, 400))
def test_an_age_never_falls_as_time_goes_by(day: date, later: int) -> None:
    sizes = {"day": 1, "month": 28, "year": 336}

    def days(said: str) -> int:
        number, unit, _ = said.split() if said != "today" else ("0", "day", "ago")
        return int(number) * sizes[unit.removesuffix("s")]

    first = age(day, TODAY)
    second = age(day, TODAY + timedelta(days=later))
    assert first.removesuffix(" ago").split()[-1].removesuffix("s") in (*sizes, "today")
    assert days(second) >= days(first)


def test_a_notice_gives_date_and_age() -> None:
    notice = age_notice(date(2018, 1, 19), TODAY)
    assert notice == "This is the policy as archived on 19 January 2018, 8 years ago."


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (["email"], "The address may have changed."),
        (["post", "phone"], "The addresses may have changed."),
        (["phone"], "The number may have changed."),
        (["phone", "fax"], "The numbers may have changed."),
    ],
)
def test_a_notice_warns_of_old_addresses(actions: list[str], words: str) -> None:
    assert age_notice(date(2018, 1, 19), TODAY, actions=actions).endswith(f"8 years ago. {words}")


def test_a_policy_in_force_is_not_called_archived() -> None:
    notice = age_notice(date(2018, 1, 19), TODAY, actions=["email"], in_force=True)
    assert notice == "Policy as of 19 January 2018."


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (list("ABCDEF"), "A, B, C, D, E and F"),
        (list("ABCDEFG"), "A, B, C, D, E, F and 1 more"),
        (["A", "B", "C", "D", "E", "F"] + ["G"] * 120, "A, B, C, D, E, F and 120 more"),
    ],
)
def test_a_list_shows_six_names_and_counts_the_rest(names: list[str], text: str) -> None:
    assert listed(names) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Bellacor", "Bellacor's"),
        ("Lumens", "Lumens'"),
        ("Helzberg Diamonds", "Helzberg Diamonds'"),
    ],
)
def test_possessives(name: str, text: str) -> None:
    assert possessive(name) == text


def test_words_are_quoted_with_curly_marks() -> None:
    assert quoted("Do not email") == "“Do not email”"
