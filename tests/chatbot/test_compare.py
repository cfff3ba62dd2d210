"""What a policy says differently on two days, and what two companies say side by side."""

from datetime import date

import pytest

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.types import Answer, Citation
from index.clean import display
from index.words import fold

THEN, NOW = "2009-11-27", "2012-10-23"


@pytest.fixture(scope="module")
def bellacor(bot: Chatbot) -> Answer:
    return bot.compare("bellacor.com")


def shown(*citations: Citation | None) -> str:
    return " ".join(citation.display for citation in citations if citation)


def of_kind(answer: Answer, kind: str) -> list[str]:
    """List what is shown of every point of a kind."""
    return [shown(p.before, p.after) for p in answer.comparison if p.kind == kind]


def test_what_is_gone_is_said_only_then(bellacor: Answer) -> None:
    gone = of_kind(bellacor, "only_then")
    assert any("may share information with subsidiaries and affiliates" in text for text in gone)
    assert not any("affiliates" in text for text in of_kind(bellacor, "only_now"))


def test_what_is_new_is_said_only_now_with_its_whole_list(bellacor: Answer) -> None:
    (new,) = [text for text in of_kind(bellacor, "only_now") if "third parties to perform" in text]
    for item in ("Delivering packages", "Processing credit card payments", "chat functions"):
        assert item in new


def test_a_sentence_that_lost_a_word_is_reworded(bellacor: Answer) -> None:
    (point,) = [p for p in bellacor.comparison if "expiration date" in shown(p.before)]
    assert point.kind == "reworded"
    assert "address, age, type of business" in shown(point.before)
    assert "address, type of business" in shown(point.after)


def test_a_sentence_that_stayed_is_not_reported(bellacor: Answer) -> None:
    assert "we do not sell it to others" not in shown(*bellacor.citations)
    assert not of_kind(bellacor, "unchanged")


def test_link_targets_white_space_and_capitals_are_no_changes(bot: Chatbot) -> None:
    then = bot.policy("bellacor.com", date(2009, 11, 27)).text
    now = bot.policy("bellacor.com").text
    # Each stands in both texts, behind another link, between other spaces or in other letters.
    for sentence, in_then, in_now in (
        ("please click here", "unsubscribe1.cfm", "unsubscribe.cfm"),
        ("Personal Shopper", "/web/20091127063313id_/", "/web/20121023151131id_/"),
        ("It discloses the privacy guidelines", "www.bellacor.com and", "www.Bellacor.com and"),
    ):
        assert in_then in then
        assert in_then not in now
        assert in_now in now
        assert sentence not in shown(*bot.compare("bellacor.com").citations)


def test_no_point_pairs_equal_words(bellacor: Answer) -> None:
    for point in bellacor.comparison:
        assert fold(shown(point.before)) != fold(shown(point.after))


def test_every_point_has_the_sides_of_its_kind(bellacor: Answer) -> None:
    assert bellacor.comparison
    sides = {
        "only_then": (True, False),
        "only_now": (False, True),
        "reworded": (True, True),
    }
    for point in bellacor.comparison:
        assert (point.before is not None, point.after is not None) == sides[point.kind]


def test_the_older_stands_before_the_newer(bellacor: Answer) -> None:
    assert [snapshot.date for snapshot in bellacor.snapshots] == [THEN, NOW]
    assert {p.before.snapshot_date for p in bellacor.comparison if p.before} == {THEN}
    assert {p.after.snapshot_date for p in bellacor.comparison if p.after} == {NOW}


def test_the_order_of_the_two_days_does_not_matter(bot: Chatbot, bellacor: Answer) -> None:
    assert bot.compare("bellacor.com", date(2012, 10, 23), date(2009, 11, 27)) == bellacor


def test_a_day_stands_for_the_policy_in_force_on_it(bot: Chatbot, bellacor: Answer) -> None:
    assert bot.compare("bellacor.com", date(2011, 1, 1), date(2026, 1, 1)) == bellacor


def test_every_citation_is_the_policys_own_words(bot: Chatbot, bellacor: Answer) -> None:
    for citation in bellacor.citations:
        day = date.fromisoformat(citation.snapshot_date)
        text = bot.policy(citation.company, day).text
        assert text[citation.start : citation.end] == citation.quote
        assert citation.display == display(citation.quote)


def test_the_citations_of_the_points_are_the_citations_of_the_answer(bellacor: Answer) -> None:
    points = [c for p in bellacor.comparison for c in (p.before, p.after) if c]
    assert points == list(bellacor.citations)
    assert [citation.id for citation in points] == list(range(1, len(points) + 1))


def test_a_comparison_names_both_days(bellacor: Answer) -> None:
    assert bellacor.behaviour == "compare"
    assert bellacor.companies == ("bellacor.com",)
    said = " ".join(bellacor.notices)
    assert "27 November 2009" in said
    assert "23 October 2012" in said


