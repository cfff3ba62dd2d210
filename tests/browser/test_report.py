"""The report of a measurement, opened as a file: it works, asks nobody, and obeys no quote."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chatbot.evaluation.judge import Ranked, Result
from chatbot.evaluation.labelled import LabelledQuestion
from chatbot.evaluation.output import write_report
from chatbot.evaluation.report import Report
from chatbot.types import Answer, Behaviour, Turn

HOSTILE = (
    "<script>alert(1)</script> <img src=//evil.example/1.png onerror=alert(2)> "
    "<style>@import '//evil.example/2.css'; body { display: none }</style> "
    "<iframe src=//evil.example></iframe> <a href=javascript:x>x</a> {{ 7*7 }}"
)


def question(name: str, company: str, gold: Behaviour, text: str = "?") -> LabelledQuestion:
    return LabelledQuestion(
        id=name,
        question=text,
        history=(Turn("user", text),),
        company=(company,),
        snapshot_date=("2018-01-19",),
        behaviour=gold,
        quotes=(text,),
        topic=text,
    )


def result(name: str, company: str, gold: Behaviour, said: Behaviour, text: str = "?") -> Result:
    return Result(
        question(name, company, gold, text),
        {"d1": 1},
        (Ranked("d2", 0.9, text), Ranked("d1", 0.8, "")),
        Answer("?", said, text, confidence=0.7),
        answer_rank=1,
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two questions that went right and two that failed, one of them hostile."""
    results = (
        result("right-1", "lamps.com", "answer", "answer", "is it sold?"),
        result("failed-1", "lamps.com", "answer", "not_stated", "is it kept?"),
        result("right-2", "rings.com", "not_stated", "not_stated", "is it lent?"),
        result("failed-2", "rings.com", "partly", "answer", HOSTILE),
    )
    made = Report("gen-0", results, (("failed-2", HOSTILE),), (HOSTILE,))
    folder = tmp_path_factory.mktemp("report")
    write_report(made, folder)
    return folder / "report.html"


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, report: Path) -> Iterator[Opened]:
    """Opens the report; afterwards nothing else may have been asked for, and nothing blocked."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def open_report(width: int = 1280, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(report.as_uri())
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert set(asked) == {report.as_uri()}
    assert complaints == []


def questions(page: Page) -> Locator:
    return page.locator("details:visible summary .id")


def test_the_box_shows_only_the_failed_questions_or_all(opened: Opened) -> None:
    page = opened()
    box = page.get_by_label("Only those that failed: 2")
    expect(box).to_be_checked()
    expect(questions(page)).to_have_text(["failed-1", "failed-2"])
    box.uncheck()
    expect(questions(page)).to_have_text(["right-1", "failed-1", "right-2", "failed-2"])
    box.check()
    expect(questions(page)).to_have_text(["failed-1", "failed-2"])


def test_a_question_opens_to_gold_answer_and_passages(opened: Opened) -> None:
    page = opened()
    failed = page.locator("details", has_text="failed-1")
    expect(failed.get_by_role("heading", name="Gold: answer")).to_be_hidden()
    failed.locator("summary").click()
    for title in ("Gold: answer", "Said: not stated", "Ranked first"):
        expect(failed.get_by_role("heading", name=title)).to_be_visible()
    gold, first, second = failed.locator("blockquote").all()
    expect(gold).to_have_text("is it kept?")
    expect(first).to_contain_text("is it kept?")
    expect(second).to_contain_text("d1")
    expect(failed.locator("blockquote.relevant")).to_have_text(second.inner_text())


def test_hostile_text_is_read_and_not_obeyed(opened: Opened) -> None:
    page = opened()
    hostile = page.locator("details", has_text="failed-2")
    expect(hostile.locator("summary")).to_contain_text("{{ 7*7 }}")
    hostile.locator("summary").click()
    expect(hostile.locator("blockquote").first).to_have_text(HOSTILE)
    expect(page.locator("script, img, iframe, a, link")).to_have_count(0)
    expect(page.locator("style")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_part_of_the_report_is_wider_than_the_window(
    opened: Opened, width: int, scheme: str
) -> None:
    page = opened(width, scheme)
    page.get_by_label("Only those that failed: 2").uncheck()
    for summary in page.locator("summary").all():
        summary.click()
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0
