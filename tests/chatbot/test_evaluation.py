"""How a question set is read, and every measure on answers made by hand."""

import json
from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chatbot.bot import UnknownPolicyError
from chatbot.evaluation.evaluate import Report, evaluate
from chatbot.evaluation.intervals import SEED, estimate
from chatbot.evaluation.judge import citation_hits
from chatbot.evaluation.labelled import (
    MAX_LINE,
    EvaluationError,
    ExpectedAction,
    LabelledQuestion,
    match_fold,
    read_questions,
)
from chatbot.evaluation.measures import measure
from chatbot.evaluation.report import render
from chatbot.question import QuestionError
from chatbot.types import Answer, Citation, Hit, SnapshotReference, Turn
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


def answer(
    behaviour: str, source: Snapshot | None, *quotes: str | Citation, **fields: object
) -> Answer:
    """Make an answer that speaks of ``source`` and quotes from it."""
    made: dict[str, Any] = {}
    if source:
        day = source.captured_on.isoformat()
        made["companies"] = (source.company,)
        made["snapshots"] = (SnapshotReference(source.company, day, None, None),)
        made["citations"] = tuple(
            citation(source, quote) if isinstance(quote, str) else quote for quote in quotes
        )
    return Answer("?", behaviour, "…", **(made | fields))


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


def measured(
    *cases: tuple[LabelledQuestion, Answer], hits: Sequence[list[Hit]] = ()
) -> dict[str, tuple[float | None, int]]:
    estimates = measure(report(*cases, hits=hits).results)
    return {name: (got.value, got.n) for name, got in estimates.items()}


def report(*cases: tuple[LabelledQuestion, Answer], hits: Sequence[list[Hit]] = ()) -> Report:
    return evaluate(_FakeBot([said for _, said in cases], hits), [asked for asked, _ in cases])


def test_a_perfect_bot_gets_full_marks() -> None:
    got = measured((labelled(0), answer("answer", NEW, OPT_OUT)), hits=[[hit(NEW, LAMPS_NEW)]])
    assert got == {
        "right behaviour": (1, 1),
        "answer Success@1": (1, 1),
        "answer Success@3": (1, 1),
        "search Success@1": (1, 1),
        "search Success@3": (1, 1),
        "search RR@10": (1, 1),
        "right company": (1, 1),
        "no wrong company": (1, 1),
        "right snapshot": (1, 1),
        "refused though answerable": (0, 1),
        "answered though silent": (None, 0),
        "valid citations": (1, 1),
        "words of a citation": (12, 1),
    }


def test_no_questions_measure_nothing() -> None:
    assert set(measured().values()) == {(None, 0)}


def test_search_ranks_the_first_passage_that_holds_a_whole_quote() -> None:
    said = answer("answer", NEW, OPT_OUT)
    part, other, whole = hit(NEW, OPT_OUT[:60]), hit(NEW, SHARING), hit(NEW, f"{OPT_OUT} Lamps")
    got = measured(
        (labelled(0), said),
        (labelled(1), said),
        (labelled(2), said),
        (labelled(3), said),
        (labelled(4, quotes=()), said),
        hits=[[whole], [part, whole], [part, other, other, whole], [part]],
    )
    assert got["search Success@1"] == (1 / 4, 4)
    assert got["search Success@3"] == (2 / 4, 4)
    assert got["search RR@10"] == ((1 + 1 / 2 + 1 / 4 + 0) / 4, 4)


@pytest.mark.parametrize(
    ("gold", "rank"),
    [
        pytest.param({}, 3, id="right-company-and-day"),
        pytest.param({"snapshot_date": ()}, 2, id="no-day-demanded"),
        pytest.param({"snapshot_date": (), "company": ()}, 1, id="no-company-demanded"),
    ],
)
def test_a_passage_counts_only_from_the_gold_company_and_day(
    gold: dict[str, tuple[str, ...]], rank: int
) -> None:
    asked = labelled(0, quotes=(SHARING, OPT_OUT), **gold)
    hits = [hit(RING, SHARING), hit(OLD, OPT_OUT), hit(NEW, OPT_OUT)]
    assert report((asked, answer("answer", NEW)), hits=[hits]).results[0].search_rank == rank


def test_only_the_first_ten_passages_count() -> None:
    hits = [hit(NEW, SHARING)] * 10 + [hit(NEW, OPT_OUT)]
    assert measured((labelled(0), answer("answer", NEW)), hits=[hits])["search RR@10"] == (0, 1)


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
    got = {name: (e.value, e.n) for name, e in measure(made.results).items()}
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


def test_gold_never_reaches_the_bot() -> None:
    history = (Turn("user", "about lamps"),)
    bot = _FakeBot([answer("answer", NEW)], [])
    evaluate(bot, [labelled(0, history=history)])
    assert bot.calls == [{"history": history}, {"history": history, "limit": 10}]


def test_a_gold_quote_that_stands_nowhere_is_named() -> None:
    elsewhere = labelled(0, quotes=(OPT_OUT, "We never share anything."))
    folded = labelled(1, quotes=("you  may opt out by writing to customer service",))
    made = report((elsewhere, answer("answer", NEW)), (folded, answer("answer", NEW)))
    assert made.missing_quotes == (("q0", "We never share anything."),)


def test_progress_is_told_after_every_question() -> None:
    told: list[tuple[int, int]] = []
    bot = _FakeBot([answer("answer", NEW)] * 2, [])
    evaluate(bot, [labelled(0), labelled(1)], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_a_question_that_the_bot_does_not_take_is_named() -> None:
    bot = _FakeBot([QuestionError("too_long", "the question is too long")], [])
    with pytest.raises(EvaluationError, match="'q0' cannot be asked: the question is too long"):
        evaluate(bot, [labelled(0)])


@pytest.mark.parametrize(
    ("asked", "said", "why"),
    [
        pytest.param(labelled(0), answer("answer", NEW, OPT_OUT), "", id="right"),
        pytest.param(
            labelled(0),
            answer("not_stated", NEW),
            "refused though the policy answers; "
            "cites nothing; search has the passage in place 1 among 10",
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
            "cites other text; search has the passage nowhere among 10",
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
    made = report((asked, said), hits=[[hit(NEW, OPT_OUT)]])
    assert made.to_dict()["questions"][0]["why"] == why


def test_the_report_is_plain_json() -> None:
    made = report((labelled(0), answer("not_stated", NEW)), hits=[[hit(NEW, OPT_OUT)]])
    read = json.loads(json.dumps(made.to_dict()))
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
    for name, got in measure(made.results).items():
        (line,) = [line for line in text.splitlines() if f" {name} " in line]
        assert line.rstrip(" │").endswith(f" {got.n}")
    assert f"seed {SEED}" in text
    assert "1 companies are few" in text
    assert "cites other text" in text
    assert "[/bold] stands nowhere" in text
    assert "\x1b[31m" not in text
    assert "q1" not in text


def test_contested_questions_are_measured_apart() -> None:
    made = report(
        (labelled(0), answer("answer", NEW, OPT_OUT)),
        (labelled(1, contested=True), answer("partly", NEW, OPT_OUT)),
    )
    read = made.to_dict()
    assert read["measures"]["right behaviour"]["value"] == 1
    assert read["contested"]["right behaviour"]["value"] == 0
    assert sum(map(sum, (counts.values() for counts in read["matrix"].values()))) == 1
    terminal = StringIO()
    Console(file=terminal, width=200).print(render(made))
    assert "1 contested questions are not counted above" in terminal.getvalue()


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
    assert measure(made.results)["right behaviour"].clusters == 3


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
