"""Question sets as other tools write them: how they are read and measured, and what is refused."""

import csv
import json
import math
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chatbot.cli import app
from chatbot.evaluation.export import export
from chatbot.evaluation.files import evaluate_files
from chatbot.evaluation.formats import QuestionSet, compare_ids, read_set
from chatbot.evaluation.judge import Result
from chatbot.evaluation.labelled import read_questions
from chatbot.evaluation.measures import RANKING, Graded
from chatbot.evaluation.report import Report
from index.policy_index import open_index

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT / "seeds"
QUESTIONS = SEEDS / "questions.jsonl"
LUMENS = SEEDS / "lumens.com_2018-01-19.txt"
HELZBERG = SEEDS / "helzberg.com_2011-10-07.txt"
BELLACOR = SEEDS / "bellacor.com_2009-11-27.txt"
RANKED = set(map(str, RANKING))

# A BEIR folder of two shops; the last document looks like nothing but a heading.
CORPUS = [
    {"_id": "lamps-1", "title": "Orders", "text": "We keep your orders for seven years."},
    {"_id": "lamps-2", "title": "Cookies", "text": "Cookies remember what is in your basket."},
    {"_id": "lamps-3", "title": "Sharing", "text": "We never sell your address to anybody."},
    {"_id": "lamps-4", "title": "", "text": "# Returns"},
]
CORPUS = [document | {"company": "lamps.com"} for document in CORPUS] + [
    {"_id": "rings-1", "title": "", "text": "Orders are kept for a year.", "company": "rings.com"},
    {"_id": "rings-2", "title": "", "text": "Cookies are for staff.", "company": "Rings.com"},
]
QUERIES = [
    {"_id": "q-orders", "text": "how long do you keep orders?", "company": "lamps.com"},
    {"_id": "q-cookies", "text": "what do cookies do?", "company": "RINGS.com"},
    {"_id": "q-anywhere", "text": "what are cookies for?"},
]
QRELS = [
    ("q-orders", "lamps-1", 2),
    ("q-orders", "lamps-3", 1),
    ("q-orders", "lamps-2", 0),
    ("q-cookies", "rings-2", 1),
    ("q-anywhere", "lamps-2", 1),
    ("q-anywhere", "rings-2", 1),
]
SHOP = "# Our shop\n\nWe keep your orders for seven years.\n\n## Cookies\n\nCookies count visits.\n"
KEPT = "We keep your orders for seven years."


def nothing_known(text: str) -> None:
    """No text is a policy of the index."""
    return


def read(path: Path, qrels: Path | None = None) -> QuestionSet:
    return read_set(path, qrels, nothing_known)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def json_lines(rows: Iterable[object]) -> bytes:
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    return b"".join(line + b"\n" for line in lines)


def tsv(judged: Iterable[tuple[str, str, object]]) -> str:
    rows = ["\t".join(map(str, row)) for row in judged]
    return "\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n"


def beir(
    folder: Path,
    corpus: Iterable[object] = CORPUS,
    queries: Iterable[object] = QUERIES,
    qrels: Iterable[tuple[str, str, object]] = QRELS,
) -> Path:
    write(folder / "corpus.jsonl", json_lines(corpus))
    write(folder / "queries.jsonl", json_lines(queries))
    write(folder / "qrels" / "test.tsv", tsv(qrels))
    return folder


def table(*rows: Iterable[str]) -> str:
    lines = StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def topic(name: str, title: str) -> str:
    return f"<top>\n<num>{name}</num>\n<title>{title}</title>\n</top>\n"


def span(text: str, answer: str, file: str = "shop.txt") -> dict[str, Any]:
    """A snippet of a LegalBench-RAG file."""
    start = text.index(answer)
    return {"file_path": file, "span": [start, start + len(answer)], "answer": answer}


def legalbench(folder: Path, *tests: object) -> Path:
    """A LegalBench-RAG file, with the corpus beside it."""
    write(folder / "corpus" / "shop.txt", SHOP)
    return write(folder / "benchmarks" / "tests.json", json.dumps({"tests": tests}))


ABOUT_ORDERS = {"query": "how long are orders kept?", "snippets": [span(SHOP, KEPT)]}


def values(report: Report) -> dict[str, float | None]:
    return {name: got.value for name, got in report.measures().items()}


def results(report: Report) -> dict[str, Result]:
    return {result.question.id: result for result in report.results}


def graded(report: Report, name: str) -> Graded:
    """The measures of one question."""
    names = [result.question.id for result in report.results]
    return report.graded[names.index(name)]


def ranking(report: Report, name: str) -> list[str]:
    return [passage.id for passage in results(report)[name].ranking]


# Reading


