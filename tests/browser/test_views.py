"""Every view by address, by mouse and by keyboard; no barrier in any of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chatbot.bot import Chatbot
from chatbot.limits import parse_rates

Opened = Callable[..., Page]
Serving = Callable[..., AbstractContextManager[str]]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
GOLDEN = Path(__file__).parent / "answer.aria.yml"
ANSWER = "#q=how+do+I+opt+out+of+Lumens+emails%3F"
VIEWS = {
    "start": ("", "#start"),
    "answer": (ANSWER, "#answer .source"),
    "choices": ("#q=what+do+their+cookies+remember%3F", "#next button"),
    "silence": ("#q=will+bellacor+tell+me+if+my+data+gets+stolen%3F", "#answer .share"),
    "unknown": ("#q=does+Netflix+sell+my+data%3F", "#answer .headline"),
    "compare": ("#q=did+bellacor+sell+in+2009+and+2012%3F", "#answer .source"),
    "read": ("#read=bellacor.com&as_of=2009-11-27", "#policy .policy"),
    "policies": ("#read", "#policy .companies"),
    "changes": ("#changes=bellacor.com", "#changes .change"),
    "about": ("#about", "#about .companies"),
}


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_has_a_barrier_or_is_too_wide(server: str, opened: Opened, view: str) -> None:
    address, waited_for = VIEWS[view]
    page = opened(f"{server}/{address}")
    expect(page.locator(waited_for).first).to_be_visible()
    for width, scheme in product((1280, 320), SCHEMES):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        # Colours on their way from one scheme to the other are not those of either.
        page.evaluate("Promise.all(document.getAnimations().map(change => change.finished))")
        results = Axe().run(page)
        assert results.violations_count == 0, (width, scheme, results.generate_report())
        assert len(results.response["passes"]) > 10


def test_a_link_reopens_the_same_question(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#q=do+you+sell+my+data%3F&company=bellacor.com&as_of=2010-06-01")
    expect(page.locator("#answer time").first).to_have_text("27 November 2009")
    expect(page.get_by_label("Ask in your own words")).to_have_value("do you sell my data?")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_a_source_leads_to_its_place_in_the_policy_and_back(server: str, opened: Opened) -> None:
    page = opened(f"{server}/{ANSWER}")
    name = "Read in context Source 1: Lumens, 19 January 2018"
    page.get_by_role("link", name=name).click()
    expect(page.locator("#cited")).to_be_in_viewport()
    expect(page.locator("#cited")).to_contain_text("replying to Unsubscribe")
    expect(page.locator("#cited")).to_be_focused()
    page.go_back()
    expect(page.locator("#answer .source")).to_be_visible()


def test_words_are_found_in_the_policy(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#read=lumens.com")
    expect(page.locator("#policy .policy")).to_be_visible()
    field = page.get_by_label("Find in this policy")
    field.press_sequentially("unsubscribe")
    expect(page.locator("#said")).to_contain_text("found")
    field.press("Enter")
    expect(page.locator("#said")).to_contain_text("1 of ")
    field.press("Escape")
    expect(field).to_have_value("")


def test_changes_are_said_in_words_and_the_rest_is_folded(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#changes=bellacor.com&from=2009-11-27&to=2012-10-23")
    changes = page.locator("#changes")
    expect(changes.locator("del").first).to_be_visible()
    expect(changes.get_by_text("Removed", exact=True).first).to_be_visible()
    expect(changes.locator("ins small").first).to_have_text("added")
    folded = changes.locator("details.same p").first
    expect(folded).to_be_hidden()
    changes.locator("details.same summary").first.click()
    expect(folded).to_be_visible()


def test_the_whole_path_by_keyboard_alone(server: str, opened: Opened) -> None:
    page = opened(server, 320)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#question textarea')"):
            break
    page.keyboard.type("how do I opt out of Lumens emails?")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .source")).to_be_visible()
    names = []
    for _ in range(16):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.innerText"))
    places = [
        next(i for i, name in enumerate(names) if name.startswith(wanted))
        for wanted in ("Archived page", "Read in context", "Write the e-mail", "Copy with sources")
    ]
    assert places == sorted(places)


def test_one_sentence_is_said_when_the_answer_is_complete(server: str, opened: Opened) -> None:
    page = opened(f"{server}/{ANSWER}")
    expect(page.locator("#said")).to_have_text(
        "E-mail customerservice@Lumens.com with “Unsubscribe” in the subject line. "
        "1 source, Lumens, 19 January 2018."
    )


def test_what_a_screen_reader_finds_in_an_answer(server: str, opened: Opened) -> None:
    page = opened(f"{server}/{ANSWER}", 320)
    expect(page.locator("#answer .share")).to_be_visible()
    expect(page.locator("#answer .md")).to_match_aria_snapshot(GOLDEN.read_text("utf-8"))


def test_a_server_that_is_gone_is_said_and_the_question_kept(
    bot: Chatbot, served: Serving, opened: Opened
) -> None:
    with served(bot) as address:
        page = opened(address)
    box = page.get_by_label("Ask in your own words")
    box.fill("does Lumens sell my data?")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "The answer service cannot be reached. Try again."
    )
    expect(box).to_have_value("does Lumens sell my data?")
    page.close()


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"rates": parse_rates("1/day")}, "Too many questions at once; try again in "),
        ({"daily_cap": 1}, "This server has answered as many questions as it may in a day; "),
    ],
)
def test_a_question_too_many_is_said_and_kept(
    bot: Chatbot, served: Serving, opened: Opened, limit: dict[str, Any], said: str
) -> None:
    with served(bot, **limit) as address:
        page = opened(address)
        box = page.get_by_label("Ask in your own words")
        box.fill("how do I opt out of Lumens emails?")
        box.press("Enter")
        expect(page.locator("#answer .source")).to_be_visible()
        expect(page.locator("#answer [data-testid=status-tracker]:not(.hide)")).to_have_count(0)
        box.fill("does Lumens sell my data?")
        box.press("Enter")
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
        expect(box).to_have_value("does Lumens sell my data?")
        page.close()
