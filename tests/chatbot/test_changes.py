"""What changed is said in words, in the order of the newer policy; the rest is folded."""

import html
import re
from dataclasses import replace
from datetime import date

import pytest

from chatbot.bot import Chatbot
from chatbot.changes import _reworded, changes_markup
from chatbot.companies import LISTED
from index.types import Company

TAGS = re.compile(r"<[^>]+>")
BOTH = "#changes=bellacor.com&from=2009-11-27&to=2012-10-23"


def text_of(markup: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", markup.replace("<wbr>", ""))).split())


def test_without_a_company_those_of_several_days_are_listed(bot: Chatbot) -> None:
    company, days, markup = changes_markup(bot, "#changes")
    assert (company, days) == ("", ("", ""))
    assert "Bellacor" in text_of(markup)
    assert "Lumens" not in text_of(markup)  # one day only


def test_where_no_company_has_several_days_that_is_said(bot: Chatbot) -> None:
    class OneDayBot(Chatbot):
        def __init__(self) -> None:
            pass

        def policies(self) -> list[Company]:
            return [replace(one, days=one.days[:1]) for one in bot.policies()]

    assert "No company here has policies of two days." in changes_markup(OneDayBot(), "")[2]


def test_of_very_many_companies_the_rest_is_counted(bot: Chatbot) -> None:
    class ManyBot(Chatbot):
        def __init__(self) -> None:
            pass

        def policies(self) -> list[Company]:
            days = (date(2019, 1, 1), date(2020, 1, 1))
            return [Company(f"{n}.example", f"No {n}", days) for n in range(LISTED + 5)]

    markup = changes_markup(ManyBot(), "")[2]
    assert markup.count("<li>") == LISTED
    assert "And 5 more" in markup


@pytest.mark.parametrize(
    "address", ["#changes=nobody.example", "#changes=bellacor.com&from=1999-01-01&to=1999-02-01"]
)
def test_what_is_not_here_is_said(bot: Chatbot, address: str) -> None:
    company, _, markup = changes_markup(bot, address)
    assert company == ""
    assert 'class="change' not in markup


def test_by_default_the_oldest_and_the_newest_are_compared(bot: Chatbot) -> None:
    assert changes_markup(bot, "#changes=bellacor.com") == changes_markup(bot, BOTH)
    turned = changes_markup(bot, "#changes=bellacor.com&from=2012-10-23&to=2009-11-27")
    assert turned == changes_markup(bot, BOTH)


def test_every_change_is_shown_once_named_and_counted(bot: Chatbot) -> None:
    answer = bot.compare("bellacor.com")
    company, days, markup = changes_markup(bot, BOTH)
    assert (company, days) == ("bellacor.com", ("2009-11-27", "2012-10-23"))
    shown = markup.count('<div class="change ')
    assert shown == len([point for point in answer.comparison if point.kind != "unchanged"])
    kinds = {"Added": "only_now", "Removed": "only_then", "Reworded": "reworded"}
    for word, kind in kinds.items():
        count = sum(point.kind == kind for point in answer.comparison)
        assert markup.count(f'<p class="kind">{word}</p>') == count
        assert not count or f"{count} {word.lower()}" in text_of(markup)


def test_added_and_reworded_stand_in_the_order_of_the_newer_policy(bot: Chatbot) -> None:
    _, _, markup = changes_markup(bot, BOTH)
    links = re.findall(r'href="([^"]*)"[^>]*>Read in the policy of 2012', markup)
    places = [int(re.findall(r"from=(\d+)", html.unescape(link))[0]) for link in links]
    assert len(places) > 3
    assert places == sorted(places)


def test_paragraphs_without_a_change_are_folded(bot: Chatbot) -> None:
    _, _, markup = changes_markup(bot, BOTH)
    assert '<details class="same"><summary>' in markup
    assert '<details class="same" open' not in markup


def test_a_day_beside_itself_has_no_change(bot: Chatbot) -> None:
    _, days, markup = changes_markup(bot, "#changes=bellacor.com&from=2012-10-23&to=2012-10-23")
    assert days == ("2012-10-23", "2012-10-23")
    assert 'class="change' not in markup


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("we keep data", "we keep data", "we keep data"),
        ("we keep data", "we share data", "we removed keep added share data"),
        ("we keep", "we keep it", "we keep added it"),
        ("we keep it", "we keep", "we keep removed it"),
        ("", "new", "added new"),
    ],
)
def test_both_wordings_are_said_in_words(before: str, after: str, words: str) -> None:
    assert text_of(_reworded(before, after)) == words


def test_words_that_are_markup_stay_words() -> None:
    assert "<b>" not in _reworded("a <b>x</b>", "a <i>x</i>")