OURS = QUESTIONS.read_bytes().splitlines()[0]
CONTENTS = {
    "json-lines": (OURS, "how do I opt out of Lumens emails?"),
    "csv": (table(["question", "company", "quote"], ["is it sold?", "a.com", ""]), "is it sold?"),
    "topics": (topic("1", "is it sold?"), "is it sold?"),
}


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".trec", ".txt", ""])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_a_wrong_suffix_does_not_matter(
    tmp_path: Path, content: tuple[str | bytes, str], suffix: str
) -> None:
    got = read(write(tmp_path / f"questions{suffix}", content[0]))
    assert ([question.question for question in got.questions], got.problems) == ([content[1]], [])


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(
    tmp_path: Path, content: tuple[str | bytes, str]
) -> None:
    raw = content[0] if isinstance(content[0], bytes) else content[0].encode()
    windows = b"\xef\xbb\xbf" + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    got = read(write(tmp_path / "questions", windows))
    assert [question.question for question in got.questions] == [content[1]]


def test_a_legalbench_file_may_have_any_suffix(tmp_path: Path) -> None:
    path = legalbench(tmp_path, ABOUT_ORDERS)
    (question,) = read(path.rename(path.with_suffix(".jsonl"))).questions
    assert question.question == ABOUT_ORDERS["query"]


def test_a_table_may_name_ids_and_days_and_quote_over_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "mine.csv",
        table(
            ["id", "quote", "company", "question", "snapshot_date", "remark"],
            ["a", "one,\ntwo", " Lumens.com ", " is it sold? ", "2018-01-19", "x"],
            ["", "", "", "and kept?", "", "y"],
        ),
    )
    first, second = read(path).questions
    assert (first.id, first.question, first.quotes) == ("a", "is it sold?", ("one,\ntwo",))
    assert (first.company, first.snapshot_date) == (("lumens.com",), ("2018-01-19",))
    assert first.behaviour is None
    assert (second.id, second.question, second.quotes) == ("mine-4", "and kept?", ())
    assert (second.company, second.snapshot_date) == ((), ())


@pytest.mark.parametrize(
    "head",
    [
        pytest.param('"question","company","quote"', id="in-quotation-marks"),
        pytest.param("question, company , quote", id="with-spaces"),
    ],
)
def test_the_columns_of_a_table_may_be_written_otherwise(tmp_path: Path, head: str) -> None:
    (question,) = read(write(tmp_path / "mine", f'{head}\n"is it sold?",a.com,sold\n')).questions
    assert (question.question, question.quotes) == ("is it sold?", ("sold",))


def test_an_id_that_comes_again_in_a_table_is_named(tmp_path: Path) -> None:
    head = ["id", "question", "company", "quote"]
    rows = [["a", "is it sold?", "", ""], ["b", "who?", "", ""], ["a", "is it kept?", "", ""]]
    got = read(write(tmp_path / "mine.csv", table(head, *rows)))
    assert [question.question for question in got.questions] == ["is it sold?", "who?"]
    assert got.problems == [f"{tmp_path / 'mine.csv'}: the id 'a' is there twice"]


def test_a_topic_that_comes_again_is_named(tmp_path: Path) -> None:
    got = read(write(tmp_path / "topics", topic("1", "who?") + topic("1", "why?")))
    assert [question.question for question in got.questions] == ["who?"]
    assert got.problems == [f"{tmp_path / 'topics'}: the id '1' is there twice"]


def test_topics_are_read_as_trec_printed_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "topics",
        "<top>\n<num> Number: 301\n<title> selling &amp; sharing\n\n<desc> Description:\nIs it?\n"
        "</top>\n\n<TOP><NUM>b&lt;c</NUM><TITLE>is it kept?</TITLE></TOP>",
    )
    asked = {question.id: question.question for question in read(path).questions}
    assert asked == {"301": "selling & sharing", "b<c": "is it kept?"}


def test_a_beir_folder_keeps_companies_grades_and_documents(tmp_path: Path) -> None:
    got = read(beir(tmp_path))
    assert got.problems == []
    assert [(q.id, q.company) for q in got.questions] == [
        ("q-orders", ("lamps.com",)),
        ("q-cookies", ("rings.com",)),
        ("q-anywhere", ()),
    ]
    assert got.qrels == {
        "q-orders": {"lamps-1": 2, "lamps-3": 1, "lamps-2": 0},
        "q-cookies": {"rings-2": 1},
        "q-anywhere": {"lamps-2": 1, "rings-2": 1},
    }
    assert [(d.id, d.company) for d in got.documents or []] == [
        (document["_id"], document["company"].lower()) for document in CORPUS
    ]


def test_an_exported_beir_folder_is_read_back(store: Path, tmp_path: Path) -> None:
    questions, _ = read_questions(QUESTIONS)
    done = export(open_index(store), questions, tmp_path, "beir")
    got = read(tmp_path)
    assert [(q.id, q.question, q.company, q.snapshot_date) for q in got.questions] == [
        (q.id, q.question, q.company, q.snapshot_date) for q in questions
    ]
    assert len(got.documents or []) == done.lines[tmp_path / "corpus.jsonl"]
    assert set(got.qrels or {}) == {question.id for question in questions if question.quotes}
    assert not got.problems
    compare_ids(got, tmp_path)
    (unjudged,) = got.problems
    silent = sum(not question.quotes for question in questions)
    assert f"does not judge {silent} of the questions" in unjudged


