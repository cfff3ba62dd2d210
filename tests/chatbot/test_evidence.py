"""Which sentences answer, and how far a quote reaches so that it can stand alone."""

from datetime import date
from pathlib import Path

import pytest

from chatbot.bot import Chatbot
from chatbot.evidence import MAX_QUOTE, MAX_QUOTES, Evidence, choose_quotes, find_evidence
from chatbot.evidence import quote_places as places_of
from chatbot.names import Names
from chatbot.types import Hit
from chatbot.understand import understand
from index.encode import Encoder
from index.policy_index import PolicyIndex, open_index
from index.store import encoder_folder
from index.types import FloatMatrix

LIMIT = 1000  # more than there are passages


@pytest.fixture(scope="module")
def policy_index(store: Path) -> PolicyIndex:
    return open_index(store)


@pytest.fixture(scope="module")
def encoder(store: Path, policy_index: PolicyIndex) -> Encoder:
    return Encoder(encoder_folder(store, policy_index.manifest))


def hits_of(bot: Chatbot, company: str, day: date | None = None) -> list[Hit]:
    return bot.search("your information", company=company, as_of=day, limit=LIMIT)


def quoted_from(hits: list[Hit], beginning: str) -> str:
    """Quote the sentence that begins so, with whatever it needs to stand alone."""
    for hit in hits:
        for place, sentence in enumerate(hit.sentences):
            if hit.passage.text.startswith(beginning, sentence.start):
                evidence = Evidence(hit, place, 0.0, 0.0, 0.0, False, 0.0)
                first, last = places_of(evidence)
                assert first <= place <= last
                return hit.passage.text[hit.sentences[first].start : hit.sentences[last].end]
    raise AssertionError(f"no sentence begins with {beginning!r}")


def test_a_sentence_that_stands_alone_is_quoted_alone(bot: Chatbot) -> None:
    quote = quoted_from(hits_of(bot, "lumens.com"), "We use clear gifs in our HTML-based")
    assert quote == (
        "We use clear gifs in our HTML-based e-mails to let us know which e-mails the recipients "
        "have opened."
    )


@pytest.mark.parametrize(
    ("company", "sentence", "before"),
    [
        ("betseyjohnson.com", "That information may then be used", "When we offer contests"),
        ("helzberg.com", "This means that we can track visits", "When a visitor comes"),
        ("lumens.com", "Such data are stored to the extent", "Data are stored on contracted"),
        ("lumens.com", "This allows us to gauge", "We use clear gifs in our HTML-based"),
        ("lumens.com", "They do not receive any personally", "Lumens.com investors receive"),
    ],
)
def test_a_sentence_takes_along_what_it_refers_back_to(
    bot: Chatbot, company: str, sentence: str, before: str
) -> None:
    quote = quoted_from(hits_of(bot, company), sentence)
    assert quote.startswith(before)
    assert sentence in quote


@pytest.mark.parametrize(
    "sentence", ["This Privacy Statement applies only", "This privacy statement applies solely"]
)
def test_a_sentence_about_the_policy_itself_refers_to_nothing(bot: Chatbot, sentence: str) -> None:
    assert quoted_from(hits_of(bot, "lumens.com"), sentence).startswith(sentence)


def test_a_sentence_that_announces_a_list_takes_the_list(bot: Chatbot) -> None:
    quote = quoted_from(hits_of(bot, "bellacor.com"), "We may share your information with third")
    assert quote.split("such as:")[1].split("\n")[1:] == [
        "Fulfilling orders",
        "Delivering packages",
        "Sending Bellacor marketing communications",
        "Conducting research and analysis",
        "Processing credit card payments",
        "Providing chat functions",
    ]


@pytest.mark.parametrize(
    ("company", "sentence", "goes_on"),
    [
        ("bellacor.com", "You can unsubscribe at any time", 'Simply state, "Do not email"'),
        ("helzberg.com", "If at any time you would like us to delete", "Please be sure to include"),
        ("betseyjohnson.com", "If at any time you would like us to remove", "Please be sure to"),
    ],
)
def test_a_sentence_takes_the_instruction_that_goes_on(
    bot: Chatbot, company: str, sentence: str, goes_on: str
) -> None:
    quote = quoted_from(hits_of(bot, company), sentence)
    assert quote.startswith(sentence)
    assert goes_on in quote


