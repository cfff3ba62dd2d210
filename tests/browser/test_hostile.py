"""Hostile text is text everywhere: in policies, in what changed, in questions, in earlier ones."""

import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from browser.payloads import PAYLOADS
from playwright.sync_api import Page, expect

from chatbot.bot import Chatbot
from index.build import build_index
from index.sources import Source

Opened = Callable[..., Page]
Serving = Callable[..., AbstractContextManager[str]]
HEADER = (
    "> *The following text is extracted and transformed from the evil.example privacy policy that "
    "was archived on {day}. Please check the [original snapshot on the Wayback Machine]"
    "(https://web.archive.org/web/{stamp}id_/https%3A//evil.example/privacy) for the most accurate "
    "reproduction.*\n\n"
)
ALIVE = (
    "script, img, iframe, object, embed, video, audio, picture, svg, math, style, link, meta, base,"
    "form, input, table, template, .katex, code, em, [onerror], [onload], [onclick], [style],"
    "a[href^='javascript'], a[href^='data'], a[href*='evil.example/login']"
)


def watched(page: Page) -> None:
    page.evaluate(
        "window.violations = [];"
        "addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
    )


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the page takes the next question: until then Enter does nothing."""
    box = page.get_by_label("Ask in your own words")
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#answer .asked")).to_have_text(question)
    expect(page.locator("#answer [data-testid=status-tracker]:not(.hide)")).to_have_count(0)


def nothing_came_alive(page: Page, place: str) -> None:
    shown = page.locator(f"{place} .md")
    assert shown.locator(ALIVE).count() == 0
    fixed = (
        "place => [...document.querySelectorAll(`${place} .md *`)].filter("
        "e => ['fixed', 'sticky'].includes(getComputedStyle(e).position)).length"
    )
    assert page.evaluate(fixed, place) == 0
    assert page.evaluate("violations") == []


@pytest.fixture(scope="module")
def hostile_bot(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    """A real index of a policy of payloads, on two days: on the second all are reworded."""
    seeds = tmp_path_factory.mktemp("seeds")
    for day, verb in (("2020-01-01", "collects"), ("2021-01-01", "gathers and stores")):
        body = "# Privacy Policy\n\n" + "".join(
            f"Evil {verb} cookies of number {number} for {text} and tells you of it at once.\n\n"
            for number, text in enumerate(PAYLOADS)
        )
        header = HEADER.format(day=day, stamp=day.replace("-", "") + "000000")
        (seeds / f"evil.example_{day}.txt").write_text(header + body, "utf-8")
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(store / "encoders", folder / "encoders")
    build_index(folder, [Source(seeds)])
    return Chatbot.open(folder)


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 40


def test_a_hostile_policy_is_read_as_text(
    hostile_bot: Chatbot, served: Serving, opened: Opened
) -> None:
    with served(hostile_bot) as address:
        page = opened(f"{address}/#read=evil.example", 320)
        watched(page)
        expect(page.locator("#policy")).to_contain_text("cookies of number 20 for")
        nothing_came_alive(page, "#policy")
        page.get_by_role("link", name="What changed").last.click()
        expect(page.locator("#changes .change").first).to_be_visible()
        nothing_came_alive(page, "#changes")
        page.close()


def test_a_hostile_policy_is_quoted_as_text(
    hostile_bot: Chatbot, served: Serving, opened: Opened
) -> None:
    quoted = set()
    with served(hostile_bot) as address:
        page = opened(address)
        watched(page)
        for number in range(len(PAYLOADS)):
            question = f"what are cookies of number {number} for?"
            ask(page, question)
            nothing_came_alive(page, "#answer")
            text = page.locator("#answer").inner_text()
            quoted |= set(re.findall(r"cookies of number (\d+)", text.replace(question, "")))
        page.close()
    assert len(quoted) > len(PAYLOADS) / 2  # the test shows what it says it shows


def test_hostile_questions_are_text_when_asked_and_when_earlier(
    server: str, opened: Opened
) -> None:
    page = opened(server)
    watched(page)
    for payload in PAYLOADS:
        question = " ".join(payload.split())
        ask(page, question)
        nothing_came_alive(page, "#answer")
    assert page.locator("#answer .earlier p").count() >= 1
