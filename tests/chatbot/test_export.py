"""What other tools read: every document stands where its id says, every judgement is a quote's."""

import json
import re
from pathlib import Path

import pytest

from chatbot.bot import Chatbot
from chatbot.evaluation.documents import relevance
from chatbot.evaluation.export import Format, export
from chatbot.evaluation.labelled import EvaluationError, LabelledQuestion, match_fold, read_sets
from index.policy_index import PolicyIndex, open_index

ROOT = Path(__file__).parent.parent.parent
QUESTIONS, _ = read_sets([ROOT / "seeds" / "questions.jsonl"])


@pytest.fixture(scope="module")
def policy_index(store: Path) -> PolicyIndex:
    return open_index(store)


def exported(policy_index: PolicyIndex, folder: Path, form: Format) -> Path:
    export(policy_index, QUESTIONS, folder, form)
    return folder


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_document_stands_where_its_id_says(
    policy_index: PolicyIndex, bot: Chatbot, tmp_path: Path
) -> None:
    documents = rows(exported(policy_index, tmp_path / "new", "beir") / "corpus.jsonl")
    assert len({document["_id"] for document in documents}) == len(documents)
    days = set()
    for document in documents:
        place = re.fullmatch(r"(\S+)@(\d{4}-\d\d-\d\d):(\d+)-(\d+)", str(document["_id"]))
        assert place
        snapshot = policy_index.snapshot(
            place[1],
            next(
                day for day in policy_index.companies[place[1]].days if day.isoformat() == place[2]
            ),
        )
        days.add(snapshot.id)
        archived = snapshot.text[int(place[3]) : int(place[4])]
        assert match_fold(archived) == match_fold(str(document["text"]))
        assert (document["company"], document["snapshot_date"]) == (place[1], place[2])
    assert len(days) == 5


def test_beir_holds_all_questions_and_judges_those_that_are_quoted(
    policy_index: PolicyIndex, tmp_path: Path
) -> None:
    folder = exported(policy_index, tmp_path, "beir")
    documents = {str(row["_id"]): row for row in rows(folder / "corpus.jsonl")}
    assert [row["_id"] for row in rows(folder / "queries.jsonl")] == [q.id for q in QUESTIONS]
    header, *judged = (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()
    assert header == "query-id\tcorpus-id\tscore"
    asked = {question.id: question for question in QUESTIONS}
    seen = set()
    for line in judged:
        name, document, score = line.split("\t")
        assert score == "1"
        seen.add(name)
        text = match_fold(str(documents[document]["text"]))
        assert any(match_fold(quote) in text for quote in asked[name].quotes)
        assert documents[document]["company"] in asked[name].company
        assert documents[document]["snapshot_date"] in asked[name].snapshot_date
    assert seen == {question.id for question in QUESTIONS if question.quotes}


def test_trec_says_the_same(policy_index: PolicyIndex, tmp_path: Path) -> None:
    beir = exported(policy_index, tmp_path / "beir", "beir")
    trec = exported(policy_index, tmp_path / "trec", "trec")
    documents = re.findall(r"<DOCNO>(\S+)</DOCNO>", (trec / "collection.trec").read_text("utf-8"))
    assert documents == [row["_id"] for row in rows(beir / "corpus.jsonl")]
    topics = re.findall(r"<num>(\S+)</num>", (trec / "topics.trec").read_text("utf-8"))
    assert topics == [question.id for question in QUESTIONS]
    judged = [line.split() for line in (trec / "qrels.trec").read_text("utf-8").splitlines()]
    tsv = (beir / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]
    assert [(name, document) for name, _, document, _ in judged] == [
        tuple(line.split("\t")[:2]) for line in tsv
    ]
    assert {(zero, score) for _, zero, _, score in judged} == {("0", "1")}


def test_what_steers_a_markup_reader_is_escaped(policy_index: PolicyIndex, tmp_path: Path) -> None:
    sly = question(id="a<b", question="what?</title>\n<title>all & more")
    export(policy_index, [sly], tmp_path, "trec")
    assert (tmp_path / "topics.trec").read_text("utf-8") == (
        "<top>\n<num>a&lt;b</num>\n"
        "<title>what?&lt;/title&gt; &lt;title&gt;all &amp; more</title>\n</top>\n"
    )


def question(**fields: object) -> LabelledQuestion:
    empty: dict[str, object] = {
        "id": "a",
        "question": "?",
        "history": (),
        "company": (),
        "snapshot_date": (),
        "behaviour": "answer",
        "quotes": (),
    }
    return LabelledQuestion(**(empty | fields))  # type: ignore[arg-type]  # given by name


def test_a_quote_over_two_passages_is_named_and_not_judged(
    policy_index: PolicyIndex, tmp_path: Path
) -> None:
    snapshot = policy_index.snapshot("lumens.com", policy_index.companies["lumens.com"].days[0])
    long = question(id="long", company=("lumens.com",), quotes=(snapshot.text[1000:9000],))
    done = export(policy_index, [long], tmp_path, "trec")
    assert done.unjudged == ("long",)
    assert (tmp_path / "qrels.trec").read_text() == ""


def test_without_quotes_nothing_is_relevant(policy_index: PolicyIndex) -> None:
    assert relevance(policy_index)(question(company=("lumens.com",))) == []


def test_an_id_with_a_space_is_refused_before_anything_is_written(
    policy_index: PolicyIndex, tmp_path: Path
) -> None:
    with pytest.raises(EvaluationError, match="'a b' has white space"):
        export(policy_index, [question(id="a b")], tmp_path / "new", "trec")
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_files_is_left_alone(policy_index: PolicyIndex, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(EvaluationError, match=r"thesis\.txt; name a new folder"):
        export(policy_index, QUESTIONS, tmp_path, "beir")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_writing_again_replaces(policy_index: PolicyIndex, tmp_path: Path) -> None:
    first = export(policy_index, QUESTIONS, tmp_path, "beir")
    assert export(policy_index, QUESTIONS, tmp_path, "beir") == first
