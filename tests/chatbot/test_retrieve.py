"""Which passages are found, of which company and snapshot, and with which scores."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from chatbot.bot import Chatbot
from chatbot.retrieve import retrieve, spread, word_scores
from chatbot.types import Hit
from index.clean import clean
from index.policy_index import PolicyIndex, open_index
from index.types import FloatMatrix

LIMIT = 1000  # more than there are passages


@pytest.fixture(scope="module")
def policy_index(store: Path) -> PolicyIndex:
    return open_index(store)


@pytest.fixture(scope="module")
def vector(policy_index: PolicyIndex) -> FloatMatrix:
    """Take a passage's own vector for that of a question."""
    return np.asarray(policy_index.vectors[0])


def found(
    policy_index: PolicyIndex, vector: FloatMatrix, question: str, *ids: str, limit: int = LIMIT
) -> list[Hit]:
    snapshots = [policy_index.corpus.snapshot(id_) for id_ in ids]
    return retrieve(policy_index, question, vector, snapshots, limit=limit)


OLD, NEW, OTHER = "bellacor.com@2009-11-27", "bellacor.com@2012-10-23", "lumens.com@2018-01-19"


@pytest.mark.parametrize("id_", [OLD, NEW, OTHER])
def test_only_passages_of_the_snapshot_come_back(
    policy_index: PolicyIndex, vector: FloatMatrix, id_: str
) -> None:
    hits = found(policy_index, vector, "do you sell my data", id_)
    assert {hit.snapshot.id for hit in hits} == {id_}
    assert {hit.row for hit in hits} == set(policy_index.corpus.occurrences(id_))


def test_a_passage_of_two_snapshots_comes_back_for_each(
    policy_index: PolicyIndex, vector: FloatMatrix
) -> None:
    hits = found(policy_index, vector, "do you sell my data", OLD, NEW)
    places = [(hit.snapshot.id, hit.row) for hit in hits]
    assert len(places) == len(set(places))
    for id_ in (OLD, NEW):
        rows = {row for snapshot_id, row in places if snapshot_id == id_}
        assert rows == set(policy_index.corpus.occurrences(id_))


def test_without_snapshots_the_newest_of_every_company_is_searched(
    policy_index: PolicyIndex, vector: FloatMatrix
) -> None:
    hits = found(policy_index, vector, "do you sell my data")
    newest = {f"{c.company}@{c.days[-1]}" for c in policy_index.companies.values()}
    assert hits
    assert {hit.snapshot.id for hit in hits} <= newest
    assert len({hit.snapshot.company for hit in hits}) > 1


def test_a_hit_stands_where_it_says(policy_index: PolicyIndex, vector: FloatMatrix) -> None:
    for hit in found(policy_index, vector, "cookies", OLD, OTHER):
        assert clean(hit.snapshot.text[hit.start : hit.end]).text == hit.passage.text


def test_scores_are_in_range_and_sorted(policy_index: PolicyIndex, vector: FloatMatrix) -> None:
    hits = found(policy_index, vector, "do you sell my cookies to others", OLD, NEW, OTHER)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(-1.0001 <= hit.cosine <= 1.0001 for hit in hits)
    assert all(hit.bm25 >= 0 for hit in hits)
    assert any(hit.bm25 > 0 for hit in hits)


def test_the_passage_nearest_in_meaning_wins_where_no_word_is_known(
    policy_index: PolicyIndex, vector: FloatMatrix
) -> None:
    company = policy_index.corpus.passage(0).company
    day = policy_index.companies[company].days[0]
    id_ = f"{company}@{day}"
    rows = policy_index.corpus.occurrences(id_)
    row = min(rows)
    hits = found(policy_index, np.asarray(policy_index.vectors[row]), "xqzzt", id_)
    assert hits[0].row == row
    assert hits[0].cosine == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("question", ["", "?!", "xqzzt wqrrk", "the of and", "\u202e", "日本語"])
def test_words_out_of_the_vocabulary_break_nothing(
    policy_index: PolicyIndex, vector: FloatMatrix, question: str
) -> None:
    hits = found(policy_index, vector, question, OTHER)
    assert len(hits) == len(policy_index.corpus.occurrences(OTHER))
    assert {hit.bm25 for hit in hits} == {0.0}


def test_unknown_words_beside_known_ones_change_no_score(policy_index: PolicyIndex) -> None:
    known = word_scores(policy_index.bm25, "unsubscribe cookies")
    beside = word_scores(policy_index.bm25, "unsubscribe xqzzt cookies")
    assert known.max() > 0
    np.testing.assert_array_equal(known, beside)


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_no_more_than_the_limit_come_back(
    policy_index: PolicyIndex, vector: FloatMatrix, limit: int
) -> None:
    assert len(found(policy_index, vector, "cookies", OLD, NEW, limit=limit)) == limit


def test_a_limit_over_the_number_of_passages_gives_all(
    policy_index: PolicyIndex, vector: FloatMatrix
) -> None:
    hits = found(policy_index, vector, "cookies", OTHER, limit=10**6)
    assert len(hits) == len(policy_index.corpus.occurrences(OTHER))


def test_a_smaller_limit_gives_the_beginning_of_the_same_list(
    policy_index: PolicyIndex, vector: FloatMatrix
) -> None:
    long = found(policy_index, vector, "do you sell my data", OTHER, limit=20)
    short = found(policy_index, vector, "do you sell my data", OTHER, limit=5)
    assert [hit.row for hit in short] == [hit.row for hit in long[:5]]


@pytest.mark.parametrize(
    ("scores", "spreaded"), [([3.0, 1.0, 2.0], [1.0, 0.0, 0.5]), ([2.0, 2.0], [0.0, 0.0])]
)
def test_scores_are_stretched_to_between_0_and_1(
    scores: list[float], spreaded: list[float]
) -> None:
    np.testing.assert_array_equal(spread(np.array(scores, np.float32)), spreaded)


# Through the bot


def test_the_bot_searches_the_company_that_the_question_names(bot: Chatbot) -> None:
    hits = bot.search("does Bellacor sell my data?", limit=LIMIT)
    assert {hit.snapshot.id for hit in hits} == {NEW}


def test_the_bot_searches_the_snapshot_of_the_year(bot: Chatbot) -> None:
    hits = bot.search("did Bellacor sell data in 2009?", limit=LIMIT)
    assert {hit.snapshot.id for hit in hits} == {OLD}


def test_the_bot_searches_the_chosen_company_and_day(bot: Chatbot) -> None:
    hits = bot.search("do you sell?", company="bellacor.com", as_of=date(2011, 1, 1), limit=LIMIT)
    assert {hit.snapshot.id for hit in hits} == {OLD}


def test_the_bot_finds_the_passage_that_answers_first(bot: Chatbot) -> None:
    (hit,) = bot.search("how do I opt out of Lumens emails?", limit=1)
    assert "Unsubscribe in the subject line" in hit.passage.text
