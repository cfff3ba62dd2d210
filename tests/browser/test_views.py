"""Every view by address, by mouse and by keyboard; no barrier in any of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from threading import Event
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chatbot.bot import Chatbot
from chatbot.limits import parse_rates
from index.types import Company

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


def test_another_question_leaves_the_address_of_the_first(server: str, opened: Opened) -> None:
    page = opened(f"{server}/{ANSWER}")
    expect(page.locator("#answer .share")).to_be_visible()
    box = page.get_by_label("Ask in your own words")
    box.fill("does Bellacor sell my information?")
    box.press("Enter")
    expect(page.locator("#answer .source").first).to_contain_text("Bellacor")
    assert page.evaluate("location.hash") == ""
    page.get_by_role("link", name="Read in context").first.click()
    expect(page.locator("#cited")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#answer .asked")).to_have_text("does Bellacor sell my information?")


def test_a_day_in_a_link_is_seen_even_without_a_company(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#q=do+you+sell+my+data%3F&as_of=2010-06-01")
    expect(page.get_by_label("Policy of")).to_have_value("1 June 2010")


def test_the_focus_goes_on_from_a_button_that_is_gone(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#q=what+do+their+cookies+remember%3F")
    choice = page.get_by_role("button", name="Bellacor (2012)")
    choice.focus()
    choice.press("Enter")
    expect(page.locator("#answer .source").first).to_contain_text("Bellacor")
    expect(page.locator("#answer .asked")).to_be_focused()
    again = page.get_by_role("button", name="New question")
    again.focus()
    again.press("Enter")
    expect(page.get_by_label("Ask in your own words")).to_be_focused()


def test_in_a_policy_the_address_goes_on_naming_it(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#read=bellacor.com&as_of=2010-01-01")
    address = "#read=bellacor.com&as_of=2009-11-27"
    expect(page.locator("#policy .policy")).to_be_visible()
    assert page.evaluate("location.hash") == address
    page.locator("#policy .contents").get_by_role("link", name="Cookies").click()
    heading = page.get_by_role("heading", name="Cookies", exact=True)
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    assert page.evaluate("location.hash") == address
    page.locator("#policy .timeline").get_by_role("link", name="23 October 2012").click()
    expect(page.locator("#policy .headline time")).to_have_text("23 October 2012")
    page.get_by_label("Whose policy", exact=True).click()
    page.get_by_role("option", name="Lumens").click()
    expect(page.locator("#policy .headline")).to_contain_text("Lumens")
    assert page.evaluate("location.hash") == "#read=lumens.com&as_of=2018-01-19"


def test_words_are_found_in_the_policy(server: str, opened: Opened) -> None:
    page = opened(f"{server}/#read=lumens.com")
    expect(page.locator("#policy .policy")).to_be_visible()
    field = page.get_by_label("Find in this policy")
    field.press_sequentially("unsubscribe")
    expect(page.locator("#said")).to_contain_text("found")
    field.press("Enter")
    expect(page.locator("#said")).to_contain_text("1 of ")
    page.get_by_role("button", name="Next place").click()
    expect(page.locator("#steps")).to_contain_text(" of ")
    field.press("Escape")
    expect(page.locator("#steps")).to_be_hidden()
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
        # Nothing is on its way, and the old answer is as it was.
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.locator("#answer")).to_have_css("opacity", "1")
        page.close()


def test_a_link_that_is_refused_keeps_its_question_in_the_box(
    bot: Chatbot, served: Serving, opened: Opened
) -> None:
    with served(bot, daily_cap=1) as address:
        page = opened(f"{address}/{ANSWER}")
        expect(page.locator("#answer .share")).to_be_visible()
        page.goto(f"{address}/#q=does+Lumens+sell+my+data%3F")
        expect(page.get_by_role("alert").filter(has_text="as many questions")).to_be_visible()
        expect(page.get_by_label("Ask in your own words")).to_have_value(
            "does Lumens sell my data?"
        )
        page.close()


def test_an_open_page_learns_of_a_new_index_with_its_next_answer(
    bot: Chatbot, served: Serving, opened: Opened
) -> None:
    swapped = Event()

    class OtherBot(Chatbot):
        """Once ``swapped``, of another generation, with one company fewer."""

        @property
        def generation(self) -> str:
            return "gen-other" if swapped.is_set() else bot.generation

        def policies(self) -> list[Company]:
            return super().policies()[1 if swapped.is_set() else 0 :]

    with served(OtherBot(bot._index, bot._encoder, bot._today)) as address:
        page = opened(address)
        page.get_by_label("Company").click()
        expect(page.get_by_role("option")).to_have_count(5)
        page.keyboard.press("Escape")
        swapped.set()
        box = page.get_by_label("Ask in your own words")
        box.fill("does Lumens sell my data?")
        box.press("Enter")
        expect(page.locator("#answer .share")).to_be_visible()
        page.get_by_label("Company").click()
        expect(page.get_by_role("option")).to_have_count(4)
        page.close()
