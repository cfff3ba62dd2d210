"""Whether a question wants something done."""

import pytest

from chatbot.wish import wish


@pytest.mark.parametrize(
    "question",
    [
        "how do I opt out of their emails?",
        "they keep mailing me offers, make it stop",
        "pls erase my account - how",
        "STOP SENDING ME THAT CATALOG",
        "close account",
        "My 12 year old has joined behind my back. Who do I tell?",
        "I want every scrap of data about me wiped",
        "where do i click to get rid of the ads",
        "snail mail address, want to write them about my file",
        "No more paper catalogs please",
        "a friend typed my email in there. Whom should I contact?",
    ],
)
def test_what_is_to_be_done_is_told(question: str) -> None:
    assert wish(question).acts


@pytest.mark.parametrize(
    "question",
    [
        "do they sell my e-mail address?",
        "who gets my phone number",
        "and how long till they write back?",
        "how long before the newsletter stops",
        "which tools do you use to protect my card number",
        "would they give my information to the police or a court?",
        "what happens to my posts when I am gone",
    ],
)
def test_a_question_for_a_fact_wants_nothing_done(question: str) -> None:
    assert not wish(question).may


def test_what_may_be_done_is_not_yet_wanted() -> None:
    wanted = wish("can i ring them up and buy that way instead")
    assert (wanted.acts, wanted.may, wanted.by) == (False, True, ("phone",))


@pytest.mark.parametrize(
    ("question", "by"),
    [
        ("who can I write to, and what must I put in the letter?", ("post",)),
        ("what's the phone number for privacy?", ("phone",)),
        ("where do I send a fax?", ("fax",)),
        ("how do I delete my account?", ()),
    ],
)
def test_the_ways_that_are_named_are_read(question: str, by: tuple[str, ...]) -> None:
    assert wish(question).by == by
