"""What ``--out`` writes: figures that follow from its rows, and a page that asks nobody."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from typer.testing import CliRunner

from chatbot.cli import app
from chatbot.evaluation.files import evaluate_files
from chatbot.evaluation.intervals import SEED
from chatbot.evaluation.judge import Ranked, Result
from chatbot.evaluation.labelled import BEHAVIOURS, LabelledQuestion
from chatbot.evaluation.measures import MEASURES
from chatbot.evaluation.output import write_report
from chatbot.evaluation.page import DEEPEST, HEIGHT, MARGIN, SLICED, WIDTH
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import read_qrels, read_run
from chatbot.types import Answer, Behaviour, Turn
from index.policy_index import open_index

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = ROOT / "seeds" / "questions.jsonl"
FILES = ["run.trec", "qrels.trec", "per_question.jsonl", "metrics.json", "report.html"]
HOSTILE = (
    "<script>alert(1)</script> <img src=https://evil.example/1.png onerror=alert(2)> "
    '"><a href="javascript:alert(3)">x</a> </blockquote></style><style>@import '
    "'https://evil.example/2.css'</style> {{ 7*7 }} {% raw %} ${7*7} <!-- --> ]]> &lt;b&gt; \u2028"
)
Row = dict[str, Any]


def asked(name: str, gold: Behaviour | None = "answer", **fields: Any) -> LabelledQuestion:  # noqa: ANN401
    made: dict[str, Any] = {
        "question": f"what about {name}?",
        "history": (),
        "company": ("lamps.com",),
        "snapshot_date": ("2018-01-19",),
        "quotes": (),
    }
    return LabelledQuestion(id=name, behaviour=gold, **(made | fields))


def said(
    question: LabelledQuestion, behaviour: Behaviour, confidence: float = 0.5, text: str = "…"
) -> Result:
    return Result(question, {}, (), Answer("?", behaviour, text, confidence=confidence))


def some_results() -> list[Result]:
    """Right and wrong ones, one contested, of two companies."""
    rings = {"company": ("rings.com",), "snapshot_date": ("2011-10-07", "2012-01-01")}
    gold, other = {"d1": 1, "d2": 2}, (Ranked("d3", 0.9, "three"), Ranked("d2", 0.8, "two"))
    return [
        said(asked("right"), "answer", 0.9),
        said(asked("silent", "not_stated", topic="sell"), "answer", 0.8),
        said(asked("partly", "partly", **rings), "partly", 0.3),
        said(asked("later", history=(Turn("user", "hi"),), **rings), "not_stated", 0.2),
        said(asked("contested", "partly", contested=True), "answer", 0.1),
        Result(asked("ranked", None), gold, other),
    ]


def report_of(*results: Result, **fields: Any) -> Report:  # noqa: ANN401
    return Report("gen-0", results or tuple(some_results()), **fields)


def written(report: Report, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    write_report(report, folder)
    return folder


def rows_of(folder: Path) -> list[Row]:
    lines = (folder / "per_question.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def metrics_of(folder: Path) -> Row:
    document: Row = json.loads((folder / "metrics.json").read_text("utf-8"))
    return document


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


class Page(HTMLParser):
    """What a page holds, as a parser of its own reads it."""

    def __init__(self, text: str) -> None:
        """Parse ``text``."""
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []  # tag, name, value
        self.styles = ""
        self.text = ""
        self.tables: list[list[list[str]]] = []  # rows of cells
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        """Count a tag, and begin what it begins."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Close all that is open within."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Keep text where it belongs."""
        if "style" in self._open:
            self.styles += data
        else:
            self.text += data
        if {"td", "th"} & set(self._open[-1:]):
            self.tables[-1][-1][-1] += data

    def table(self, head: str) -> list[list[str]]:
        """The rows below the head of the table whose first column is called ``head``."""
        (found,) = [table for table in self.tables if table[0][0] == head]
        return found[1:]


def page_of(folder: Path) -> Page:
    return Page((folder / "report.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def seeds(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``--out`` writes it for the questions of the seeds."""
    folder = tmp_path_factory.mktemp("seeds")
    write_report(evaluate_files([QUESTIONS], store), folder)
    return folder


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The same for results made by hand."""
    return written(report_of(), tmp_path / "made")


# Files


def test_the_command_writes_all_files_and_names_them(
    store: Path, seeds: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes(b"\n".join(QUESTIONS.read_bytes().splitlines()[:2]))
    out = tmp_path / "new" / "folder"
    arguments = ["evaluate", str(questions), "--out", str(out), "--store", str(store)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-5:] == [str(out / name) for name in FILES]
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert rows_of(out) == rows_of(seeds)[:2]


def test_writing_again_replaces_the_files(made: Path) -> None:
    write_report(report_of(said(asked("alone"), "answer")), made)
    assert sorted(path.name for path in made.iterdir()) == sorted(FILES)
    assert [row["id"] for row in rows_of(made)] == ["alone"]
    assert metrics_of(made)["asked"] == 1
    assert (made / "run.trec").read_text() == (made / "qrels.trec").read_text() == ""
    assert "alone" in page_of(made).text
    assert "silent" not in page_of(made).text


@pytest.mark.parametrize("name", ["a b", "a\tb", " a  b ", "a\u00a0b", "a\nb"])
def test_an_id_with_white_space_is_joined_where_trec_cannot_hold_it(
    tmp_path: Path, name: str
) -> None:
    ranking = (Ranked("d1", 1, "one"), Ranked("d2", 0.5, "two"))
    write_report(report_of(Result(asked(name), {"d2": 1}, ranking)), tmp_path)
    assert read_run(tmp_path / "run.trec") == ({"a_b": {"d1": 1, "d2": 0.5}}, [])
    assert read_qrels(tmp_path / "qrels.trec") == ({"a_b": {"d2": 1}}, [])
    assert [row["id"] for row in rows_of(tmp_path)] == [name]


def test_contested_questions_have_no_judgement_for_other_tools(tmp_path: Path) -> None:
    gold, ranking = {"d1": 1}, (Ranked("d1", 1, "one"),)
    results = [
        Result(asked("plain", None), gold, ranking),
        Result(asked("contested", None, contested=True), gold, ranking),
    ]
    write_report(report_of(*results), tmp_path)
    assert read_qrels(tmp_path / "qrels.trec")[0].keys() == {"plain"}
    assert read_run(tmp_path / "run.trec")[0].keys() == {"plain", "contested"}


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Ran]:
    """Measures a set that needs no index, with more options."""
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "d", "text": "x"}')
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "x"}')
    (folder / "qrels" / "test.tsv").write_text("q\td\t1")
    (tmp_path / "theirs.trec").write_text("q Q0 d 1 1 t")

    def evaluate(*options: object) -> Ran:
        run = ("--run", tmp_path / "theirs.trec") if "--run" not in options else ()
        arguments = ["evaluate", folder, *run, *options, "--store", tmp_path / "none"]
        result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return evaluate


def assert_refused(ran: Ran, *words: object) -> None:
    assert (ran.code, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("policychat: ")
    for word in words:
        assert str(word) in line


def test_a_file_in_the_place_of_the_folder_is_refused(
    small: Callable[..., Ran], tmp_path: Path
) -> None:
    taken = tmp_path / "theirs.trec"
    assert_refused(small("--out", taken), taken, "is a file")
    assert taken.read_text() == "q Q0 d 1 1 t"


def test_a_file_that_is_read_is_not_overwritten(small: Callable[..., Ran], tmp_path: Path) -> None:
    assert small("--out", tmp_path / "out").code == 0
    run = tmp_path / "out" / "run.trec"
    before = run.read_bytes()
    assert_refused(small("--run", run, "--out", tmp_path / "out"), run, "would be overwritten")
    assert run.read_bytes() == before


def test_a_file_of_the_same_name_that_is_not_ours_is_left_alone(
    small: Callable[..., Ran], tmp_path: Path
) -> None:
    mine = tmp_path / "mine" / "report.html"
    mine.parent.mkdir()
    mine.write_text("my thesis")
    assert_refused(small("--out", mine.parent), mine, "name another folder")
    assert (mine.read_text(), list(mine.parent.iterdir())) == ("my thesis", [mine])


def test_other_files_in_the_folder_are_left_alone(
    small: Callable[..., Ran], tmp_path: Path
) -> None:
    mine = tmp_path / "mine" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("my thesis")
    for _ in range(2):
        assert small("--out", mine.parent).code == 0
    assert sorted(path.name for path in mine.parent.iterdir()) == sorted([*FILES, "thesis.txt"])
    assert mine.read_text() == "my thesis"


def test_a_refused_measurement_writes_nothing(small: Callable[..., Ran], tmp_path: Path) -> None:
    ran = small("--qrels", tmp_path / "none.trec", "--out", tmp_path / "out")
    assert_refused(ran, tmp_path / "none.trec")
    assert not list((tmp_path / "out").glob("*"))


# Figures


def test_every_question_has_a_row(seeds: Path) -> None:
    rows = rows_of(seeds)
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [question["id"] for question in questions]
    for row, question in zip(rows, questions, strict=True):
        assert row["question"] == question["question"]
        assert row["gold"] == question["behaviour"]
        assert row["quotes"] == question["quotes"]
        assert row["predicted"] in BEHAVIOURS
        assert 0 <= row["confidence"] <= 1
        assert row["cluster"]
        assert len(row["passages"]) <= 3
        assert bool(row["why"]) or row["predicted"] == row["gold"]


@pytest.mark.parametrize("folder", ["seeds", "made"])
def test_the_figures_are_the_means_of_the_rows(folder: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(folder)
    rows, document = rows_of(path), metrics_of(path)
    assert document["asked"] == sum(not row["contested"] for row in rows)
    for part, contested in (("measures", False), ("contested", True)):
        values: dict[str, list[float]] = {}
        for row in rows:
            if row["contested"] is contested:
                for name, found in row["measures"].items():
                    values.setdefault(name, []).extend(found)
        figures = document[part]
        assert figures.keys() == values.keys()
        for name, figure in figures.items():
            assert figure["value"] == pytest.approx(fmean(values[name]))
            assert figure["n"] == len(values[name])
            if figure["low"] is not None:
                assert figure["low"] <= figure["value"] <= figure["high"]


def test_measures_stand_in_one_order(seeds: Path) -> None:
    names = list(metrics_of(seeds)["measures"])
    assert names == [name for name in MEASURES if name in names]


def test_the_figures_say_how_their_intervals_were_made(seeds: Path) -> None:
    made, few = metrics_of(seeds)["intervals"]
    assert f"seed {SEED}" in made
    assert few.startswith("Warning: fewer than 10 clusters")
    assert "Success@1 (4)" in few
    assert made in page_of(seeds).text
    assert few in page_of(seeds).text


def test_the_figures_say_what_was_measured_by_what(seeds: Path, store: Path) -> None:
    document = metrics_of(seeds)
    assert document["sets"] == [str(QUESTIONS)]
    assert (document["generation"], document["companies"]) == (open_index(store).name, 4)
    assert document["version"] == version("policychat")
    text = page_of(seeds).text
    assert all(str(document[key]) in text for key in ("generation", "version"))
    assert str(QUESTIONS) in text


@pytest.mark.parametrize("folder", ["seeds", "made"])
def test_the_behaviours_add_up(folder: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(folder)
    pairs = Counter(
        (row["gold"], row["predicted"])
        for row in rows_of(path)
        if row["gold"] and row["predicted"] and not row["contested"]
    )
    matrix = metrics_of(path)["matrix"]
    assert {(g, w): n for g, counts in matrix.items() for w, n in counts.items() if n} == pairs
    shown = page_of(path).table("Gold ↓ said →")
    assert [row[0] for row in shown] == [name.replace("_", " ") for name in BEHAVIOURS]
    counts = [[int(cell.replace("·", "0")) for cell in row[1:]] for row in shown]
    assert counts == [list(counts.values()) for counts in matrix.values()]


TITLES = ["Company", "Year of the policy", "Topic", "Behaviour", "Earlier turns", "Length"]


@pytest.mark.parametrize("folder", ["seeds", "made"])
def test_the_slices_add_up(folder: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(folder)
    page, measures = page_of(path), metrics_of(path)["measures"]
    counted = [row for row in rows_of(path) if not row["contested"]]
    titles = [table[0][0] for table in page.tables if table[0][0] in TITLES]
    assert "Company" in titles
    assert "Behaviour" in titles
    for title in titles:
        groups = page.table(title)
        assert len(groups) > 1
        assert sum(int(group[1]) for group in groups) == len(counted)
        for column, name in enumerate(SLICED, 2):
            cells = [re.fullmatch(r"(\S+) \((\d+)\)", group[column]) for group in groups]
            values = [(float(cell[1]), int(cell[2])) for cell in cells if cell]
            figure = measures.get(name, {"value": 0, "n": 0})
            assert sum(n for _, n in values) == figure["n"]
            total = sum(value * n for value, n in values)
            assert total == pytest.approx(figure["value"] * figure["n"], abs=0.001 * figure["n"])


def test_slices_name_what_the_questions_have_in_common(made: Path) -> None:
    page = page_of(made)
    groups = {title: {row[0]: int(row[1]) for row in page.table(title)} for title in TITLES[:5]}
    assert groups == {
        "Company": {"lamps.com": 3, "rings.com": 2},
        "Year of the policy": {"2018": 3, "several": 2},
        "Topic": {"sell": 1, "not labelled": 4},
        "Behaviour": {"answer": 2, "not stated": 1, "partly": 1, "not labelled": 1},
        "Earlier turns": {"with": 1, "without": 4},
    }


def test_a_slice_of_one_kind_is_not_shown(made: Path) -> None:
    assert "Length" not in [table[0][0] for table in page_of(made).tables]


# The page


def test_the_page_shows_every_measure_with_its_number(seeds: Path) -> None:
    shown = {row[0]: row[1:] for row in page_of(seeds).table("Measure")}
    measures = metrics_of(seeds)["measures"]
    assert list(shown) == list(measures)
    for name, (value, between, n) in shown.items():
        low, high = map(float, between.split(" – "))
        found = measures[name]
        assert (float(value), low, high) == pytest.approx(
            (found["value"], found["low"], found["high"]), abs=0.001
        )
        assert int(n) == measures[name]["n"]


def test_the_page_lists_every_question_and_marks_those_that_failed(seeds: Path) -> None:
    page, rows = page_of(seeds), rows_of(seeds)
    classes = [value for tag, name, value in page.attributes if (tag, name) == ("details", "class")]
    assert classes == ["failed" if row["why"] else "right" for row in rows]
    for row in rows:
        assert row["question"] in page.text
        assert row["why"] in page.text
        assert all(quote in page.text for quote in row["quotes"])
        assert all(passage["text"] in page.text for passage in row["passages"])


def test_contested_questions_are_shown_and_counted_nowhere(made: Path) -> None:
    page = page_of(made)
    assert "1 contested questions" in page.text
    assert "contested, contested" in page.text
    shown = {row[0]: row[3] for row in page.table("Measure")}
    assert shown["right behaviour"] == "4"


ADDRESSED = {"src", "href", "srcset", "action", "data", "poster", "background", "style", "srcdoc"}


@pytest.mark.parametrize("folder", ["seeds", "made", "hostile"])
def test_the_page_asks_nobody_for_anything(folder: str, request: pytest.FixtureRequest) -> None:
    page = page_of(request.getfixturevalue(folder))
    assert not page.tags.keys() & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "a",
    }
    assert not {name for _, name, _ in page.attributes} & ADDRESSED
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import|expression\(", page.styles, re.IGNORECASE)
    metas = [value for tag, name, value in page.attributes if tag == "meta" and name == "content"]
    assert "default-src 'none'; style-src 'unsafe-inline'" in metas
    assert ("meta", "http-equiv", "Content-Security-Policy") in page.attributes


def hostile_text(place: str) -> str:
    return f"{HOSTILE} {place}"


PLACES = "question quote company day topic turn passage said spoken missing problem set".split()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A report in which everything that others wrote is hostile."""
    text = {place: hostile_text(place) for place in PLACES}
    question = asked(
        "hostile",
        question=text["question"],
        quotes=(text["quote"],),
        company=(text["company"],),
        snapshot_date=(text["day"],),
        topic=text["topic"],
        history=(Turn("user", text["turn"]),),
    )
    answer = Answer("?", "partly", text["said"], companies=(text["spoken"],))
    ranking = (Ranked("e", 1, text["passage"]),)
    report = report_of(
        Result(question, {"d": 1}, ranking, answer, right_company=False),
        said(asked("plain"), "answer"),
        missing_quotes=(("hostile", text["missing"]),),
        problems=(text["problem"],),
        sets=(text["set"],),
    )
    return written(report, tmp_path / "hostile")