def test_an_instruction_takes_along_what_it_goes_on_from(bot: Chatbot) -> None:
    quote = quoted_from(hits_of(bot, "bellacor.com"), 'Simply state, "Do not email"')
    assert quote.startswith("You can unsubscribe at any time")
    assert quote.endswith("body of the message.")


@pytest.mark.parametrize(
    ("company", "day"),
    [
        ("bellacor.com", date(2009, 11, 27)),
        ("bellacor.com", None),
        ("betseyjohnson.com", None),
        ("helzberg.com", None),
        ("lumens.com", None),
    ],
)
def test_every_quote_holds_its_sentence_and_keeps_its_length(
    bot: Chatbot, company: str, day: date | None
) -> None:
    for hit in hits_of(bot, company, day):
        lengths = [sentence.end - sentence.start for sentence in hit.sentences]
        for place in range(len(hit.sentences)):
            first, last = places_of(Evidence(hit, place, 0.0, 0.0, 0.0, False, 0.0))
            assert 0 <= first <= place <= last < len(hit.sentences)
            # What the quote grows by may not carry it far over the limit.
            grown = [lengths[p] for p in range(first, last + 1)]
            assert len(grown) == 1 or sum(grown) - max(grown) <= MAX_QUOTE


def read(
    policy_index: PolicyIndex, encoder: Encoder, topic: str, hits: list[Hit]
) -> list[Evidence]:
    vector: FloatMatrix = encoder.encode([topic])[0]
    return find_evidence(policy_index, understand(topic, Names((), ())), vector, hits)


def test_the_sentence_that_answers_is_among_the_first(
    bot: Chatbot, policy_index: PolicyIndex, encoder: Encoder
) -> None:
    topic = "which e-mails the recipients have opened"
    found = read(policy_index, encoder, topic, bot.search(topic, company="lumens.com"))
    first = [e.text for e in found[:3]]
    assert any(text.startswith("We use clear gifs in our HTML-based e-mails") for text in first)


def test_evidence_is_sorted_and_its_measures_are_in_range(
    bot: Chatbot, policy_index: PolicyIndex, encoder: Encoder
) -> None:
    topic = "do you sell my address to others"
    found = read(policy_index, encoder, topic, bot.search(topic, company="lumens.com"))
    scores = [evidence.score for evidence in found]
    assert scores == sorted(scores, reverse=True)
    for evidence in found:
        assert -1.0001 <= evidence.cosine <= 1.0001
        assert 0 <= evidence.words <= 1
        assert 0 <= evidence.concepts <= 1


@pytest.mark.parametrize("topic", ["", "xqzzt", "?"])
def test_a_topic_without_a_known_word_is_covered_by_nothing(
    bot: Chatbot, policy_index: PolicyIndex, encoder: Encoder, topic: str
) -> None:
    hits = bot.search("cookies", company="lumens.com")
    assert {e.words for e in read(policy_index, encoder, topic, hits)} == {0.0}


def test_no_hits_give_no_evidence(policy_index: PolicyIndex, encoder: Encoder) -> None:
    assert read(policy_index, encoder, "cookies", []) == []


def test_few_quotes_are_chosen_the_best_first(
    bot: Chatbot, policy_index: PolicyIndex, encoder: Encoder
) -> None:
    topic = "what are cookies used for"
    found = read(policy_index, encoder, topic, bot.search(topic, company="lumens.com"))
    chosen = choose_quotes(found, within=1.0)
    assert len(chosen) == MAX_QUOTES
    assert (chosen[0].hit, chosen[0].place) == (found[0].hit, found[0].place)
    begin, end = chosen[0].reach or (0, -1)
    assert begin <= found[0].place <= end


@pytest.mark.parametrize(
    ("company", "topic"),
    [
        ("betseyjohnson.com", "names of the companies that offer contests"),
        ("betseyjohnson.com", "remove my e-mail address from the mailing list"),
        ("bellacor.com", "the name of the ad company that follows me around"),
        ("lumens.com", "how many years is order data stored"),
    ],
)
def test_no_two_quotes_hold_the_same_sentence(
    bot: Chatbot, policy_index: PolicyIndex, encoder: Encoder, company: str, topic: str
) -> None:
    found = read(policy_index, encoder, topic, bot.search(topic, company=company))
    quoted = [
        (evidence.hit.row, place)
        for evidence in choose_quotes(found, within=1.0)
        for place in range(places_of(evidence)[0], places_of(evidence)[1] + 1)
    ]
    assert len(quoted) == len(set(quoted))


def test_nothing_is_chosen_from_nothing() -> None:
    assert choose_quotes([]) == []
