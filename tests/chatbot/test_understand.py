"""What a question in plain words asks for, of whom, and when."""

from datetime import date
from pathlib import Path

import pytest

from chatbot.names import Names
from chatbot.types import Turn
from chatbot.understand import Understood, understand
from index.policy_index import open_index

BELLACOR, LUMENS = "bellacor.com", "lumens.com"


@pytest.fixture(scope="module")
def names(store: Path) -> Names:
    policy_index = open_index(store)
    return Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)


def after(names: Names, question: str, *earlier: str) -> Understood:
    """Read a question after earlier ones of the same user."""
    return understand(question, names, [Turn("user", text) for text in earlier])


# When


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("what did they say in 2012?", date(2012, 12, 31), id="year"),
        pytest.param("what did they say as of 2012?", date(2012, 12, 31), id="as-of-a-year"),
        pytest.param("(2012)", date(2012, 12, 31), id="year-in-brackets"),
        pytest.param("before 2010, did they sell?", date(2009, 12, 31), id="before-a-year"),
        pytest.param("prior to 2010, did they sell?", date(2009, 12, 31), id="prior-to-a-year"),
        pytest.param("in October 2012", date(2012, 10, 31), id="month"),
        pytest.param("in oct 2012", date(2012, 10, 31), id="month-cut-short"),
        pytest.param("in Oct. 2012", date(2012, 10, 31), id="month-with-a-full-stop"),
        pytest.param("in October, 2012", date(2012, 10, 31), id="month-with-a-comma"),
        pytest.param("in february 2008", date(2008, 2, 29), id="month-of-a-leap-year"),
        pytest.param("on 23 October 2012", date(2012, 10, 23), id="day-month-year"),
        pytest.param("on the 23rd of October 2012", date(2012, 10, 23), id="ordinal"),
        pytest.param("on October 23, 2012", date(2012, 10, 23), id="month-day-year"),
        pytest.param("on 2012-10-23", date(2012, 10, 23), id="iso"),
        pytest.param("as of 2012-10-23", date(2012, 10, 23), id="as-of-iso"),
        pytest.param("on 2012-02-29", date(2012, 2, 29), id="leap-day"),
    ],
)
def test_a_time_is_read_as_its_last_day(names: Names, text: str, day: date) -> None:
    assert after(names, text).days == (day,)