PARTS = [f"In case {number}, " + "we may do as we like. " * 18 for number in range(4)]
LONG = "".join(f"# Part {number}\n\n{part.strip()}\n\n" for number, part in enumerate(PARTS))


@pytest.mark.parametrize(
    ("start", "end", "relevant"),
    [
        pytest.param("In case 1,", "like.", [1], id="a-sentence-within-one"),
        pytest.param("In case 0,", "# Part 3", [0, 1, 2], id="several-whole-ones"),
        pytest.param(
            "In case 2,",
            "# Part 3\n\nIn case 3, " + "we may do as we like. " * 3,
            [2],
            id="one-and-little-of-another",
        ),
    ],
)
def test_a_passage_that_holds_half_of_the_gold_or_is_half_gold_is_relevant(
    tmp_path: Path, start: str, end: str, relevant: list[int]
) -> None:
    first = LONG.index(start)
    gold = LONG[first : LONG.index(end, first) + len(end)]
    path = legalbench(tmp_path, {"query": "a?", "snippets": [span(LONG, gold, "long.txt")]})
    write(tmp_path / "corpus" / "long.txt", LONG)
    got = read(path)
    assert [document.text for document in got.documents or []] == [part.strip() for part in PARTS]
    (judged,) = (got.qrels or {}).values()
    texts = {document.id: document.text for document in got.documents or []}
    assert [texts[name] for name in judged] == [PARTS[number].strip() for number in relevant]


# Measuring: documents of a set's own


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beir(tmp_path_factory.mktemp("shops"))


@pytest.fixture(scope="module")
def ranked_shops(store: Path, shops: Path) -> Report:
    return evaluate_files([shops], store)


def test_only_documents_of_the_questions_company_are_ranked(ranked_shops: Report) -> None:
    lamps, rings = {f"lamps-{n}" for n in range(1, 5)}, {"rings-1", "rings-2"}
    assert set(ranking(ranked_shops, "q-orders")) == lamps
    assert set(ranking(ranked_shops, "q-cookies")) == rings
    assert set(ranking(ranked_shops, "q-anywhere")) == lamps | rings


def test_only_documents_of_the_questions_day_are_ranked(store: Path, tmp_path: Path) -> None:
    days = ["2009-11-27", "2012-10-23", None]
    corpus = [
        {"_id": f"d{n}", "text": "We keep it.", "company": "a.com", "snapshot_date": day}
        for n, day in enumerate(days)
    ]
    queries = [
        {"_id": "then", "text": "kept?", "company": "a.com", "snapshot_date": "2009-11-27"},
        {"_id": "both", "text": "kept?", "company": ["a.com"], "snapshot_date": days[:2]},
    ]
    judged = [("then", "d0", 1), ("both", "d1", 1)]
    made = evaluate_files([beir(tmp_path, corpus, queries, judged)], store)
    # A document that names no day can be of any.
    assert set(ranking(made, "then")) == {"d0", "d2"}
    assert set(ranking(made, "both")) == {"d0", "d1", "d2"}


def test_a_document_of_nothing_but_a_heading_is_found(store: Path, tmp_path: Path) -> None:
    queries = [{"_id": "q", "text": "returns", "company": "lamps.com"}]
    made = evaluate_files([beir(tmp_path, queries=queries, qrels=[("q", "lamps-4", 1)])], store)
    assert ranking(made, "q")[0] == "lamps-4"
    assert values(made)["Success@1"] == 1


def test_graded_relevance_counts_by_its_grade_and_zero_does_not(ranked_shops: Report) -> None:
    grades = {"lamps-1": 2, "lamps-3": 1}
    places = {name: place for place, name in enumerate(ranking(ranked_shops, "q-orders"), 1)}
    gained = sum(grade / math.log2(places[name] + 1) for name, grade in grades.items())
    got = graded(ranked_shops, "q-orders")
    assert got["nDCG@10"] == (pytest.approx(gained / (2 + 1 / math.log2(3))),)
    assert got["R@5"] == (1,)
    first = min(places[name] for name in grades)
    assert got["RR@10"] == (1 / first,)
    assert results(ranked_shops)["q-orders"].search_rank == first


def test_a_question_whose_judgements_are_all_zero_counts_0(store: Path, tmp_path: Path) -> None:
    judged = [*QRELS[3:], ("q-orders", "lamps-1", 0)]
    made = evaluate_files([beir(tmp_path, qrels=judged)], store)
    assert set(graded(made, "q-orders").values()) == {(0,)}
    assert results(made)["q-orders"].search_rank is None
    assert made.measures()["RR@10"].n == 3


