"""A policy is shown whole, in order, with the cited place marked."""

import html
import re
from dataclasses import replace

import pytest

from chatbot.bot import Chatbot
from chatbot.links import read_link
from chatbot.markup import escape
from chatbot.reader import policy_markup, reader_markup
from index.clean import clean
from index.outline import find_parts

TAGS = re.compile(r"<[^>]+>")


def text_of(markup: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", markup.replace("<wbr>", ""))).split())


def test_without_a_company_all_are_listed(bot: Chatbot) -> None:
    company, markup = reader_markup(bot, "#read")
    assert company == ""
    assert all(one.name in text_of(markup) for one in bot.policies())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("#read=nobody.example", "There is no policy of that company here."),
        (
            "#read=bellacor.com&as_of=1999-01-01",
            "The earliest policy of bellacor.com here is of 27 November 2009.",
        ),
    ],
)
def test_what_is_not_here_is_said_and_not_shown(bot: Chatbot, address: str, said: str) -> None:
    company, markup = reader_markup(bot, address)
    assert company == ""
    assert said in text_of(markup)
    assert 'class="policy"' not in markup


@pytest.mark.parametrize("company", ["bellacor.com", "betseyjohnson.com", "lumens.com"])
def test_every_paragraph_is_there_and_in_order(bot: Chatbot, company: str) -> None:
    snapshot = bot.policy(company)
    shown = policy_markup(bot, snapshot).split('<div class="policy">')[1]
    at = 0
    for part in find_parts(snapshot.text, snapshot.body_start):
        words = clean(snapshot.text[part.start : part.end], normalise=False).text.split("\n")
        if part.kind != "furniture" and "".join(words).strip():
            found = shown.find("<br>".join(map(escape, words)), at)
            assert found >= at, words
            at = found
    assert "The following text is extracted" not in shown


def test_every_heading_in_the_contents_leads_to_one_in_the_text(bot: Chatbot) -> None:
    _, markup = reader_markup(bot, "#read=lumens.com")
    contents, shown = markup.split('<div class="policy">')
    places = re.findall(r'<a href="#(at-\d+)"', contents)
    assert len(places) > 10
    assert [place for place in places if f'<h3 id="{place}"' not in shown] == []


def test_every_quote_of_an_answer_is_marked_where_it_stands(bot: Chatbot) -> None:
    answer = bot.ask("how do I opt out of Lumens emails?")
    assert answer.citations
    for citation in answer.citations:
        address = read_link(citation.company, citation.snapshot_date, citation.start, citation.end)
        _, markup = reader_markup(bot, address)
        marked = re.findall(r"<mark[^>]*>(.*?)</mark>", markup)
        assert text_of(" ".join(marked)) == " ".join(citation.display.split())
        assert markup.count('id="cited"') == 1
        assert f'value="{address}"' in html.unescape(markup)  # of "Copy link"


@pytest.mark.parametrize("place", [(0, 0), (7, 3), (10**8, 10**8 + 5), (0, 10**8)])
def test_a_place_that_is_not_in_the_text_marks_what_there_is_of_it(
    bot: Chatbot, place: tuple[int, int]
) -> None:
    snapshot = bot.policy("lumens.com")
    markup = policy_markup(bot, snapshot, place)
    assert ("<mark" in markup) == (place == (0, 10**8))


def test_an_item_that_brings_its_number_gets_no_dot(bot: Chatbot) -> None:
    _, markup = reader_markup(bot, "#read=bellacor.com&as_of=2009-11-27")
    numbered = re.search(r'<p class="([^"]+)" id="at-\d+">1&#46; Place an order', markup)
    assert numbered
    assert numbered[1] == "item"
    _, newer = reader_markup(bot, "#read=bellacor.com&as_of=2012-10-23")
    assert re.search(r'<p class="item dot" id="at-\d+">Fulfilling orders', newer)


def test_where_a_policy_was_archived_is_a_link_only_when_it_is_one(bot: Chatbot) -> None:
    snapshot = replace(
        bot.policy("lumens.com"), archived_url="javascript:alert(1)", original_url=None
    )
    markup = policy_markup(bot, snapshot)
    assert "Archived page" not in markup
    assert "lumens.com today" not in text_of(markup)