def test_a_topic_restricts_what_is_compared(bot: Chatbot, bellacor: Answer) -> None:
    answer = bot.compare("bellacor.com", topic="affiliates")
    assert any("subsidiaries and affiliates" in text for text in of_kind(answer, "only_then"))
    assert {fold(c.display) for c in answer.citations} < {
        fold(c.display) for c in bellacor.citations
    }
    assert "Customer Support Hours" not in shown(*answer.citations)


def test_a_topic_that_the_policy_does_not_speak_of_changes_nothing(bot: Chatbot) -> None:
    answer = bot.compare("bellacor.com", topic="xqzzt")
    assert (answer.behaviour, answer.comparison, answer.citations) == ("compare", (), ())


@pytest.mark.parametrize("company", ["lumens.com", "bellacor.com"])
def test_a_policy_compared_with_itself_has_no_changes(bot: Chatbot, company: str) -> None:
    newest = bot.policy(company).captured_on
    answer = bot.compare(company, newest, newest)
    assert answer.comparison == ()
    assert "a change happened" not in " ".join(answer.notices)


@pytest.mark.parametrize("company", ["BELLACOR.COM", "www.bellacor.com", " bellacor.com "])
def test_a_company_is_known_however_its_domain_is_typed(
    bot: Chatbot, bellacor: Answer, company: str
) -> None:
    assert bot.compare(company) == bellacor


def test_a_company_that_is_not_in_the_index_cannot_be_compared(bot: Chatbot) -> None:
    with pytest.raises(UnknownPolicyError):
        bot.compare("nobody.example")


def test_a_day_before_the_first_policy_cannot_be_compared(bot: Chatbot) -> None:
    with pytest.raises(UnknownPolicyError, match="27 November 2009"):
        bot.compare("bellacor.com", date(2009, 11, 26))


# Asked in words


def test_a_promise_that_stayed_is_shown_as_unchanged(bot: Chatbot) -> None:
    answer = bot.ask(
        "did bellacor still promise in 2012 not to sell customer information, like in 2009?"
    )
    assert answer.behaviour == "compare"
    (point,) = answer.comparison
    assert point.kind == "unchanged"
    assert point.before is not None
    assert point.after is not None
    assert "we do not sell it to others" in point.before.display
    assert (point.before.snapshot_date, point.after.snapshot_date) == (THEN, NOW)
    assert "same" in answer.first_paragraph
    assert "a change happened" not in " ".join(answer.notices)


def test_a_detail_that_was_dropped_is_shown(bot: Chatbot) -> None:
    answer = bot.ask(
        "What's different about the personal details Bellacor asked for in 2009 compared to 2012?"
    )
    assert answer.behaviour == "compare"
    assert any("address, age, type of business" in text for text in of_kind(answer, "reworded"))


def test_two_years_on_a_topic_are_compared_on_it(bot: Chatbot) -> None:
    answer = bot.ask("what changed about affiliates at bellacor between 2009 and 2012?")
    assert answer.behaviour == "compare"
    assert any("subsidiaries and affiliates" in text for text in of_kind(answer, "only_then"))


def test_two_companies_stand_side_by_side_in_the_order_asked(bot: Chatbot) -> None:
    answer = bot.ask("do lumens and betsey johnson put personal info inside their cookies?")
    assert answer.behaviour == "compare"
    assert list(answer.companies) == ["lumens.com", "betseyjohnson.com"]
    (point,) = answer.comparison
    assert point.kind == "side_by_side"
    assert point.before is not None
    assert point.after is not None
    assert (point.before.company, point.after.company) == ("lumens.com", "betseyjohnson.com")
    assert "do not store personal information in cookies" in point.before.display
    assert "do not store personally identifiable information" in point.after.display


def test_companies_far_apart_in_time_are_said_to_be(bot: Chatbot) -> None:
    answer = bot.ask("do betsey johnson and lumens put personal info inside their cookies?")
    assert any("12 years apart" in notice for notice in answer.notices)


def test_a_company_that_does_not_say_is_named_and_not_cited(bot: Chatbot) -> None:
    answer = bot.ask("do helzberg and bellacor collect information about children under 13?")
    assert answer.behaviour == "compare"
    assert "Helzberg Diamonds does not say" in answer.answer
    assert {citation.company for citation in answer.citations} == {"bellacor.com"}
    assert [snapshot.company for snapshot in answer.snapshots] == ["helzberg.com", "bellacor.com"]


def test_a_company_of_which_nothing_is_known_that_day_is_not_said_to_be_silent(
    bot: Chatbot,
) -> None:
    answer = bot.ask("did helzberg and lumens use cookies in 2012?")
    assert "lumens.com" not in {citation.company for citation in answer.citations}
    assert "Lumens does not say" not in answer.answer
    assert "19 January 2018" in f"{answer.answer} {answer.notices}"


def test_three_companies_get_a_point_each(bot: Chatbot) -> None:
    answer = bot.ask("do bellacor, helzberg and lumens use cookies?")
    assert answer.behaviour == "compare"
    assert list(answer.companies) == ["bellacor.com", "helzberg.com", "lumens.com"]
    assert {p.kind for p in answer.comparison} == {"side_by_side"}
    assert [c.company for c in answer.citations] == list(answer.companies)
