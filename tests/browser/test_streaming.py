"""An answer comes piece by piece, its first sentence first, and can be stopped on the way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from chatbot.bot import Chatbot
from chatbot.types import Answer
from index.types import Snapshot

Opened = Callable[..., Page]
Serving = Callable[..., AbstractContextManager[str]]
QUESTION = "how do I opt out of Lumens emails?"
PATIENCE = 30  # seconds until a test's bot goes on by itself


class HeldBot(Chatbot):
    """Answers when it is let, and looks up the policy around a quote when it is let."""

    answering: Event
    reading: Event

    def ask(self, question: str, **narrowed: object) -> Answer:
        """Answer once ``answering`` is set."""
        self.answering.wait(PATIENCE)
        return super().ask(question, **narrowed)  # type: ignore[arg-type]  # passed on

    def policy(self, company: str, day: date | None = None) -> Snapshot:
        """Find the policy once ``reading`` is set."""
        self.reading.wait(PATIENCE)
        return super().policy(company, day)


@pytest.fixture
def held(bot: Chatbot) -> Iterator[HeldBot]:
    """Not held at first; a test clears what it wants to hold."""
    held = HeldBot(bot._index, bot._encoder, bot._today)
    held.answering, held.reading = Event(), Event()
    held.answering.set()
    held.reading.set()
    yield held
    held.answering.set()
    held.reading.set()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Ask in your own words").fill(question)
    page.get_by_label("Ask in your own words").press("Enter")


def stop_by_mouse(page: Page) -> None:
    page.get_by_role("button", name="Stop").click()


def stop_by_key(page: Page) -> None:
    page.keyboard.press("Escape")


def count_what_is_said(page: Page) -> None:
    page.evaluate(
        "window.heard = [];"
        "new MutationObserver(() => { const words = document.querySelector('#said').textContent;"
        " if (words) heard.push(words) })"
        ".observe(document.querySelector('#said'), { childList: true, characterData: true })"
    )


def test_the_first_sentence_is_there_before_its_sources_and_all_is_said_once(
    held: HeldBot, served: Serving, opened: Opened
) -> None:
    with served(held) as address:
        page = opened(address)
        count_what_is_said(page)
        held.reading.clear()
        ask(page, QUESTION)
        answer = page.locator("#answer")
        expect(answer.locator(".headline")).to_contain_text("customerservice@Lumens.com")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(answer.locator(".source")).to_have_count(0)
        assert page.evaluate("heard") == []
        held.reading.set()
        expect(answer.locator(".source")).to_have_count(1)
        expect(answer.get_by_role("button", name="Copy with sources")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.locator("#said")).to_contain_text("1 source, Lumens, 19 January 2018.")
        assert len(page.evaluate("heard")) == 1
        page.close()


@pytest.mark.parametrize("stop", [stop_by_mouse, stop_by_key])
def test_stopped_on_the_way_the_page_keeps_what_it_has_and_takes_the_next_question(
    held: HeldBot, served: Serving, opened: Opened, stop: Callable[[Page], None]
) -> None:
    with served(held) as address:
        page = opened(address)
        held.reading.clear()
        ask(page, QUESTION)
        expect(page.locator("#answer .headline")).to_contain_text("customerservice@Lumens.com")
        stop(page)
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        held.reading.set()
        expect(page.get_by_role("button", name="New question")).to_be_visible()
        ask(page, "does Bellacor sell my information?")
        expect(page.locator("#answer .asked")).to_have_text("does Bellacor sell my information?")
        expect(page.locator("#answer .source").first).to_contain_text("Bellacor")
        page.close()


@pytest.mark.parametrize("stop", [stop_by_mouse, stop_by_key])
def test_stopped_before_there_is_anything_the_question_stays_and_nothing_comes(
    held: HeldBot, served: Serving, opened: Opened, stop: Callable[[Page], None]
) -> None:
    with served(held) as address:
        page = opened(address)
        held.answering.clear()
        ask(page, QUESTION)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        stop(page)
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        held.answering.set()
        expect(page.get_by_label("Ask in your own words")).to_have_value(QUESTION)
        ask(page, "does Bellacor sell my information?")
        expect(page.locator("#answer .source").first).to_contain_text("Bellacor")
        expect(page.get_by_text(QUESTION)).to_have_count(0)  # not asked, so no earlier question
        page.close()
