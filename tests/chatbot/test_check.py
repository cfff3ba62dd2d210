"""What owners are told to write, over the real policies and one with known faults."""

import json
from datetime import date
from pathlib import Path

import pytest

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.check import PolicyCheck, check_policy, dead_links
from chatbot.contradictions import outright
from chatbot.topics import TOPICS
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder
from index.types import Snapshot

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def checks(store: Path) -> dict[str, PolicyCheck]:
    policy_index = open_index(store)
    bot = Chatbot(policy_index, Encoder(encoder_folder(store, policy_index.manifest)))
    return {one.company: check_policy(policy_index, bot, one.company) for one in bot.policies()}


def behaviours(check: PolicyCheck) -> dict[str, str]:
    return {one.topic: one.behaviour for one in check.topics}


def test_every_topic_is_asked_of_every_policy(checks: dict[str, PolicyCheck]) -> None:
    for check in checks.values():
        assert [one.topic for one in check.topics] == [topic.name for topic in TOPICS]
        assert not check.complete


@pytest.mark.parametrize(
    ("company", "silent", "said"),
    [  # read in the policies
        (
            "lumens.com",
            {"deletion", "breach", "children"},
            {"opting out", "cookies", "authorities"},
        ),
        ("bellacor.com", {"breach", "keeping", "authorities"}, {"selling", "sharing", "children"}),
        ("helzberg.com", {"breach", "transfer abroad"}, {"cookies", "opting out"}),
    ],
)
def test_what_is_silent_and_what_is_said(
    checks: dict[str, PolicyCheck], company: str, silent: set[str], said: set[str]
) -> None:
    found = behaviours(checks[company])
    assert {topic for topic in silent if found[topic] != "not_stated"} == set()
    assert {topic for topic in said if found[topic] == "not_stated"} == set()


def test_what_is_said_is_quoted(checks: dict[str, PolicyCheck]) -> None:
    for check in checks.values():
        for one in check.topics:
            assert (one.quote is None) == (one.behaviour == "not_stated")


def test_what_is_said_to_be_said_names_the_topic(checks: dict[str, PolicyCheck]) -> None:
    topics = {topic.name: topic for topic in TOPICS}
    for check in checks.values():
        for one in check.topics:
            if one.quote:
                quoted = f"{one.quote.section}: {one.quote.display}"
                assert topics[one.topic].named_in(quoted)


def test_the_labels_are_verbatim_and_of_every_topic() -> None:
    rows = [json.loads(line) for line in (DATA / "topics.jsonl").read_text("utf-8").splitlines()]
    policies = {(row["company"], row["snapshot_date"]) for row in rows}
    assert len(policies) == 5
    for company, day in policies:
        text = (ROOT / "seeds" / f"{company}_{day}.txt").read_text("utf-8")
        of_policy = [
            row for row in rows if (row["company"], row["snapshot_date"]) == (company, day)
        ]
        assert {row["topic"] for row in of_policy} == {topic.name for topic in TOPICS}
        for row in of_policy:
            assert bool(row["quote"]) == (row["said"] is not False)
            assert row["quote"] in text
    for line in (DATA / "contradictions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text = (ROOT / "seeds" / f"{row['company']}_{row['snapshot_date']}.txt").read_text("utf-8")
        assert all(quote in text for quote in row["quotes"])


def test_contacts_are_those_that_are_printed(checks: dict[str, PolicyCheck]) -> None:
    assert "customerservice@Lumens.com" in checks["lumens.com"].contacts
    assert "1-877-723-5522" in checks["bellacor.com"].contacts


def test_contradictions_quote_two_places(checks: dict[str, PolicyCheck]) -> None:
    found = {check.company: check.contradictions for check in checks.values()}
    assert found["helzberg.com"] == ()
    (shared,) = found["lumens.com"]
    assert "other marketers" in shared.yes.quote
    assert "do not sell or distribute our customer list" in shared.no.quote


SHARE = "do you share my information with third parties?"


@pytest.mark.parametrize(
    ("question", "sentence", "side"),
    [
        (SHARE, "We share your information with third parties.", "yes"),
        (SHARE, "We do not share your information with third parties.", "no"),
        (SHARE, "We never sell, rent or share information to or with third parties.", "no"),
        (SHARE, "Shop does not share your information with third parties.", "no"),
        # Another verb, one purpose, one way, one thing that does it: no plain no.
        (SHARE, "We do not authorize third parties to share your information.", ""),
        (SHARE, "We do not share your information with third parties for marketing.", ""),
        (SHARE, "The app does not share your information with third parties.", ""),
        ("do you use cookies?", "We do not use cookies to gather any personal information.", ""),
        ("do you use cookies?", "We use cookies.", "yes"),
        ("do you sell my information?", "We do not sell information in the usual sense.", ""),
        # A table has no sentences.
        (SHARE, "Do we share information with third parties? | No | We do not share", ""),
    ],
)
def test_a_side_is_taken_outright_or_not_at_all(question: str, sentence: str, side: str) -> None:
    assert outright(question, sentence, company="Shop shop.com") == side


def test_an_unknown_company_is_refused(store: Path, bot: Chatbot) -> None:
    with pytest.raises(UnknownPolicyError):
        check_policy(open_index(store), bot, "nobody.example")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[here]()", "nowhere"),
        ("[here](#)", "nowhere"),
        ("[here](javascript:void)", "do not open"),
        ("[here](http://localhost/x)", "own machine"),
        ("[here](https://www.yoursite.com/privacy)", "never filled in"),
        ("[here](https:///privacy)", "malformed"),
        ("[write](mailto:privacy)", "malformed"),
        ("[Google+](https://plus.google.com/1)", "ended"),
        ("Write to [your e-mail address here].", "never filled in"),
    ],
)
def test_links_that_look_dead_are_told(text: str, reason: str) -> None:
    (link,) = dead_links(snapshot(text))
    assert reason in link.reason


@pytest.mark.parametrize(
    "text",
    [
        "[here](https://shop.com/privacy)",
        "[part two](#part-two)",
        "[ours](/privacy)",
        "[write](mailto:privacy@shop.com)",
        "[then](https://web.archive.org/web/20180119225254id_/https%3A//www.lumens.com/x)",
    ],
)
def test_links_that_lead_somewhere_are_left_alone(text: str) -> None:
    assert list(dead_links(snapshot(text))) == []


def snapshot(text: str) -> Snapshot:
    return Snapshot("shop.com", "Shop", "", date(2026, 1, 1), None, None, text, 0)