def test_a_set_with_documents_of_its_own_measures_only_rankings(ranked_shops: Report) -> None:
    assert set(values(ranked_shops)) == RANKED
    assert ranked_shops.problems == ()
    assert ranked_shops.generation.startswith("6 documents")
    assert all(result.answer is None for result in ranked_shops.results)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(tsv([("q-cookies", "rings-1", 1)]), id="beir"),
        pytest.param("q-cookies 0 rings-1 1\n", id="trec"),
    ],
)
def test_other_judgements_of_a_beir_folder_can_be_named(
    store: Path, shops: Path, tmp_path: Path, content: str
) -> None:
    made = evaluate_files([shops], store, qrels=write(tmp_path / "dev", content))
    assert results(made)["q-cookies"].judged == {"rings-1": 1}
    assert {name: got.n for name, got in made.measures().items()} == dict.fromkeys(RANKED, 1)


def test_legalbench_texts_that_are_in_no_index_bring_their_own_passages(
    store: Path, tmp_path: Path
) -> None:
    made = evaluate_files([legalbench(tmp_path, ABOUT_ORDERS)], store)
    (result,) = made.results
    assert result.question.quotes == (KEPT,)
    assert result.question.company == ()
    assert set(values(made)) == RANKED
    assert values(made)["Success@1"] == 1
    assert result.ranking[0].text == KEPT
    start = SHOP.index(KEPT)
    assert result.judged == {f"shop.txt:{start}-{start + len(KEPT)}": 1}


# Measuring: policies of the index


@pytest.fixture(scope="module")
def seeds(store: Path) -> Report:
    """The questions of the seeds as their own quotes judge them."""
    return evaluate_files([QUESTIONS], store)