def test_several_times_are_kept_in_order_without_repeats(names: Names) -> None:
    days = after(names, "between 2012 and 2009, or 2012?").days
    assert days == (date(2012, 12, 31), date(2009, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("on 2012-02-30", id="iso-30-february"),
        pytest.param("on 2012-13-01", id="iso-month-13"),
        pytest.param("on 31 April 2012", id="31-april"),
        pytest.param("on 29 February 2011", id="no-leap-year"),
        pytest.param("on 99 May 2012", id="day-99"),
        pytest.param("order number 20120", id="longer-number"),
        pytest.param("in the year 3012", id="far-future"),
        pytest.param("in 1975", id="before-the-web"),
        pytest.param("last year", id="words"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_day_is_ignored(names: Names, text: str) -> None:
    assert after(names, text).days == ()


@pytest.mark.parametrize("text", ["what do they share now?", "is it sold today", "CURRENTLY sold?"])
def test_the_present_is_noticed(names: Names, text: str) -> None:
    understood = after(names, text)
    assert understood.now
    assert understood.days == ()


def test_no_present_is_read_into_other_words(names: Names) -> None:
    assert not after(names, "do they know my name? is it presented?").now


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("in 2012", id="year"),
        pytest.param("as of 2012", id="as-of-a-year"),
        pytest.param("before 2012", id="before-a-year"),
        pytest.param("in October 2012", id="month"),
        pytest.param("on 23 October 2012", id="day"),
        pytest.param("on October 23, 2012", id="american-day"),
        pytest.param("on 2012-10-23", id="iso"),
    ],
)
def test_the_time_is_no_part_of_the_topic(names: Names, when: str) -> None:
    assert after(names, f"what did lumens share {when}").topic == "what did share"


# Of whom


def test_the_company_is_carried_from_the_users_own_turn(names: Names) -> None:
    understood = after(names, "and do they use cookies?", "does Lumens sell my data?")
    assert understood.companies == ((LUMENS,),)
    assert understood.carried


def test_the_company_is_carried_over_turns_that_name_none(names: Names) -> None:
    understood = after(names, "and cookies?", "does Lumens sell my data?", "can I opt out?")
    assert understood.companies == ((LUMENS,),)


def test_the_newest_name_is_carried(names: Names) -> None:
    understood = after(names, "and cookies?", "does Lumens sell data?", "does Bellacor sell data?")
    assert understood.companies == ((BELLACOR,),)


def test_no_company_is_carried_from_an_assistants_turn(names: Names) -> None:
    history = [Turn("user", "is my card safe?"), Turn("assistant", "Lumens says it encrypts.")]
    understood = understand("and do they use cookies?", names, history)
    assert understood.companies == ()
    assert not understood.carried


def test_an_assistants_turn_does_not_replace_the_users_company(names: Names) -> None:
    history = [Turn("user", "is my card safe at Lumens?"), Turn("assistant", "Ask Bellacor.")]
    assert understand("and cookies?", names, history).companies == ((LUMENS,),)


def test_a_new_name_replaces_the_old(names: Names) -> None:
    understood = after(names, "and what does bellacor say?", "does Lumens sell my data?")
    assert understood.companies == ((BELLACOR,),)
    assert not understood.carried


def test_a_name_that_is_not_in_the_index_replaces_the_old(names: Names) -> None:
    understood = after(names, "and what about wayfair.com?", "does Lumens sell my data?")
    assert understood.companies == ()
    assert understood.unknown == "wayfair.com"


def test_the_year_is_carried_with_its_company(names: Names) -> None:
    understood = after(names, "and did they use cookies?", "what did bellacor collect in 2009?")
    assert understood.days == (date(2009, 12, 31),)


def test_a_new_year_replaces_the_old(names: Names) -> None:
    understood = after(names, "and in 2012?", "what did bellacor collect in 2009?")
    assert understood.days == (date(2012, 12, 31),)


@pytest.mark.parametrize(
    ("question", "year"),
    [("three years later too?", 2012), ("and 2 years earlier?", 2007), ("a year later?", 2010)],
)
def test_years_are_counted_from_the_time_that_was_named(
    names: Names, question: str, year: int
) -> None:
    understood = after(names, question, "what did bellacor collect in 2009?")
    assert understood.days == (date(year, 12, 31),)
    assert understood.by_year


def test_years_later_are_beside_a_time_named_in_the_same_question(names: Names) -> None:
    understood = understand("did bellacor sell it in 2009, and three years later?", names)
    assert understood.days == (date(2009, 12, 31), date(2012, 12, 31))
    assert understand("do they delete it two years later?", names).days == ()


def test_now_replaces_an_earlier_year(names: Names) -> None:
    understood = after(names, "and now?", "what did bellacor collect in 2009?")
    assert understood.now
    assert understood.days == ()


def test_the_year_of_another_company_is_not_carried(names: Names) -> None:
    question = "does lumens share my address with other firms for advertising?"
    assert after(names, question, "what did bellacor collect in 2009?").days == ()


# What


@pytest.mark.parametrize(
    "question", ["and how long?", "how long?", "what about that?", "why is that done?"]
)
def test_a_question_that_goes_on_carries_the_topic(names: Names, question: str) -> None:
    topic = after(names, question, "does lumens keep my home address?").topic
    assert "home address" in topic
    assert question in topic


def test_a_new_name_alone_carries_the_topic(names: Names) -> None:
    assert (
        "home address" in after(names, "and bellacor?", "does lumens keep my home address?").topic
    )


def test_the_topic_is_carried_over_a_turn_that_only_names_a_company(names: Names) -> None:
    earlier = ("does lumens keep my home address?", "and bellacor?")
    assert "home address" in after(names, "and how long?", *earlier).topic


def test_the_topic_of_an_assistants_turn_is_not_carried(names: Names) -> None:
    history = [Turn("user", "does lumens keep my home address?"), Turn("assistant", "Cookies.")]
    assert "Cookies" not in understand("and how long?", names, history).topic


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("who can read my messages in the live chat window?", id="no-pronoun"),
        pytest.param("who reads the messages that customers type in a chat?", id="relative-that"),
    ],
)
def test_a_question_that_stands_alone_carries_no_topic(names: Names, question: str) -> None:
    assert after(names, question, "does lumens keep my home address?").topic == question


def test_the_names_are_no_part_of_the_topic(names: Names) -> None:
    assert after(names, "does Bellacor's site use cookies?").topic == "does site use cookies?"


