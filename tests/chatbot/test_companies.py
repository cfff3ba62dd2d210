"""All companies as links, and the days of one down a line of years."""

import re
from datetime import date, timedelta

import pytest

from chatbot.bot import Chatbot
from chatbot.companies import LISTED, companies_markup, timeline_markup
from index.types import Company


def company(*days: date) -> Company:
    return Company("shop.example", "Shop", days)


def years(markup: str) -> list[str]:
    return re.findall(r'<span class="year">([^<]+)</span>', markup)


def test_every_company_leads_to_its_newest_policy(bot: Chatbot) -> None:
    markup = companies_markup(bot)
    for one in bot.policies():
        assert f'href="&#35;read&#61;{one.company.replace(".", "&#46;")}"' in markup
    assert markup.count("<li>") == len(bot.policies())
    assert "27 November 2009</time> and <time" in markup


class ManyCompanies(Chatbot):
    """Knows nothing but the names of very many."""

    def __init__(self) -> None:
        """Open no index."""

    def policies(self) -> list[Company]:
        """More than are listed."""
        count = LISTED + 1234
        return [Company(f"{n}.example", f"No {n}", (date(2020, 1, 1),)) for n in range(count)]


def test_of_very_many_companies_the_rest_is_counted() -> None:
    markup = companies_markup(ManyCompanies())
    assert markup.count("<li>") == LISTED
    assert "And 1,234 more; type a name above." in markup


def test_one_day_needs_no_timeline() -> None:
    assert timeline_markup(company(date(2020, 1, 1)), "2020-01-01") == ""


def test_a_timeline_is_an_ordered_list_with_the_years_between() -> None:
    markup = timeline_markup(
        company(date(2009, 11, 27), date(2012, 3, 1), date(2012, 10, 23)), "2012-03-01"
    )
    assert years(markup) == ["2009", "2010", "2011", "2012"]
    assert markup.count('<li class="none">') == 2
    assert markup.count('<li class="here">') == 1
    assert re.findall(r'<time datetime="([\d-]+)">', markup) == [
        "2009-11-27",
        "2012-03-01",
        "2012-10-23",
    ]
    # The day that is shown is no link to itself, and said to be the one.
    assert markup.count("<a ") == 2
    assert re.search(r'<strong><time datetime="2012-03-01">.*is shown here.*</strong>', markup)
    # Each day is heard whole, though its year is seen once.
    assert '27 November<span class="heard"> 2009</span>' in markup


def test_many_empty_years_are_one() -> None:
    markup = timeline_markup(company(date(1999, 1, 1), date(2012, 1, 1)), "1999-01-01")
    assert years(markup) == ["1999", "2000–2011", "2012"]


@pytest.mark.parametrize(("count", "folded"), [(2, False), (24, False), (25, True), (1500, True)])
def test_many_days_are_folded_and_all_there(count: int, folded: bool) -> None:
    days = [date(2001, 1, 1) + timedelta(days=5 * number) for number in range(count)]
    markup = timeline_markup(company(*days), days[-1].isoformat())
    assert (" open>" not in markup) == folded
    assert f"<summary>{count:,} copies of this policy" in markup
    assert markup.count("<time") == count + (2 if folded else 0)
    assert markup.count('class="year"') == len({day.year for day in days})
