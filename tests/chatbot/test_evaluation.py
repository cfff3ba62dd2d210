"""How a question set of our own is read, and every measure on answers made by hand."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chatbot.bot import UnknownPolicyError
from chatbot.evaluation.documents import document_id, relevance
from chatbot.evaluation.evaluate import DEPTH, NO_PASSAGE, evaluate, judgements
from chatbot.evaluation.formats import QuestionSet
from chatbot.evaluation.intervals import SEED, estimate
from chatbot.evaluation.judge import Ranked, Result, citation_hits
from chatbot.evaluation.labelled import (
    MAX_LINE,
    EvaluationError,
    ExpectedAction,
    LabelledQuestion,
    match_fold,
    read_questions,
)
from chatbot.evaluation.output import per_question, summary
from chatbot.evaluation.report import Report
from chatbot.evaluation.shown import FAILURES, render
from chatbot.question import QuestionError
from chatbot.types import Action, Answer, Citation, Hit, SnapshotReference, Turn
from index.policy_index import open_index
from index.types import Company, Passage, Snapshot

OPT_OUT = "You may opt out by writing to [customer service](mailto:help@lamps.com) at any time."
SHARING = "We share your name with our partners."
FILLER = "Lamps are fragile. " * 40
LAMPS_OLD = f"We never share anything. {OPT_OUT}"
LAMPS_NEW = f"{SHARING} {OPT_OUT} {FILLER}"
RINGS = f"We sell rings. {SHARING}"
ROW = {
    "id": "a",
    "question": "how do I opt out?",
    "history": [{"role": "user", "content": "hello"}],
    "company": "lamps.com",
    "snapshot_date": "2018-01-19",
    "behaviour": "answer",
    "quotes": [OPT_OUT],
    "note": "",
}


def snapshot(company: str, day: str, text: str) -> Snapshot:
    return Snapshot(company, company, "", date.fromisoformat(day), None, None, text, 0)


SNAPSHOTS = (
    snapshot("lamps.com", "2012-05-06", LAMPS_OLD),
    snapshot("lamps.com", "2018-01-19", LAMPS_NEW),
    snapshot("rings.com", "2011-10-07", RINGS),
)
OLD, NEW, RING = SNAPSHOTS


def citation(source: Snapshot, quote: str, start: int | None = None) -> Citation:
    begin = source.text.index(quote) if start is None else start
    day = source.captured_on.isoformat()
    display, end = match_fold(quote), begin + len(quote)
    return Citation(1, quote, display, begin, end, "", source.company, day, None, day, day)


def hit(source: Snapshot, text: str) -> Hit:
    start = source.text.index(text)
    passage = Passage(source.company, "", text, text, "")
    return Hit(source, passage, (), 0, start, start + len(text), 0.5, 0.5, 1.0)


def name_of(found: Hit) -> str:
    return document_id(found.snapshot, found.start, found.end)


def answer(
    behaviour: str, source: Snapshot | None, *quotes: str | Citation, **fields: object
) -> Answer:
    """Make an answer that speaks of ``source`` and quotes from it."""
    made: dict[str, Any] = {"answer": "…"}
    if source:
        day = source.captured_on.isoformat()
        made["companies"] = (source.company,)
        made["snapshots"] = (SnapshotReference(source.company, day, None, None),)
        made["citations"] = tuple(
            citation(source, quote) if isinstance(quote, str) else quote for quote in quotes
        )
    return Answer("?", behaviour, **(made | fields))


class _FakeBot:
    """Says what it was told to say, by question."""

    generation = "gen-0"

    def __init__(self, answers: Sequence[Answer | Exception], hits: Sequence[list[Hit]]) -> None:
        self.answers = dict(enumerate(answers))
        self.hits = dict(enumerate(hits))
        self.calls: list[dict[str, object]] = []

    def policies(self) -> list[Company]:
        days = (date(2012, 5, 6), date(2018, 1, 19))
        rings = Company("rings.com", "Rings", (date(2011, 10, 7),))
        return [Company("lamps.com", "Lamps", days), rings]

    def policy(self, company: str, day: date) -> Snapshot:
        kept = [s for s in SNAPSHOTS if s.company == company and s.captured_on <= day]
        if not kept:
            raise UnknownPolicyError(company)
        return kept[-1]

    def ask(self, question: str, **fields: object) -> Answer:
        self.calls.append(fields)
        said = self.answers[int(question)]
        if isinstance(said, Exception):
            raise said
        return said

    def search(self, question: str, **fields: object) -> list[Hit]:
        self.calls.append(fields)
        return self.hits.get(int(question), [])


def labelled(number: int, behaviour: str = "answer", **gold: Any) -> LabelledQuestion:  # noqa: ANN401
    fields = {"company": ("lamps.com",), "snapshot_date": ("2018-01-19",), "quotes": (OPT_OUT,)}
    fields |= {"history": ()} | gold
    return LabelledQuestion(id=f"q{number}", question=str(number), behaviour=behaviour, **fields)


Case = tuple[LabelledQuestion, Answer]


def report(*cases: Case, hits: Sequence[list[Hit]] = (), relevant: Sequence[Hit] = ()) -> Report:
    """Measure the questions; ``relevant`` is what answers every one of them that has a quote."""
    bot = _FakeBot([said for _, said in cases], hits)
    asked = QuestionSet([question for question, _ in cases])
    return evaluate(bot, asked, lambda question: list(map(name_of, relevant)))


def measured(
    *cases: Case, hits: Sequence[list[Hit]] = (), relevant: Sequence[Hit] = ()
) -> dict[str, tuple[float | None, int]]:
    estimates = report(*cases, hits=hits, relevant=relevant).measures()
    return {name: (got.value, got.n) for name, got in estimates.items()}


GOLD = hit(NEW, OPT_OUT)
OTHERS = [hit(NEW, FILLER[: 18 + number]) for number in range(10)]


def test_a_perfect_bot_gets_full_marks() -> None:
    got = measured((labelled(0), answer("answer", NEW, OPT_OUT)), hits=[[GOLD]], relevant=[GOLD])
    assert got == {
        "Success@1": (1, 1),
        "Success@3": (1, 1),
        "RR@10": (1, 1),
        "nDCG@10": (1, 1),
        "R@5": (1, 1),
        "R@10": (1, 1),
        "right behaviour": (1, 1),
        "refused though answerable": (0, 1),
        "right company": (1, 1),
        "no wrong company": (1, 1),
        "right snapshot": (1, 1),
        "answer Success@1": (1, 1),
        "answer Success@3": (1, 1),
        "cited characters precision": (1, 1),
        "cited characters recall": (1, 1),
        "first sentence supported": (1, 1),
        "valid citations": (1, 1),
        "words of a citation": (12, 1),
    }


def test_a_measure_that_no_question_asks_for_is_not_there() -> None:
    nothing: dict[str, Any] = {"company": (), "snapshot_date": (), "quotes": ()}
    got = measured((labelled(0, "off_topic", **nothing), answer("off_topic", None)))
    assert got == {"right behaviour": (1, 1)}


# Rankings


def test_the_place_of_the_first_relevant_passage_counts() -> None:
    said = answer("answer", NEW, OPT_OUT)
    got = measured(
        *((labelled(number), said) for number in range(4)),
        (labelled(4, quotes=()), said),
        hits=[[GOLD], [OTHERS[0], GOLD], [*OTHERS[:3], GOLD], OTHERS[:1]],
        relevant=[GOLD],
    )
    assert got["Success@1"] == (1 / 4, 4)
    assert got["Success@3"] == (2 / 4, 4)
    assert got["RR@10"] == ((1 + 1 / 2 + 1 / 4 + 0) / 4, 4)


def test_only_the_first_ten_passages_count() -> None:
    got = measured(
        (labelled(0), answer("answer", NEW)), hits=[[*OTHERS[:10], GOLD]], relevant=[GOLD]
    )
    assert [got[name] for name in ("RR@10", "nDCG@10", "R@10")] == [(0, 1)] * 3


def test_recall_is_the_share_of_all_relevant_passages() -> None:
    missed = hit(NEW, SHARING)
    ranking = [*OTHERS[:5], GOLD]
    got = measured(
        (labelled(0), answer("answer", NEW)), hits=[ranking], relevant=[GOLD, missed, OTHERS[0]]
    )
    assert got["R@5"] == (pytest.approx(1 / 3), 1)
    assert got["R@10"] == (pytest.approx(2 / 3), 1)


def test_judgements_that_a_set_brings_go_before_its_quotes() -> None:
    asked = QuestionSet([labelled(0)], qrels={"q0": {"theirs": 2}})
    assert judgements(asked, lambda question: ["ours"]) == {"q0": {"theirs": 2}}


def test_a_quote_that_stands_whole_in_no_passage_counts_0() -> None:
    asked = QuestionSet([labelled(0), labelled(1, quotes=())])
    assert judgements(asked, lambda question: []) == {"q0": {NO_PASSAGE: 1}}
    got = measured((labelled(0), answer("answer", NEW, OPT_OUT)), hits=[[GOLD]])
    assert [got[name] for name in ("Success@1", "RR@10", "R@10")] == [(0, 1)] * 3


@pytest.mark.parametrize(
    ("gold", "places"),
    [
        pytest.param(
            {"company": ("bellacor.com",), "snapshot_date": ("2009-11-27",)},
            {"bellacor.com@2009-11-27"},
            id="company-and-day",
        ),
        pytest.param(
            {"company": ("bellacor.com",), "snapshot_date": ()},
            {"bellacor.com@2009-11-27", "bellacor.com@2012-10-23"},
            id="no-day-demanded",
        ),
        pytest.param(
            {"company": (), "snapshot_date": ()},
            {
                "bellacor.com@2009-11-27",
                "bellacor.com@2012-10-23",
                "betseyjohnson.com@2006-12-20",
                "helzberg.com@2011-10-07",
                "lumens.com@2018-01-19",
            },
            id="no-company-demanded",
        ),
    ],
)
def test_a_passage_is_relevant_only_from_the_gold_company_and_day(
    store: Path, gold: dict[str, tuple[str, ...]], places: set[str]
) -> None:
    found = relevance(open_index(store))(labelled(0, quotes=("Privacy",), **gold))
    assert {name.rsplit(":", 1)[0] for name in found} == places


def test_a_passage_that_holds_part_of_a_quote_is_not_relevant(store: Path) -> None:
    index = open_index(store)
    (day,) = index.companies["lumens.com"].days
    text = index.snapshot("lumens.com", day).text
    relevant = relevance(index)
    lumens: dict[str, Any] = {"company": ("lumens.com",), "snapshot_date": ()}
    (whole,) = relevant(labelled(0, quotes=("removal of this information from our",), **lumens))
    start, end = map(int, whole.rsplit(":", 1)[1].split("-"))
    assert relevant(labelled(0, quotes=(text[start:end],), **lumens)) == [whole]
    assert relevant(labelled(0, quotes=(text[start : end + 40],), **lumens)) == []


# Answers


def test_citations_count_in_their_order() -> None:
    wrong = "Lamps are fragile. "
    got = measured(
        (labelled(0), answer("answer", NEW, OPT_OUT, wrong)),
        (labelled(1), answer("answer", NEW, wrong, wrong, OPT_OUT)),
        (labelled(2), answer("answer", NEW, wrong, wrong, wrong, OPT_OUT)),
        (labelled(3), answer("answer", OLD, OPT_OUT)),
        (labelled(4), answer("not_stated", NEW, near=(citation(NEW, OPT_OUT),))),
    )
    assert got["answer Success@1"] == (1 / 5, 5)
    assert got["answer Success@3"] == (2 / 5, 5)


@pytest.mark.parametrize(
    ("cited", "gold", "hits"),
    [
        pytest.param("abcdefgh", "abcdefgh", True, id="the-same"),
        pytest.param("xx abcdefgh yy", "abcdefgh", True, id="gold-within"),
        pytest.param("cdef", "abcdefgh", True, id="half-of-gold"),
        pytest.param("cde", "abcdefgh", False, id="less-than-half"),
        pytest.param("xxx abcd", "abcdefgh", True, id="ends-as-gold-begins"),
        pytest.param("efgh xxx", "abcdefgh", True, id="begins-as-gold-ends"),
        pytest.param("xxxxx abc", "abcdefgh", False, id="too-small-an-overlap"),
        pytest.param("x bcdefg x", "abcdefgh", False, id="shared-words-are-no-overlap"),
        pytest.param("", "abcdefgh", False, id="empty"),
        pytest.param("g" + "x" * 399, "g", True, id="400-characters"),
        pytest.param("g" + "x" * 400, "g", False, id="401-characters"),
        pytest.param("g" * 200 + "x" * 400, "g" * 200, True, id="three-times-a-long-gold"),
        pytest.param("g" * 200 + "x" * 401, "g" * 200, False, id="over-three-times"),
    ],
)
def test_citation_hits(cited: str, gold: str, hits: bool) -> None:
    assert citation_hits(cited, gold) is hits


def test_a_citation_that_holds_the_quote_in_much_other_text_is_no_hit() -> None:
    got = measured((labelled(0), answer("answer", NEW, LAMPS_NEW)))
    assert got["answer Success@3"] == (0, 1)


@pytest.mark.parametrize(
    ("archived", "read"),
    [
        pytest.param("e–mail — now", "e-mail - now", id="dashes"),
        pytest.param("Customers’ “data”", 'customers\' "data"', id="curly-quotes"),
        pytest.param("[click here](http://a.b/c_(d)?e=f).", "Click here.", id="links"),
        pytest.param("no\u00a0break\r\n  space", "no break space", id="white-space"),
        pytest.param("ﬁle Ⅳ", "file IV", id="nfkc"),
        pytest.param("a **bold** word", "a bold word", id="marks"),
    ],
)
def test_match_fold(archived: str, read: str) -> None:
    assert match_fold(archived) == match_fold(read)


def test_match_fold_keeps_words_apart() -> None:
    assert match_fold("opt out") != match_fold("opt in")


def test_companies_and_snapshots_must_be_the_gold_ones() -> None:
    silent = {"quotes": (), "behaviour": "not_stated"}
    got = measured(
        (labelled(0, **silent), answer("not_stated", NEW)),
        (labelled(1, **silent), answer("not_stated", RING)),
        (labelled(2, **silent), answer("not_stated", OLD)),
        (labelled(3, **silent), answer("which_company", None)),
        (labelled(4, **silent), answer("not_stated", NEW, near=(citation(RING, SHARING),))),
        (labelled(5, "off_topic", quotes=(), company=(), snapshot_date=()), answer("answer", RING)),
    )
    assert got["right company"] == (2 / 5, 5)
    assert got["no wrong company"] == (3 / 5, 5)
    assert got["right snapshot"] == (1 / 5, 5)


def test_a_comparison_must_speak_of_all_gold_companies_and_days() -> None:
    both = {"company": ("lamps.com", "rings.com"), "snapshot_date": ("2018-01-19", "2011-10-07")}
    got = measured(
        (
            labelled(0, "compare", quotes=(SHARING,), **both),
            answer("compare", NEW, SHARING, citation(RING, SHARING)),
        ),
        (labelled(1, "compare", quotes=(SHARING,), **both), answer("compare", NEW, SHARING)),
    )
    assert got["right company"] == (1 / 2, 2)
    assert got["no wrong company"] == (1, 2)
    assert got["right snapshot"] == (1 / 2, 2)


def test_behaviours_are_counted_and_both_grave_errors_apart() -> None:
    silent = {"quotes": (), "behaviour": "not_stated"}
    made = report(
        (labelled(0), answer("not_stated", NEW)),
        (labelled(1), answer("partly", NEW, OPT_OUT)),
        (labelled(2, "partly"), answer("which_company", None)),
        (labelled(3, "partly"), answer("partly", NEW, OPT_OUT)),
        (labelled(4, "compare"), answer("off_topic", None)),
        (labelled(5, **silent), answer("answer", NEW, SHARING)),
        (labelled(6, **silent), answer("partly", NEW, SHARING)),
        (labelled(7, **silent), answer("not_stated", NEW)),
    )
    got = {name: (e.value, e.n) for name, e in made.measures().items()}
    assert got["right behaviour"] == (2 / 8, 8)
    assert got["refused though answerable"] == (2 / 4, 4)
    assert got["answered though silent"] == (1 / 3, 3)
    matrix = made.matrix()
    assert matrix["not_stated"]["answer"] == matrix["answer"]["not_stated"] == 1
    assert sum(sum(counts.values()) for counts in matrix.values()) == 8


@pytest.mark.parametrize(
    ("cited", "valid"),
    [
        pytest.param(citation(NEW, SHARING), True, id="stands-there"),
        pytest.param(citation(NEW, SHARING, start=1), False, id="stands-elsewhere"),
        pytest.param(citation(NEW, "", start=5), False, id="empty"),
        pytest.param(
            citation(snapshot("lamps.com", "2020-01-01", SHARING), SHARING), False, id="no-such-day"
        ),
        pytest.param(
            citation(snapshot("a.com", "2018-01-19", SHARING), SHARING), False, id="no-such-company"
        ),
        pytest.param(citation(NEW, FILLER[-5:], start=-5), False, id="counted-from-the-end"),
    ],
)
def test_a_valid_citation_stands_where_it_says(cited: Citation, valid: bool) -> None:
    got = measured((labelled(0), answer("answer", NEW, OPT_OUT, near=(cited,))))
    assert got["valid citations"] == ((1 + valid) / 2, 2)


def test_citation_length_is_the_mean_without_near_ones() -> None:
    said = answer("answer", NEW, OPT_OUT, SHARING, near=(citation(NEW, FILLER),))
    assert measured((labelled(0), said))["words of a citation"] == ((12 + 7) / 2, 2)


HALF = len(OPT_OUT) // 2


@pytest.mark.parametrize(
    ("cited", "gold", "precision", "recall"),
    [
        pytest.param([OPT_OUT], [OPT_OUT], 1, 1, id="all-of-it"),
        pytest.param([OPT_OUT[:HALF]], [OPT_OUT], 1, HALF / len(OPT_OUT), id="half-of-it"),
        pytest.param(
            [f"{SHARING} {OPT_OUT}"],
            [OPT_OUT],
            len(OPT_OUT) / len(f"{SHARING} {OPT_OUT}"),
            1,
            id="more-than-it",
        ),
        pytest.param(
            [OPT_OUT, SHARING],
            [OPT_OUT],
            len(OPT_OUT) / len(OPT_OUT + SHARING),
            1,
            id="something-else-too",
        ),
        pytest.param(
            [OPT_OUT[:HALF], OPT_OUT[:HALF]],
            [OPT_OUT],
            1,
            HALF / len(OPT_OUT),
            id="cited-twice-counts-once",
        ),
        pytest.param([OPT_OUT], [SHARING, OPT_OUT], 1, 1, id="one-of-two-is-enough"),
        pytest.param(
            [SHARING[:10], OPT_OUT[:HALF]],
            [SHARING, OPT_OUT],
            1,
            HALF / len(OPT_OUT),
            id="the-best-covered-of-two",
        ),
        pytest.param([SHARING], [OPT_OUT], 0, 0, id="something-else"),
    ],
)
def test_cited_characters_are_set_against_those_of_gold(
    cited: list[str], gold: list[str], precision: float, recall: float
) -> None:
    got = measured((labelled(0, quotes=tuple(gold)), answer("answer", NEW, *cited)))
    assert got["cited characters precision"] == (pytest.approx(precision), 1)
    assert got["cited characters recall"] == (pytest.approx(recall), 1)


def test_the_characters_of_another_snapshot_are_not_gold() -> None:
    got = measured((labelled(0), answer("answer", OLD, OPT_OUT)))
    assert got["cited characters precision"] == got["cited characters recall"] == (0, 1)


def test_characters_are_asked_only_of_cited_answers_to_quoted_questions() -> None:
    got = measured(
        (labelled(0), answer("not_stated", NEW, near=(citation(NEW, OPT_OUT),))),
        (labelled(1, quotes=()), answer("answer", NEW, OPT_OUT)),
    )
    assert "cited characters precision" not in got


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        pytest.param("Yes. It does.", "yes", True, id="yes"),
        pytest.param("No: “we never do”.", "no", True, id="no"),
        pytest.param("The policy says both: see below.", "both", True, id="both"),
        pytest.param("Yes. It does.", "no", False, id="yes-for-no"),
        pytest.param("Yes. It does.", "both", False, id="yes-for-both"),
        pytest.param("Nobody reads it.", "no", False, id="a-word-that-begins-with-no"),
        pytest.param("It does.\n\nYes.", "yes", False, id="only-later"),
        pytest.param("", "yes", False, id="nothing"),
    ],
)
def test_a_yes_or_no_is_read_from_the_beginning(said: str, gold: str, right: bool) -> None:
    got = measured((labelled(0, polarity=gold), answer("answer", NEW, OPT_OUT, answer=said)))
    assert got["right yes or no"] == (right, 1)


@pytest.mark.parametrize(
    ("said", "gold", "measured_as"),
    [
        pytest.param("Yes. It does.", {"polarity": "yes", "actions": ()}, (1, 1), id="right"),
        pytest.param("Yes. It does.", {"polarity": "no", "actions": ()}, (0, 1), id="wrong"),
        pytest.param("Yes. It does.", {"actions": ()}, (0, 1), id="to-no-yes-or-no-question"),
        pytest.param("It does.", {"polarity": "yes", "actions": ()}, None, id="not-said"),
        pytest.param("Yes. It does.", {"actions": None}, None, id="labelled-by-behaviour-only"),
    ],
)
def test_a_yes_or_no_that_is_said_must_be_right(
    said: str, gold: dict[str, Any], measured_as: tuple[float, int] | None
) -> None:
    got = measured((labelled(0, **gold), answer("answer", NEW, OPT_OUT, answer=said)))
    assert got.get("said yes or no is right") == measured_as


@pytest.mark.parametrize(
    ("said", "named"),
    [
        pytest.param("for how long", True, id="by-one-of-its-words"),
        pytest.param("the price", False, id="another-detail"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_what_is_missing_must_be_named(said: str | None, named: bool) -> None:
    asked = labelled(0, "partly", missing="how long it is kept")
    got = measured((asked, answer("partly", NEW, OPT_OUT, missing=said)))
    assert got["names what is missing"] == (named, 1)


@pytest.mark.parametrize(
    ("said", "supported"),
    [
        pytest.param("They “share your name”.", True, id="quoted"),
        pytest.param("Write “to customer service at any time”.", True, id="quoted-as-it-is-read"),
        pytest.param("They “sell your name”.", False, id="quoted-from-nowhere"),
        pytest.param("They “share your name” and “sell it”.", False, id="one-of-two-from-nowhere"),
        pytest.param("They “share your name”.\n\n“All of it.”", True, id="only-what-comes-first"),
        pytest.param("Write to help@lamps.com.", True, id="address"),
        pytest.param("Write to Help@Lamps.com.", True, id="address-in-capitals"),
        pytest.param("Write to sales@lamps.com.", False, id="address-from-nowhere"),
        pytest.param("Call (877) 445 4486.", True, id="number-written-otherwise"),
        pytest.param("Call 877-445-4487.", False, id="number-from-nowhere"),
    ],
)
def test_what_the_first_sentence_quotes_stands_in_the_citations(said: str, supported: bool) -> None:
    number = citation(snapshot("lamps.com", "2018-01-19", "Or call 877-445-4486."), "877-445-4486")
    cited = answer("answer", NEW, OPT_OUT, SHARING, number, answer=said)
    got = measured((labelled(0), cited))
    assert got["first sentence supported"] == (supported, 1)


def test_measures_of_the_wording_are_asked_only_where_there_is_something_to_see() -> None:
    got = measured((labelled(0), answer("not_stated", NEW, answer="No “such thing”.")))
    asked = {"right yes or no", "names what is missing", "first sentence supported"}
    assert not asked & got.keys()


# Actions

ARCHIVED = "https://web.archive.org/web/20180119225254id_/"
MAIL = ExpectedAction("email", "help@lamps.com")
PHONE = ExpectedAction("phone", "877-445-4486")
LINK = ExpectedAction("link", f"{ARCHIVED}https://www.lamps.com/choices/?a=b")
POST = ExpectedAction("post", "Lamps Inc.\n12 Lamp Road\nSpringfield, IL 62704")


def action(kind: str, text: str, href: str | None = None, cited: int = 1) -> Action:
    return Action(kind, "Do it", href, text, cited)


def offered(*expected: ExpectedAction, does: Sequence[Action], **gold: object) -> Case:
    asked = labelled(0, actions=expected, **gold)
    return asked, answer("answer", NEW, OPT_OUT, actions=tuple(does))


@pytest.mark.parametrize(
    ("expected", "does"),
    [
        pytest.param(MAIL, action("email", "Help@Lamps.com"), id="email-in-capitals"),
        pytest.param(PHONE, action("phone", "(877) 445.4486"), id="phone-with-other-marks"),
        pytest.param(
            ExpectedAction("fax", "877 445 4486"), action("fax", "877-445-4486"), id="fax"
        ),
        pytest.param(
            LINK, action("link", "https://lamps.com/choices?a=b"), id="link-behind-the-archive"
        ),
        pytest.param(
            ExpectedAction("link", "http://lamps.com/choices"),
            action("link", "here", "https://www.lamps.com/choices/"),
            id="link-by-its-target",
        ),
        pytest.param(
            POST,
            action("post", "Lamps Inc., 12 Lamp Road, Springfield, IL 62704"),
            id="postal-address-on-one-line",
        ),
        pytest.param(
            POST,
            action("post", "12 Lamp Road,\nSpringfield,\nIL 62704"),
            id="postal-address-without-the-name",
        ),
    ],
)
def test_an_expected_action_is_known_however_it_is_written(
    expected: ExpectedAction, does: Action
) -> None:
    got = measured(offered(expected, does=[does]))
    assert got["actions precision"] == got["actions recall"] == (1, 1)


@pytest.mark.parametrize(
    ("expected", "does"),
    [
        pytest.param(MAIL, action("email", "sales@lamps.com"), id="other-mailbox"),
        pytest.param(MAIL, action("email", "help@lamp.com"), id="other-domain"),
        pytest.param(PHONE, action("phone", "877-445-4487"), id="other-number"),
        pytest.param(PHONE, action("fax", "877-445-4486"), id="fax-for-phone"),
        pytest.param(LINK, action("link", "https://lamps.com/choices?a=c"), id="other-query"),
        pytest.param(LINK, action("link", "https://lamps.com/"), id="other-path"),
        pytest.param(LINK, action("link", "https://shop.lamps.com/choices?a=b"), id="other-host"),
        pytest.param(
            POST,
            action("post", "Rings LLC, 400 Stone Avenue, Portland, OR 97201"),
            id="other-address",
        ),
    ],
)
def test_a_wrong_action_is_neither_right_nor_what_was_expected(
    expected: ExpectedAction, does: Action
) -> None:
    got = measured(offered(expected, does=[does]))
    assert got["actions precision"] == got["actions recall"] == (0, 1)


def test_a_wrong_address_beside_the_right_one_lowers_precision_only() -> None:
    does = [action("email", "help@lamps.com"), action("email", "sales@lamps.com")]
    got = measured(offered(MAIL, does=does))
    assert got["actions precision"] == (1 / 2, 2)
    assert got["actions recall"] == (1, 1)


def test_an_expected_action_that_is_not_offered_lowers_recall_only() -> None:
    got = measured(offered(MAIL, PHONE, does=[action("email", "help@lamps.com")]))
    assert got["actions precision"] == (1, 1)
    assert got["actions recall"] == (1 / 2, 2)


@pytest.mark.parametrize(
    "gold",
    [
        pytest.param({"actions": None}, id="not-labelled"),
        pytest.param({"behaviour": "not_stated", "actions": (MAIL,)}, id="no-answer-to-act-upon"),
    ],
)
def test_actions_are_not_judged_where_none_are_labelled(gold: dict[str, Any]) -> None:
    said = answer("answer", NEW, OPT_OUT, actions=(action("email", "sales@lamps.com"),))
    got = measured((labelled(0, **gold), said))
    assert not {"actions precision", "actions recall"} & got.keys()
    assert got["actions printed"] == (0, 1)


@pytest.mark.parametrize(
    ("does", "printed"),
    [
        pytest.param(action("email", "help@lamps.com"), True, id="printed"),
        pytest.param(action("email", "HELP@lamps.com"), True, id="in-capitals"),
        pytest.param(action("email", "sales@lamps.com"), False, id="not-printed"),
        pytest.param(action("link", "https://a.b/c d", cited=2), True, id="percent-encoded"),
        pytest.param(action("post", "1 Lamp Road, Springfield", cited=2), True, id="over-lines"),
        pytest.param(action("phone", "1-800-lamps", cited=2), True, id="slanted"),
        pytest.param(action("email", "help@lamps.com", cited=2), False, id="printed-elsewhere"),
        pytest.param(action("email", "help@lamps.com", cited=3), True, id="printed-in-a-near-one"),
        pytest.param(action("email", "help@lamps.com", cited=9), False, id="points-nowhere"),
    ],
)
def test_an_action_is_printed_in_the_citation_to_which_it_points(
    does: Action, printed: bool
) -> None:
    other = "[a](https://a.b/c%20d) 1 Lamp Road\nSpringfield, 1-800-*lamps*"
    source = snapshot("lamps.com", "2018-01-19", other)
    said = answer(
        "answer",
        NEW,
        OPT_OUT,
        replace(citation(source, other), id=2),
        near=(replace(citation(NEW, OPT_OUT), id=3),),
        actions=(does,),
    )
    made = report((labelled(0), said))
    assert made.measures()["actions printed"].value == printed
    assert ("an address is not printed" in per_question(made)[0]["why"]) is not printed


# The report


def test_gold_never_reaches_the_bot() -> None:
    history = (Turn("user", "about lamps"),)
    bot = _FakeBot([answer("answer", NEW)], [])
    evaluate(bot, QuestionSet([labelled(0, history=history)]), lambda question: [])
    assert bot.calls == [{"history": history, "limit": DEPTH}, {"history": history}]


def test_a_question_without_gold_for_an_answer_is_only_searched() -> None:
    bot = _FakeBot([], [[GOLD]])
    asked = labelled(0, behaviour=None, quotes=())
    made = evaluate(bot, QuestionSet([asked], qrels={"q0": {name_of(GOLD): 1}}), lambda asked: [])
    assert bot.calls == [{"history": (), "limit": DEPTH}]
    assert set(made.measures()) == {"Success@1", "Success@3", "RR@10", "nDCG@10", "R@5", "R@10"}


def test_a_gold_quote_that_stands_nowhere_is_named() -> None:
    elsewhere = labelled(0, quotes=(OPT_OUT, "We never share anything."))
    folded = labelled(1, quotes=("you  may opt out by writing to customer service",))
    made = report((elsewhere, answer("answer", NEW)), (folded, answer("answer", NEW)))
    assert made.missing_quotes == (("q0", "We never share anything."),)


def test_progress_is_told_after_every_question() -> None:
    told: list[tuple[str, int, int]] = []
    bot = _FakeBot([answer("answer", NEW)] * 2, [])
    evaluate(
        bot,
        QuestionSet([labelled(0), labelled(1)]),
        lambda question: [],
        lambda *step: told.append(step),
    )
    assert told == [("questions", 1, 2), ("questions", 2, 2)]


def test_a_question_that_the_bot_does_not_take_is_named_and_the_rest_is_measured() -> None:
    said = [QuestionError("too_long", "it is too long"), answer("answer", NEW, OPT_OUT)]
    made = evaluate(
        _FakeBot(said, []), QuestionSet([labelled(0), labelled(1)]), lambda question: []
    )
    assert made.problems == ("question 'q0' cannot be asked: it is too long",)
    assert [result.question.id for result in made.results] == ["q1"]
    assert made.measures()["right behaviour"].value == 1


@pytest.mark.parametrize(
    ("asked", "said", "why"),
    [
        pytest.param(labelled(0), answer("answer", NEW, OPT_OUT), "", id="right"),
        pytest.param(
            labelled(0),
            answer("not_stated", NEW),
            "refused though the policy answers; cites nothing; search has the passage in place 1",
            id="refused",
        ),
        pytest.param(
            labelled(0, "not_stated", quotes=()),
            answer("answer", NEW, SHARING),
            "answered though the policy is silent",
            id="answered",
        ),
        pytest.param(
            labelled(0, "partly", quotes=(SHARING,)),
            answer("answer", OLD, OPT_OUT),
            "other behaviour; speaks of 2012-05-06; "
            "cites other text; search has the passage in place 1",
            id="other-snapshot",
        ),
        pytest.param(
            labelled(0, "not_stated", quotes=()),
            answer("not_stated", None, near=(citation(RING, SHARING, start=3),)),
            "speaks of rings.com; speaks of 2011-10-07; a citation does not stand where it says",
            id="other-company",
        ),
    ],
)
def test_failures_say_why(asked: LabelledQuestion, said: Answer, why: str) -> None:
    made = report((asked, said), hits=[[GOLD]], relevant=[GOLD])
    assert per_question(made)[0]["why"] == why


@pytest.mark.parametrize(
    ("gold", "why"),
    [
        pytest.param({"polarity": "no"}, "does not begin with no", id="polarity"),
        pytest.param(
            {"behaviour": "partly", "missing": "how long"},
            "does not name what is missing: how long",
            id="missing",
        ),
        pytest.param({"actions": (PHONE,)}, "does not offer an action", id="action-lacking"),
        pytest.param({"actions": (PHONE,)}, "offers an action for something", id="action-wrong"),
    ],
)
def test_wrong_parts_of_an_answer_are_said(gold: dict[str, Any], why: str) -> None:
    asked = labelled(0, **gold)
    offers = (action("email", "help@lamps.com"),)
    said = answer(asked.behaviour or "", NEW, OPT_OUT, answer="Yes.", actions=offers)
    (row,) = per_question(report((asked, said), hits=[[GOLD]], relevant=[GOLD]))
    assert why in row["why"]


@pytest.mark.parametrize(
    ("ranking", "why"),
    [
        pytest.param(["x", "y", "gold"], "", id="third"),
        pytest.param(["x", "y", "z", "gold"], "search has the passage in place 4", id="fourth"),
        pytest.param(["x"], "search has the passage nowhere", id="nowhere"),
    ],
)
def test_a_ranking_fails_when_none_of_its_first_three_is_relevant(
    ranking: list[str], why: str
) -> None:
    places = tuple(Ranked(name, -place, "") for place, name in enumerate(ranking))
    asked = labelled(0, behaviour=None, quotes=())
    (row,) = per_question(Report("x", (Result(asked, {"gold": 1, "x": 0}, places),)))
    assert row["why"] == why


def test_the_report_is_plain_json() -> None:
    made = report((labelled(0), answer("not_stated", NEW)), hits=[[GOLD]], relevant=[GOLD])
    read = json.loads(json.dumps(summary(made) | {"questions": per_question(made)}))
    assert read["generation"] == "gen-0"
    assert read["measures"]["answer Success@1"] == {
        "value": 0.0,
        "low": None,  # of one company no interval can be told
        "high": None,
        "n": 1,
        "clusters": 1,
    }
    assert read["matrix"]["answer"]["not_stated"] == 1
    asked = read["questions"][0]
    assert (asked["id"], asked["gold"], asked["predicted"]) == ("q0", "answer", "not_stated")
    assert (asked["search_rank"], asked["answer_rank"]) == (1, None)


def test_the_terminal_shows_every_measure_with_n_and_the_failures() -> None:
    made = report(
        (labelled(0, quotes=("[/bold] stands nowhere \x1b[31m",)), answer("answer", NEW, SHARING)),
        (labelled(1), answer("answer", NEW, OPT_OUT)),
    )
    terminal = StringIO()
    Console(file=terminal, width=200).print(render(made))
    text = terminal.getvalue()
    for name, got in made.measures().items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"│ {name} ")]
        assert line.rstrip(" │").endswith(f" {got.n}")
    assert f"seed {SEED}" in text
    assert "fewer than 10 clusters" in text
    assert "cites other text" in text
    assert "[/bold] stands nowhere" in text
    assert "\x1b[31m" not in text
    assert "q1" not in text


def test_the_terminal_lists_some_failures_and_counts_the_others() -> None:
    made = report(*((labelled(n), answer("off_topic", None)) for n in range(FAILURES + 2)))
    terminal = StringIO()
    Console(file=terminal, width=200).print(render(made))
    text = terminal.getvalue()
    assert f"q{FAILURES - 1} " in text
    assert f"q{FAILURES} " not in text
    assert "and 2 more; --out DIR writes all of them" in text


def test_contested_questions_are_measured_apart() -> None:
    made = report(
        (labelled(0), answer("answer", NEW, OPT_OUT)),
        (labelled(1, contested=True), answer("partly", NEW, OPT_OUT)),
    )
    read = summary(made)
    assert read["measures"]["right behaviour"]["value"] == 1
    assert read["contested"]["right behaviour"]["value"] == 0
    assert sum(map(sum, (counts.values() for counts in read["matrix"].values()))) == 1
    terminal = StringIO()
    Console(file=terminal, width=200).print(render(made))
    assert "1 contested questions are not counted above" in terminal.getvalue()


# Intervals


def test_an_interval_is_that_of_whole_companies() -> None:
    """All questions of a company agree: their number must not make the interval narrower."""
    few = [(float(number % 2), f"company {number}") for number in range(12)]
    many = estimate([value for value in few for _ in range(50)])
    assert many.value == 0.5
    assert (many.low, many.high) == (estimate(few).low, estimate(few).high)
    assert (many.n, many.clusters) == (600, 12)
    assert many.low is not None
    assert many.high is not None
    assert 0.1 < many.low < 0.35 < 0.65 < many.high < 0.9


def test_a_mean_counts_questions_and_not_companies() -> None:
    got = estimate([(1.0, "large")] * 9 + [(0.0, "small")])
    assert got.value == 0.9


@pytest.mark.parametrize("values", [[], [(1.0, "one")], [(1.0, "one"), (0.0, "one")]])
def test_nothing_and_one_company_have_no_interval(values: list[tuple[float, str]]) -> None:
    got = estimate(values)
    assert (got.low, got.high) == (None, None)


def test_questions_without_a_company_are_clusters_of_their_own() -> None:
    nobody: dict[str, Any] = {"company": (), "snapshot_date": (), "quotes": ()}
    made = report(
        *((labelled(n, "off_topic", **nobody), answer("off_topic", None)) for n in range(3))
    )
    assert made.measures()["right behaviour"].clusters == 3


# Reading


def write(folder: Path, *rows: object) -> Path:
    path = folder / "questions.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(lines))
    return path


def test_what_else_a_right_answer_says_may_be_written_or_left_out(tmp_path: Path) -> None:
    more = {
        "id": "b",
        "behaviour": "partly",
        "missing": "a period",
        "polarity": "both",
        "actions": [{"type": "email", "text": "help@lamps.com"}],
        "topic": "opt_out",
        "contested": True,
    }
    none = {"id": "c", "actions": [], "polarity": None, "missing": None}
    (plain, full, empty), problems = read_questions(write(tmp_path, ROW, ROW | more, ROW | none))
    assert not problems
    assert (plain.actions, plain.polarity, plain.topic, plain.contested) == (None, None, "", False)
    assert full.actions == (ExpectedAction("email", "help@lamps.com"),)
    assert (full.missing, full.polarity, full.topic) == ("a period", "both", "opt_out")
    assert full.contested
    assert empty.actions == ()


def test_a_row_is_read_with_one_or_several_companies_and_days(tmp_path: Path) -> None:
    days = ["2012-05-06", "2018-01-19"]
    several = ROW | {"id": "b", "company": ["Lamps.com", "rings.com"], "snapshot_date": days}
    none = ROW | {"id": "c", "company": None, "snapshot_date": None, "quotes": []}
    del none["history"], none["note"]
    questions, problems = read_questions(write(tmp_path, ROW, b"", several, none))
    assert not problems
    first, second, third = questions
    assert first.history == (Turn("user", "hello"),)
    assert (first.company, first.snapshot_date) == (("lamps.com",), ("2018-01-19",))
    assert first.quotes == (OPT_OUT,)
    assert (second.company, second.snapshot_date) == (("lamps.com", "rings.com"), tuple(days))
    assert (third.company, third.snapshot_date, third.history) == ((), (), ())


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n\r\n")
    assert len(read_questions(path)[0]) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(b"{", "it is not JSON", id="not-json"),
        pytest.param(b"[" * 50_000, "it is not JSON", id="nested-too-deep"),
        pytest.param(b'{"id": "\xff"}', "it is not UTF-8", id="not-utf-8"),
        pytest.param(b'{"id": "\\ud800"}', "it is not JSON in UTF-8", id="half-a-character"),
        pytest.param(b"[1]", "it is not a JSON object", id="not-an-object"),
        pytest.param(b" " * 10_000_000 + b"1", "it has 10,000,001 bytes", id="ten-megabytes"),
        pytest.param({"id": "b", "question": "?"}, "it has no company", id="missing-keys"),
        pytest.param(ROW, "an earlier line has the id 'a' already", id="id-twice"),
        pytest.param(ROW | {"id": 7}, "its id", id="id-number"),
        pytest.param(ROW | {"id": ["a"]}, "its id", id="id-list"),
        pytest.param(ROW | {"id": "b", "question": " "}, "its question", id="question-empty"),
        pytest.param(ROW | {"id": "b", "question": "x" * 1001}, "its question", id="question-long"),
        pytest.param(ROW | {"id": "b", "behaviour": "maybe"}, "its behaviour", id="behaviour"),
        pytest.param(ROW | {"id": "b", "behaviour": ["answer"]}, "its behaviour", id="behaviours"),
        pytest.param(ROW | {"id": "b", "company": 3}, "its company", id="company-number"),
        pytest.param(ROW | {"id": "b", "company": [None]}, "its company", id="company-null"),
        pytest.param(ROW | {"id": "b", "snapshot_date": "2018"}, "'2018' is not a date", id="year"),
        pytest.param(ROW | {"id": "b", "quotes": OPT_OUT}, "its quotes", id="quotes-text"),
        pytest.param(ROW | {"id": "b", "quotes": ["**"]}, "its quotes", id="quote-of-marks"),
        pytest.param(ROW | {"id": "b", "history": ["hi"]}, "its history", id="history-texts"),
        pytest.param(ROW | {"id": "b", "polarity": "maybe"}, "its polarity", id="polarity"),
        pytest.param(ROW | {"id": "b", "missing": ""}, "its missing", id="missing-empty"),
        pytest.param(ROW | {"id": "b", "contested": "no"}, "its contested", id="contested"),
        pytest.param(ROW | {"id": "b", "actions": ["call"]}, "its actions", id="action-text"),
        pytest.param(
            ROW | {"id": "b", "actions": [{"type": "email"}]}, "its actions", id="action-of-nothing"
        ),
        pytest.param(
            ROW | {"id": "b", "history": [{"role": "system", "content": "hi"}]},
            "its history has a role",
            id="history-role",
        ),
    ],
)
def test_a_wrong_line_is_named_and_the_rest_is_read(
    tmp_path: Path, row: object, reason: str
) -> None:
    questions, problems = read_questions(write(tmp_path, ROW, row, ROW | {"id": "z"}))
    assert [question.id for question in questions] == ["a", "z"]
    assert len(problems) == 1
    assert problems[0].startswith(f"line 2: {reason}")
    assert len(problems[0]) < 300 < MAX_LINE


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n"])
def test_an_empty_file_is_a_problem(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content)
    assert read_questions(path) == ([], ["line 1: the file is empty"])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(EvaluationError, match=f"{path} cannot be read: "):
            read_questions(path)