@pytest.mark.parametrize(
    "question",
    [
        "does lumens sell my data?",
        "is my card number encrypted",
        "would they tell me about a theft",
        "don't they sell it?",
        "ok, and do they share it?",
        "Can they read my emails?",
        "is it true that lumens sells my data",
        "so they'd sell my data, right?",
        "they swap my profile for cash?",
        "sell my number?",
        "I wonder whether they read my messages",
        "they keep my card, true or not?",
        "if a court asks will bellacor give them my orders",
        "If I tell them how old she is, will they delete it?",
        "When I close my account, do my reviews stay?",
        "must I give my phone number?",
    ],
)
def test_a_question_for_yes_or_no(names: Names, question: str) -> None:
    assert after(names, question).form == "yes_no"


@pytest.mark.parametrize(
    "question",
    [
        "how do I opt out?",
        "how can I stop the emails",
        "can you tell me how to unsubscribe?",
        "where do I write?",
        "Who do I contact about this?",
        "I want to unsubscribe",
        "please stop emailing me",
    ],
)
def test_a_question_for_what_to_do(names: Names, question: str) -> None:
    assert after(names, question).form == "how_to"


@pytest.mark.parametrize(
    "question",
    [
        "what do they collect?",
        "why do I get these emails?",
        "x",
        "how long after I leave, do they keep it?",
        "which of the partners is it that gets my name?",
        "My husband was your customer, which hurts. What is kept?",
    ],
)
def test_a_question_of_another_form(names: Names, question: str) -> None:
    assert after(names, question).form == "other"


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("how long do they keep my data?", "a period"),
        ("for how many years is it stored?", "a period"),
        ("how soon will it be deleted?", "a period"),
        ("what number do I call?", "a phone number"),
        ("what is the phone number to call?", "a phone number"),
        ("what is their phone number?", "a phone number"),
        ("what's the e-mail address to unsubscribe?", "an e-mail address"),
        ("which email address do I write to?", "an e-mail address"),
        ("which country is it kept in?", "a country"),
        ("what countries is my data sent to?", "a country"),
        ("how much does a copy cost?", "a price"),
        ("what fee do they charge?", "a price"),
    ],
)
def test_the_exact_thing_asked_for_has_a_name(names: Names, question: str, detail: str) -> None:
    asked = after(names, question).detail
    assert asked is not None
    assert asked.name == detail


@pytest.mark.parametrize(
    ("question", "given", "other"),
    [
        ("how long is it kept?", "We keep it for 30 days.", "We keep it as long as needed."),
        ("how long is it kept?", "It takes up to forty-eight hours.", "It takes some time."),
        ("what number do I call?", "Call 1-877-723-5522.", "Call us in 2012."),
        ("which email address do I write to?", "Write to a@b.com.", "Write to customer service."),
        ("which country is it kept in?", "Stored in the United States.", "Stored abroad."),
        ("how much does a copy cost?", "A copy costs $5.", "A copy is sent by post."),
    ],
)
def test_a_sentence_gives_the_exact_thing_or_not(
    names: Names, question: str, given: str, other: str
) -> None:
    detail = after(names, question).detail
    assert detail is not None
    assert detail.given.search(given)
    assert not detail.given.search(other)


@pytest.mark.parametrize(
    "question",
    ["do they ask for my phone number?", "is my email address sold?", "what do they collect?"],
)
def test_a_thing_that_is_only_spoken_of_is_not_asked_for(names: Names, question: str) -> None:
    assert after(names, question).detail is None


@pytest.mark.parametrize(
    "question",
    [
        "what changed between 2009 and 2012?",
        "what is different from 2009?",
        "compare 2009 and 2012",
        "is it the same as in 2009?",
    ],
)
def test_a_question_that_compares_is_noticed(names: Names, question: str) -> None:
    assert after(names, question).compares


def test_a_question_about_one_day_does_not_compare(names: Names) -> None:
    assert not after(names, "what did they share in 2009?").compares


def test_two_times_of_an_earlier_comparison_are_not_carried(names: Names) -> None:
    understood = after(
        names, "what about cookies?", "what changed at bellacor between 2009 and 2012?"
    )
    assert understood.companies == ((BELLACOR,),)
    assert understood.days == ()


def test_a_company_named_anew_is_asked_about_as_it_is_now(names: Names) -> None:
    assert after(names, "does bellacor sell data?", "did bellacor use cookies in 2009?").days == ()