def test_hostile_text_is_shown_as_it_is_and_does_nothing(hostile: Path) -> None:
    page = page_of(hostile)
    for place in sorted({*PLACES} - {"day"}):  # of a day, the slices show the year
        assert hostile_text(place) in page.text
    assert "49" not in page.text.replace(HOSTILE, "")
    plain = page_of_plain(hostile.parent / "plain")
    assert page.tags.keys() == plain.tags.keys()
    assert {name for _, name, _ in page.attributes} == {name for _, name, _ in plain.attributes}
    assert page.styles == plain.styles


def page_of_plain(folder: Path) -> Page:
    """A page with the same parts and only harmless words."""
    question = asked("a", quotes=("x",), topic="x", history=(Turn("user", "x"),))
    answer = Answer("?", "partly", "x")
    result = Result(question, {"d": 1}, (Ranked("e", 1, "x"),), answer, right_company=False)
    other = said(asked("b", company=("b.com",), snapshot_date=("2011-01-01",)), "answer")
    report = report_of(result, other, missing_quotes=(("a", "x"),), problems=("x",))
    return page_of(written(report, folder))


def test_hostile_text_stays_one_row_of_the_other_files(hostile: Path) -> None:
    first, second = rows_of(hostile)
    assert first["question"] == hostile_text("question")
    assert first["quotes"] == [hostile_text("quote")]
    assert second["id"] == "plain"
    assert metrics_of(hostile)["problems"] == [hostile_text("problem")]