@pytest.fixture(scope="module")
def exported(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as files of TREC."""
    folder = tmp_path_factory.mktemp("trec")
    export(open_index(store), read_questions(QUESTIONS)[0], folder, "trec")
    return folder


def test_our_own_format_measures_rankings_and_answers(seeds: Report) -> None:
    assert seeds.problems == seeds.missing_quotes == ()
    assert len(seeds.results) == len(QUESTIONS.read_text("utf-8").splitlines())
    measured = seeds.measures()
    quoted = sum(bool(result.question.quotes) for result in seeds.results)
    assert {measured[name].n for name in RANKED} == {quoted}
    assert measured["right behaviour"].n == len(seeds.results)
    assert measured["valid citations"].value == 1


def test_exported_judgements_measure_as_the_quotes_do(
    store: Path, seeds: Report, exported: Path
) -> None:
    judged = evaluate_files([QUESTIONS], store, qrels=exported / "qrels.trec")
    assert judged.measures() == seeds.measures()
    (unjudged,) = judged.problems
    assert unjudged.startswith(f"{exported / 'qrels.trec'} does not judge ")


def test_exported_topics_with_their_judgements_rank_as_the_questions_do(
    store: Path, seeds: Report, exported: Path
) -> None:
    topics = exported / "topics.trec"
    made = evaluate_files([topics], store, qrels=exported / "qrels.trec")
    assert [r.question.id for r in made.results] == [r.question.id for r in seeds.results]
    assert set(values(made)) == RANKED
    alone = [r for r in seeds.results if not r.question.history]  # a topic has no earlier turns
    assert len(alone) > 40
    for result in alone:
        name = result.question.id
        assert (results(made)[name].judged, ranking(made, name)) == (
            result.judged,
            ranking(seeds, name),
        )


def test_legalbench_spans_of_indexed_policies_are_questions_about_them(
    store: Path, tmp_path: Path
) -> None:
    text, other = (path.read_bytes().decode() for path in (LUMENS, BELLACOR))
    removal = "The friend may contact Lumens.com to request the removal of this information"
    path = legalbench(
        tmp_path,
        {
            "query": "how can a friend be removed from lumens?",
            "snippets": [span(text, removal, f"policies/{LUMENS.name}")],
        },
        {
            "query": "do lumens and bellacor keep cookies?",
            "snippets": [
                span(text, "cookies", f"policies/{LUMENS.name}"),
                span(other, "cookies", f"policies/{BELLACOR.name}"),
            ],
        },
    )
    for policy in (LUMENS, BELLACOR):
        target = tmp_path / "corpus" / "policies" / policy.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(policy, target)
    made = evaluate_files([path], store)
    first, second = made.results
    assert made.problems == made.missing_quotes == ()
    assert made.generation == open_index(store).name
    assert (first.question.id, first.question.quotes) == ("tests-1", (removal,))
    assert first.question.company == ("lumens.com",)
    assert first.question.snapshot_date == ("2018-01-19",)
    assert {name.split(":")[0] for name in first.judged} == {"lumens.com@2018-01-19"}
    assert first.answer is not None
    assert second.question.company == ("lumens.com", "bellacor.com")
    assert {"RR@10", "answer Success@3", "right company"} <= values(made).keys()
    assert "right behaviour" not in values(made)


def test_legalbench_texts_in_and_out_of_the_index_are_ranked_together(
    store: Path, tmp_path: Path
) -> None:
    quote = "We do not use cookies to gather any personal information."
    indexed = span(HELZBERG.read_bytes().decode(), quote, HELZBERG.name)
    question = {"query": "do cookies gather personal information?", "snippets": [indexed]}
    path = legalbench(tmp_path, ABOUT_ORDERS, question)
    shutil.copy(HELZBERG, tmp_path / "corpus" / HELZBERG.name)
    made = evaluate_files([path], store)
    assert set(values(made)) == RANKED
    for result, file in zip(made.results, ["shop.txt", HELZBERG.name], strict=True):
        assert {name.split(":")[0] for name in result.judged} == {file}
        assert result.search_rank is not None


def test_a_legalbench_file_finds_the_seeds_where_the_program_runs(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    quote = "The friend may contact Lumens.com"
    snippet = span(LUMENS.read_bytes().decode(), quote, f"seeds/{LUMENS.name}")
    path = legalbench(tmp_path, {"query": "can a friend ask lumens?", "snippets": [snippet]})
    (result,) = evaluate_files([path], store).results
    assert result.question.company == ("lumens.com",)


def test_a_table_is_measured_by_its_quotes(store: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()[:3]]
    path = write(
        tmp_path / "mine.csv",
        table(
            ["id", "question", "company", "quote"],
            *([row["id"], row["question"], row["company"], row["quotes"][0]] for row in rows),
            ["none", "what does lumens keep?", "lumens.com", ""],
        ),
    )
    ours = write(tmp_path / "ours.jsonl", json_lines(rows))
    made, own = values(evaluate_files([path], store)), values(evaluate_files([ours], store))
    shared = {*RANKED, "answer Success@1", "answer Success@3", "right company"}
    assert {name: made[name] for name in shared} == {name: own[name] for name in shared}
    assert "right behaviour" not in made


def test_several_sets_are_measured_together(store: Path, tmp_path: Path, seeds: Report) -> None:
    lines = QUESTIONS.read_bytes().splitlines()
    first = write(tmp_path / "a.jsonl", b"\n".join(lines[:2]))
    second = write(tmp_path / "b.jsonl", b"\n".join(lines[2:5]))
    assert evaluate_files([first, second], store).graded == seeds.graded[:5]


# What cannot be measured is named, and the rest is measured


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def run(store: Path) -> Run:
    """Run ``evaluate`` within this process; what it does not catch fails the test."""

    def invoke(*arguments: object) -> Ran:
        result = CliRunner().invoke(
            app,
            ["evaluate", *map(str, arguments), "--store", str(store)],
            catch_exceptions=False,
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return invoke


def assert_refused(ran: Ran, *words: object) -> None:
    """Exit status 1, nothing on standard output, and one line on the other that says why."""
    assert (ran.code, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("policychat: ")
    for word in words:
        assert str(word) in line


MEGABYTES = b"x" * 10_000_000
GOOD_QUERY = QUERIES[0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(MEGABYTES, "it has 10,000,000 bytes", id="ten-megabytes"),
        pytest.param(b'{"_id": "\xff"}', "it is not UTF-8", id="not-utf-8"),
        pytest.param(bytes(range(256)).replace(b"\n", b""), "it is not UTF-8", id="binary"),
        pytest.param(b"{", "it is not JSON", id="cut-off"),
        pytest.param([1], "it is not a JSON object", id="a-list"),
        pytest.param({"text": "who?"}, "its _id is no text", id="no-id"),
        pytest.param({"_id": 7, "text": "who?"}, "its _id is no text", id="number-as-id"),
        pytest.param({"_id": "a b", "text": "who?"}, "its _id is no text", id="id-with-space"),
        pytest.param(GOOD_QUERY, "an earlier line has the _id 'q-orders'", id="id-twice"),
        pytest.param({"_id": "b"}, "its question is empty", id="no-text"),
        pytest.param({"_id": "b", "text": 7}, "its question is empty", id="number-as-text"),
        pytest.param({"_id": "b", "text": " "}, "its question is empty", id="white-space"),
        pytest.param({"_id": "b", "text": "x" * 1001}, "its question is longer", id="too-long"),
    ],
)
def test_a_wrong_query_is_named_and_the_rest_is_read(
    tmp_path: Path, row: object, reason: str
) -> None:
    got = read(beir(tmp_path, queries=[QUERIES[0], row, *QUERIES[1:]]))
    assert [question.id for question in got.questions] == [query["_id"] for query in QUERIES]
    (problem,) = got.problems
    assert problem.startswith(f"{tmp_path / 'queries.jsonl'}: line 2: {reason}")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(MEGABYTES, "it has 10,000,000 bytes", id="ten-megabytes"),
        pytest.param(b"\xff\xfe", "it is not UTF-8", id="not-utf-8"),
        pytest.param(CORPUS[0], "an earlier line has the _id 'lamps-1'", id="id-twice"),
        pytest.param({"_id": "b", "title": "x"}, "its title or text is no text", id="no-text"),
        pytest.param(
            {"_id": "b", "text": "x", "title": None}, "its title or text is no text", id="null"
        ),
    ],
)
def test_a_wrong_document_is_named_and_the_rest_is_read(
    tmp_path: Path, row: object, reason: str
) -> None:
    got = read(beir(tmp_path, corpus=[CORPUS[0], row, *CORPUS[1:]]))
    assert [document.id for document in got.documents or []] == [d["_id"] for d in CORPUS]
    (problem,) = got.problems
    assert problem.startswith(f"{tmp_path / 'corpus.jsonl'}: line 2: {reason}")


def test_judgements_about_unknown_questions_and_documents_are_counted(tmp_path: Path) -> None:
    strange = [("q-orders", "nowhere-1", 1), ("q-orders", "nowhere-2", 1), ("nobody", "lamps-1", 1)]
    got = read(beir(tmp_path, qrels=[*QRELS, *strange]))
    compare_ids(got, tmp_path)
    documents, questions = got.problems
    assert documents.startswith("2 judgements are about documents that are not in the corpus")
    assert "'nowhere-1'" in documents
    assert "judges 1 questions that are not in the set, such as 'nobody'" in questions


def test_judgements_about_documents_that_are_not_in_the_index_are_counted(
    run: Run, tmp_path: Path
) -> None:
    questions = write(tmp_path / "one.jsonl", OURS)
    qrels = write(tmp_path / "qrels", "lumens-opt-out 0 nowhere 1\nnobody 0 nowhere 1\n")
    document = json.loads(run(questions, "--qrels", qrels, "--json").stdout)
    strangers, missing = document["problems"]
    assert strangers == f"{qrels} judges 1 questions that are not in the set, such as 'nobody'"
    assert missing == "1 judged documents are not in the index, such as 'nowhere'"
    assert document["measures"]["RR@10"] == {
        "value": 0,
        "low": None,
        "high": None,
        "n": 1,
        "clusters": 1,
    }


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(["", "a.com", "", ""], "line 3: its question is empty", id="no-question"),
        pytest.param(["x" * 1001, "", "", ""], "line 3: its question is longer", id="too-long"),
        pytest.param(["who?", "a.com", ""], "line 3: it has 3 columns, not 4", id="column-less"),
        pytest.param(["who?", "", "", "", ""], "line 3: it has 5 columns, not 4", id="column-more"),
        pytest.param(
            ["x" * 10_000_000, "", "", ""],
            "line 3: it has 10,000,000 characters",
            id="ten-megabytes",
        ),
        pytest.param(["who?", "a.com", "", "2018"], "line 3: '2018' is not a date", id="date"),
        pytest.param([], None, id="an-empty-line-is-none"),
    ],
)
def test_a_wrong_row_is_named_and_the_rest_is_read(
    tmp_path: Path, lines: list[str], reason: str | None
) -> None:
    head, good = ["question", "company", "quote", "snapshot_date"], ["is it sold?", "a.com", "", ""]
    path = write(tmp_path / "mine.csv", table(head, good, lines, good))
    got = read(path)
    assert [question.question for question in got.questions] == ["is it sold?"] * 2
    assert len(got.problems) == (reason is not None)
    assert all(problem.startswith(f"{path}: {reason}") for problem in got.problems)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('"never closed,a.com,\n', id="open-quotation"),
        pytest.param('"is it" sold?,a.com,\n', id="text-after-quotation"),
    ],
)
def test_a_malformed_table_is_read_as_far_as_it_goes(tmp_path: Path, broken: str) -> None:
    good = "question,company,quote\nis it sold?,a.com,\n"
    path = write(tmp_path / "mine.csv", f"{good}{broken}")
    got = read(path)
    assert [question.question for question in got.questions] == ["is it sold?"]
    (problem,) = got.problems
    assert problem.startswith(f"{path}: line 3: ")
    assert problem.endswith("; what follows was not read")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        pytest.param("<top><title>who?</title></top>", "it has no <num>", id="no-number"),
        pytest.param("<top><num>2</num></top>", "it has no <num> or no <title>", id="no-title"),
        pytest.param(topic("2", " "), "its question is empty", id="empty"),
        pytest.param(topic("2", "x" * 1001), "its question is longer", id="too-long"),
    ],
)
def test_a_wrong_topic_is_named_and_the_rest_is_read(
    tmp_path: Path, broken: str, reason: str
) -> None:
    path = write(tmp_path / "topics", topic("1", "who?") + broken + topic("3", "why?"))
    got = read(path)
    assert [question.id for question in got.questions] == ["1", "3"]
    (problem,) = got.problems
    assert problem.startswith(f"{path}: topic 2: {reason}")


def snippet(**changed: object) -> dict[str, object]:
    return {"query": "who?", "snippets": [span(SHOP, KEPT) | changed]}


NOWHERE = "lies neither beside it nor in a folder corpus"
NO_SNIPPETS = "it is no query with snippets"
NO_SPAN = "is not a start and an end"


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        pytest.param(snippet(span=[0, len(SHOP) + 1]), "its span 0–", id="beyond-the-end"),
        pytest.param(snippet(span=[-5, 5]), "its span -5–5", id="before-the-beginning"),
        pytest.param(snippet(span=[5, 5]), "its span 5–5", id="empty-span"),
        pytest.param(snippet(span=[9, 5]), "its span 9–5", id="span-turned-round"),
        pytest.param(snippet(span=[0, 10**30]), "its span 0–", id="huge-span"),
        pytest.param(snippet(answer="We keep nothing."), "its answer does not stand", id="answer"),
        pytest.param(snippet(answer=None), "its answer does not stand", id="answer-null"),
        pytest.param(
            snippet(file_path="../../etc/passwd"), f"'../../etc/passwd' {NOWHERE}", id="up"
        ),
        pytest.param(
            snippet(file_path="../outside.txt"), f"'../outside.txt' {NOWHERE}", id="beside"
        ),
        pytest.param(snippet(file_path="link.txt"), f"'link.txt' {NOWHERE}", id="link-to-outside"),
        pytest.param(snippet(file_path="/etc/passwd"), f"'/etc/passwd' {NOWHERE}", id="absolute"),
        pytest.param(snippet(file_path="none.txt"), f"'none.txt' {NOWHERE}", id="missing-file"),
        pytest.param(snippet(file_path=""), f"'' {NOWHERE}", id="no-file"),
        pytest.param(snippet(file_path="a" * 300), "cannot be read: File name", id="long-name"),
        pytest.param(snippet(file_path="a\0b"), r"'a\x00b' " + NOWHERE, id="file-with-nul"),
        pytest.param(
            snippet(file_path="latin.txt"), "'latin.txt' is not UTF-8", id="text-not-utf-8"
        ),
        pytest.param(snippet(file_path="empty.txt"), "its span 12–", id="empty-text"),
        pytest.param(snippet(file_path=7), NO_SNIPPETS, id="number-as-file"),
        pytest.param(snippet(file_path=["a"]), NO_SNIPPETS, id="list-as-file"),
        pytest.param(snippet(span=None), NO_SPAN, id="no-span"),
        pytest.param(snippet(span=[1, 2, 3]), NO_SPAN, id="span-of-three"),
        pytest.param(snippet(span=["a", "b"]), NO_SPAN, id="span-of-texts"),
        pytest.param(snippet(span=[0.5, 3.5]), NO_SPAN, id="span-of-fractions"),
        pytest.param({"query": "who?", "snippets": []}, "it has no snippets", id="no-snippets"),
        pytest.param({"query": "who?", "snippets": 7}, NO_SNIPPETS, id="snippets-a-number"),
        pytest.param({"query": "who?", "snippets": "abc"}, NO_SNIPPETS, id="snippets-a-text"),
        pytest.param({"query": "who?", "snippets": {"a": 1}}, NO_SNIPPETS, id="snippets-an-object"),
        pytest.param({"query": "who?", "snippets": [[1]]}, NO_SNIPPETS, id="snippet-a-list"),
        pytest.param({"query": "who?"}, NO_SNIPPETS, id="without-snippets"),
        pytest.param({"snippets": [span(SHOP, KEPT)]}, NO_SNIPPETS, id="without-query"),
        pytest.param(snippet() | {"query": 7}, "its question is empty", id="query-a-number"),
        pytest.param(snippet() | {"query": "x" * 1001}, "its question is longer", id="too-long"),
        pytest.param(None, NO_SNIPPETS, id="null"),
        pytest.param("who?", NO_SNIPPETS, id="text"),
    ],
)
def test_a_wrong_legalbench_test_is_named_and_the_rest_is_read(
    tmp_path: Path, test: object, reason: str
) -> None:
    path = legalbench(tmp_path, ABOUT_ORDERS, test, ABOUT_ORDERS)
    write(tmp_path / "outside.txt", SHOP)
    write(tmp_path / "corpus" / "latin.txt", b"caf\xe9")
    write(tmp_path / "corpus" / "empty.txt", "")
    (tmp_path / "corpus" / "link.txt").symlink_to(tmp_path / "outside.txt")
    got = read(path)
    assert [question.id for question in got.questions] == ["tests-1", "tests-3"]
    (problem,) = got.problems
    assert problem.startswith(f"{path}: test 2: ")
    assert reason in problem
    assert len(problem) < 300 + len(str(path))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('{"tests": 7}', id="tests-a-number"),
        pytest.param('{"tests": {}}', id="tests-an-object"),
        pytest.param('{"tests": [', id="cut-off"),
        pytest.param(b'{"tests": ["\xff"]}', id="not-utf-8"),
        pytest.param('{"tests": ' + "[" * 100_000, id="nested-too-deep"),
    ],
)
def test_a_legalbench_file_without_tests_is_refused(
    run: Run, tmp_path: Path, content: str | bytes
) -> None:
    path = write(tmp_path / "tests.json", content)
    assert_refused(run(path), path, "no list of tests")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("\n \n", "the file is empty", id="white-space"),
        pytest.param(bytes(range(256)) * 4, "it is not", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is not UTF-8", id="picture"),
        pytest.param("question,company\na,b\n", "it has no column quote", id="column-missing"),
        pytest.param("question,company,quote\n", "has none", id="table-without-rows"),
        pytest.param(b"question,company,quote\n\xff,,\n", "is not UTF-8", id="table-not-utf-8"),
        pytest.param("question,company,quote\n,,\n", "its question is empty", id="no-good-row"),
        pytest.param("<top></top>", "it has no <num>", id="no-good-topic"),
        pytest.param('{"tests": []}', "has none", id="no-tests"),
        pytest.param("one two three", "it is not JSON", id="prose"),
    ],
)
def test_a_file_without_a_question_is_refused(
    run: Run, tmp_path: Path, content: str | bytes, reason: str
) -> None:
    path = write(tmp_path / "questions", content)
    assert_refused(run(path), path, reason)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_folder_that_lacks_a_file_of_beir_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    (beir(tmp_path) / name).unlink()
    assert_refused(run(tmp_path), tmp_path / name, "cannot be read")


@pytest.mark.parametrize(
    "corpus",
    [
        pytest.param([], id="empty"),
        pytest.param([b"nonsense", {"_id": "d", "title": "x"}], id="nothing-that-can-be-read"),
    ],
)
def test_a_folder_without_a_document_is_refused(
    run: Run, tmp_path: Path, corpus: list[object]
) -> None:
    assert_refused(run(beir(tmp_path, corpus=corpus)), tmp_path, "has no document to rank")


def test_a_folder_with_other_judgements_than_usual_says_how_to_name_them(
    run: Run, tmp_path: Path
) -> None:
    usual = beir(tmp_path) / "qrels" / "test.tsv"
    other = usual.rename(usual.with_name("dev.tsv"))
    assert_refused(run(tmp_path), usual, "--qrels", other)


def test_questions_of_which_nothing_right_is_said_need_judgements(run: Run, tmp_path: Path) -> None:
    topics = write(tmp_path / "topics", topic("1", "does lumens sell it?"))
    assert_refused(run(topics), topics, "--qrels")


def test_judgements_that_are_not_there_are_refused(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none.trec"
    assert_refused(run(QUESTIONS, "--qrels", missing), missing, "cannot be read: No such file")


def test_a_folder_is_no_file_of_judgements(run: Run, tmp_path: Path) -> None:
    assert_refused(run(QUESTIONS, "--qrels", tmp_path), tmp_path, "cannot be read")


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_a_set_with_documents_of_its_own_is_measured_by_itself(
    run: Run, tmp_path: Path, first: bool
) -> None:
    files = [beir(tmp_path / "beir"), QUESTIONS]
    assert_refused(run(*(files if first else reversed(files))), "measured by itself")


def test_two_sets_with_the_same_id_are_refused(run: Run) -> None:
    assert_refused(run(QUESTIONS, QUESTIONS), "two of the files have the id 'lumens-opt-out'")


def test_what_is_left_out_is_said_beside_what_is_measured(run: Run, tmp_path: Path) -> None:
    beir(tmp_path, queries=[b"nonsense", *QUERIES], qrels=[*QRELS, ("q-orders", "lamps-4", "x")])
    ran = run(tmp_path)
    assert ran.code == 0
    assert "nDCG@10" in ran.stdout
    assert f"{tmp_path / 'queries.jsonl'}: line 1: it is not JSON" in ran.stderr
    assert f"{tmp_path / 'qrels' / 'test.tsv'}: line 8: its relevance is 'x'" in ran.stderr


def test_a_gold_quote_that_stands_nowhere_is_named_and_the_rest_is_measured(
    run: Run, tmp_path: Path
) -> None:
    good, wrong = json.loads(OURS), json.loads(OURS)
    wrong |= {"id": "wrong", "quotes": ["Nobody ever wrote this \x1b[31m[red]sentence."]}
    path = write(tmp_path / "two.jsonl", json_lines([good, wrong]))
    document = json.loads(run(path, "--json").stdout)
    assert document["missing_quotes"] == [{"id": "wrong", "quote": wrong["quotes"][0]}]
    assert document["measures"]["Success@1"]["value"] == 1 / 2
    assert document["measures"]["Success@1"]["n"] == 2
    shown = run(path).stdout
    assert "wrong: this gold quote stands in no policy: Nobody ever wrote this" in shown
    assert "\x1b" not in shown
    assert "[red]sentence" in " ".join(shown.split())
