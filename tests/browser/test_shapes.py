"""The page at four times its size, on paper, and for those whom movement disturbs."""

from collections.abc import Callable

import pytest
from browser.test_views import SCHEMES, VIEWS
from playwright.sync_api import Page, expect

Opened = Callable[..., Page]
CUT = """
() => [...document.querySelectorAll("body *")].filter(element => {
  const style = getComputedStyle(element);
  if (!element.checkVisibility() || element.closest(".heard, #said, svg")) return false;
  const hidden = ["hidden", "clip"].includes(style.overflowX) && element.tagName !== "INPUT";
  const box = element.getBoundingClientRect();
  const outside = box.width > 1 && (box.left < -1 || box.right > innerWidth + 1);
  return outside || (hidden && element.scrollWidth > element.clientWidth + 1);
}).map(element => element.outerHTML.slice(0, 120))
"""
MOVING = """
() => document.getAnimations().concat([...document.querySelectorAll("body, body *")].filter(
  element => getComputedStyle(element).transitionDuration.split(", ").some(
    time => parseFloat(time) > 0.01)
  || getComputedStyle(element).scrollBehavior === "smooth")).length
"""
SHORT_OF_CONTRAST = """
() => [...document.querySelectorAll("#answer .md *, #policy .md *")].filter(element => {
  if (!element.checkVisibility() || !element.innerText?.trim()) return false;
  const [r, g, b] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 120; // too light on paper
}).map(element => element.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("view", VIEWS)
def test_at_four_hundred_per_cent_nothing_is_cut_and_one_scrolls_one_way(
    opened: Opened, server: str, view: str
) -> None:
    address, waited_for = VIEWS[view]
    page = opened(f"{server}/{address}", 320)
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024, four times as large
    expect(page.locator(waited_for).first).to_be_visible()
    for summary in page.locator("#answer summary, #changes summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_paper_an_answer_is_complete_and_dark_on_light(
    opened: Opened, server: str, scheme: str
) -> None:
    address, waited_for = VIEWS["answer"]
    page = opened(f"{server}/{address}", 800, scheme)
    expect(page.locator(waited_for).first).to_be_visible()
    page.emulate_media(media="print")
    for unseen in ("#top", "#ask", "#narrow", "#next", "#answer .share", "#answer .do"):
        expect(page.locator(unseen)).to_be_hidden()
    expect(page.locator("#answer .headline")).to_be_visible()
    expect(page.locator("#answer blockquote")).to_be_visible()
    expect(page.locator("#answer .source time")).to_have_text("19 January 2018")
    expect(page.locator("#answer .card")).to_contain_text("customerservice@Lumens.com")
    expect(page.get_by_text("Not legal advice.")).to_be_visible()
    printed = page.locator("#answer .links a").evaluate_all(
        "links => links.filter(link => link.checkVisibility()).map(link => "
        "[link.href, getComputedStyle(link, '::after').content, link.getAttribute('href')])"
    )
    assert [address for address, _, _ in printed] == [
        "https://web.archive.org/web/20180119225254id_/"
        "https%3A//www.lumens.com/customer-service/privacy-policy.html",
        "https://www.lumens.com/customer-service/privacy-policy.html",
    ]
    assert all(written in content for _, content, written in printed)
    assert page.evaluate(SHORT_OF_CONTRAST) == []


def test_on_paper_a_policy_is_its_text_and_where_it_was_archived(
    opened: Opened, server: str
) -> None:
    address, waited_for = VIEWS["read"]
    page = opened(f"{server}/{address}", 800, "dark")
    expect(page.locator(waited_for).first).to_be_visible()
    page.emulate_media(media="print")
    for unseen in ("#top", "#read-view .controls", "#policy .contents", "#policy .timeline"):
        expect(page.locator(unseen)).to_be_hidden()
    expect(page.locator("#policy .headline time")).to_have_text("27 November 2009")
    expect(page.get_by_role("link", name="Archived page")).to_be_visible()
    assert page.evaluate(SHORT_OF_CONTRAST) == []


@pytest.mark.parametrize("view", ["start", "answer", "read", "changes"])
def test_nothing_moves_for_those_who_ask_for_that(opened: Opened, server: str, view: str) -> None:
    address, waited_for = VIEWS[view]
    page = opened(f"{server}/{address}")
    expect(page.locator(waited_for).first).to_be_visible()
    assert page.evaluate(MOVING) > 0  # what is looked for is there
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0