def test_what_could_not_be_measured_is_named_on_the_page(tmp_path: Path) -> None:
    report = report_of(
        problems=("q.jsonl: line 4: it is not JSON",), missing_quotes=(("right", "Never said."),)
    )
    write_report(report, tmp_path)
    page = page_of(tmp_path)
    assert "What could not be measured" in page.text
    assert "q.jsonl: line 4: it is not JSON" in page.text
    assert "right: this gold quote stands in no policy: Never said." in page.text


def test_where_all_was_measured_nothing_else_is_said(made: Path) -> None:
    assert "What could not be measured" not in page_of(made).text


def curves(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """What is drawn → the points of its line, from 0 to 1."""
    page = page_of(folder)
    labels = [value for tag, name, value in page.attributes if (tag, name) == ("svg", "aria-label")]
    html = (folder / "report.html").read_text("utf-8")
    lines = re.findall(r'<polyline class="line" points="([^"]*)"/>', html)
    return {
        label: [
            (
                (float(point.split(",")[0]) - MARGIN) / (WIDTH - 2 * MARGIN),
                (HEIGHT - MARGIN - float(point.split(",")[1])) / (HEIGHT - 2 * MARGIN),
            )
            for point in line.split()
        ]
        for label, line in zip(labels, lines, strict=True)
    }


def test_the_curves_are_drawn_from_the_rows(made: Path) -> None:
    drawn = curves(made)
    recall = drawn[f"recall against k = {DEEPEST}"]
    assert [y for _, y in recall] == pytest.approx([0] + [1 / 2] * (DEEPEST - 1), abs=1e-3)
    # By falling confidence: right (.9), wrong (.8), right (.3), wrong (.2).
    risk = drawn["risk against coverage"]
    assert [x for x, _ in risk] == pytest.approx([1 / 4, 2 / 4, 3 / 4, 1], abs=1e-3)
    assert [y for _, y in risk] == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4], abs=1e-3)
    reliability = drawn["right against confidence"]
    assert [x for x, _ in reliability] == pytest.approx([0.25, 0.85], abs=1e-3)
    assert [y for _, y in reliability] == pytest.approx([1 / 2, 1 / 2], abs=1e-3)


def test_the_curves_of_the_seeds_end_where_the_figures_say(seeds: Path) -> None:
    measures = metrics_of(seeds)["measures"]
    drawn = curves(seeds)
    recall = drawn[f"recall against k = {DEEPEST}"]
    assert recall[4][1] == pytest.approx(measures["R@5"]["value"], abs=1e-3)
    assert recall[9][1] == pytest.approx(measures["R@10"]["value"], abs=1e-3)
    wrong = 1 - measures["right behaviour"]["value"]
    assert drawn["risk against coverage"][-1] == pytest.approx((1, wrong), abs=1e-3)


def test_a_set_of_rankings_alone_has_neither_behaviours_nor_confidence(tmp_path: Path) -> None:
    write_report(report_of(some_results()[-1]), tmp_path)
    page = page_of(tmp_path)
    assert list(curves(tmp_path)) == [f"recall against k = {DEEPEST}"]
    assert "Gold ↓ said →" not in page.text
    assert "Said:" not in page.text
    assert [row[0] for row in page.table("Measure")] == list(MEASURES[:6])
