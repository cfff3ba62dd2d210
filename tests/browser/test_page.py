"""The page answers in the policy's own words, on any screen, and lets hostile text do nothing."""

import gc
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from urllib.parse import quote, urlsplit

import httpx
import pytest
from gradio.state_holder import StateHolder
from playwright.sync_api import Page, expect

from chatbot.bot import Chatbot
from chatbot.types import Action, Answer, Choice, Turn
from index.types import Company, Snapshot

Opened = Callable[..., Page]
Serving = Callable[..., AbstractContextManager[str]]

QUESTION = "how do I opt out of Lumens emails?"
QUOTE = (
    "Lumens.com gives Customers the ability to opt-out of receiving future communications from "
    "Lumens.com by replying to Unsubscribe in the subject line via e-mail at "
    "customerservice@Lumens.com"
)
HOSTILE = (
    "<img src=https://evil.example/1.png onerror=alert(1)> ![x](https://evil.example/2.png) "
    "<script>alert(2)</script> <div style='position:fixed;inset:0;background:red'>all red</div> "
    "[log in](javascript:alert(3)) </p><iframe src=//evil.example></iframe> **bold** $$x^2$$ "
    "`code` &lt;b&gt; <style>@import 'https://evil.example/3.css'</style> | # heading"
)


def ask(page: Page, question: str) -> None:
    box = page.get_by_label("Ask in your own words")
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#answer .asked, #answer .headline").first).to_be_visible()
    # Until the answer has ended, Enter does nothing.
    expect(page.locator("#answer [data-testid=status-tracker]:not(.hide)")).to_have_count(0)


def sideways_scroll(page: Page) -> int:
    """Pixels that the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider


def test_enter_asks_and_the_answer_is_complete(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, QUESTION)
    answer = page.locator("#answer")
    expect(answer.locator(".headline")).to_contain_text("customerservice@Lumens.com")
    expect(answer.locator(".headline")).to_contain_text("Unsubscribe")
    expect(answer.locator("blockquote").first).to_contain_text(QUOTE)
    expect(answer.locator("time").first).to_have_text("19 January 2018")
    expect(answer.locator("time").first).to_have_attribute("datetime", "2018-01-19")
    archived = answer.get_by_role("link", name="Archived page").first
    assert urlsplit(archived.get_attribute("href") or "").hostname == "web.archive.org"
    # What would be sent is readable before the link.
    expect(answer.locator(".action").first).to_contain_text(
        re.compile(r"To\s+customerservice@Lumens\.com\s*Subject\s+Unsubscribe\s*Write the e-mail")
    )
    mail = answer.get_by_role("link", name="Write the e-mail").get_attribute("href")
    assert mail == "mailto:customerservice@Lumens.com?subject=Unsubscribe"


def test_a_quote_can_be_read_in_its_paragraph(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, QUESTION)
    page.get_by_text("The whole paragraph").first.click()
    expect(page.locator("#answer mark").first).to_be_visible()
    expect(page.locator("#answer mark").first).to_contain_text(QUOTE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_is_wider_than_the_window(
    server: str, opened: Opened, width: int, scheme: str
) -> None:
    page = opened(server, width, scheme)
    assert sideways_scroll(page) <= 0
    ask(page, QUESTION)
    expect(page.locator("#answer blockquote").first).to_be_visible()
    page.get_by_text("The whole paragraph").first.click()
    assert sideways_scroll(page) <= 0
    ask(page, "x" * 1000)
    expect(page.locator("#answer .asked")).to_contain_text("xxx")
    assert sideways_scroll(page) <= 0


def test_choosing_a_company_answers_the_question_that_was_kept(server: str, opened: Opened) -> None:
    page = opened(server)
    question = "what do their cookies remember about me?"
    ask(page, question)
    expect(page.locator("#answer .headline")).to_have_text("Which company do you mean?")
    page.get_by_role("button", name="Bellacor (2012)").click()
    expect(page.locator("#answer .origin").first).to_contain_text("Bellacor")
    expect(page.get_by_label("Ask in your own words")).to_have_value(question)
    expect(page.get_by_label("Company")).to_have_value("Bellacor")
    expect(page.get_by_role("button", name="Lumens (2018)")).to_have_count(0)


def test_all_companies_answer_one_below_the_other(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, "what do their cookies remember about me?")
    page.get_by_role("button", name="All four").click()
    expect(page.locator("#answer .of")).to_have_count(4)
    expect(page.locator("#answer .headline")).to_have_count(4)
    names = page.locator("#answer .of").all_inner_texts()
    assert sorted(names) == ["Bellacor", "Betsey Johnson", "Helzberg Diamonds", "Lumens"]


def test_a_day_can_be_chosen_once_the_company_is(server: str, opened: Opened) -> None:
    page = opened(server)
    expect(page.get_by_label("Policy of")).to_have_count(0)
    page.get_by_label("Company").click()
    page.get_by_role("option", name="Bellacor").click()
    page.get_by_label("Policy of").click()
    expect(page.get_by_role("option")).to_have_text(
        [re.compile(day) for day in ("Newest", "23 October 2012", "27 November 2009")]
    )
    page.get_by_role("option", name="27 November 2009").click()
    ask(page, "do you sell my information?")
    expect(page.locator("#answer time").first).to_have_text("27 November 2009")


def test_examples_come_from_different_companies_and_answer(server: str, opened: Opened) -> None:
    page = opened(server)
    examples = page.locator("#start button")
    names = ("Bellacor", "Betsey Johnson", "Helzberg Diamonds", "Lumens")
    expect(examples).to_have_count(3)
    texts = examples.all_inner_texts()
    assert len({name for name in names for text in texts if name in text}) == 3
    examples.first.click()
    expect(page.locator("#answer blockquote").first).to_be_visible()
    expect(page.get_by_label("Ask in your own words")).to_have_value(texts[0])
    expect(page.locator("#start")).to_have_count(0)
    page.get_by_role("button", name="New question").click()
    expect(examples.first).to_be_visible()
    expect(page.get_by_label("Ask in your own words")).to_have_value("")
    expect(page.locator("#answer")).to_be_hidden()


def test_a_question_too_long_is_kept_in_the_box(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, "x" * 1001)
    expect(page.locator("#answer .headline")).to_have_text(
        "That question is over 1,000 characters; please shorten it."
    )
    expect(page.get_by_label("Ask in your own words")).to_have_value("x" * 1001)


def nothing_came_alive(page: Page) -> None:
    dangerous = "img, script, iframe, style, svg, object, video, form, .katex, code, a[href^=java]"
    assert page.locator("#answer .md").locator(f"{dangerous}, [style]").count() == 0
    styles = (
        "[...document.querySelectorAll('#answer .md *')].map(e => getComputedStyle(e).position)"
    )
    assert not {"fixed", "sticky"} & set(page.evaluate(styles))


def test_a_hostile_question_is_shown_as_text(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, HOSTILE)
    expect(page.locator("#answer .asked")).to_have_text(HOSTILE)
    nothing_came_alive(page)
    ask(page, QUESTION)  # now the hostile one is an earlier question
    page.get_by_text("1 earlier question").click()
    expect(page.locator("#answer .earlier p")).to_have_text(HOSTILE)
    nothing_came_alive(page)


class HostileBot(Chatbot):
    """Answers that are hostile wherever a policy could have put its words."""

    generation = "gen-hostile"

    def __init__(self, bot: Chatbot) -> None:
        """Take what is not hostile from ``bot``."""
        self.bot = bot

    def ask(
        self,
        question: str,
        *,
        company: str | None = None,
        as_of: date | None = None,
        only_company: bool = False,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Answer anything."""
        answer = self.bot.ask(QUESTION)
        citation = replace(
            answer.citations[0],
            display=HOSTILE,
            section=HOSTILE,
            archived_url="javascript:alert(4)",
        )
        addresses = [
            "javascript:alert(5)",
            "data:text/html,x",
            "https://",
            " https://evil.example",
            "https://ok.example/'\"><img/src=x>",
            None,
        ]
        links = [Action("link", HOSTILE, address, HOSTILE, 1) for address in addresses]
        letter = Action("email", HOSTILE, f"mailto:a@b.example?body={quote(HOSTILE)}", HOSTILE, 1)
        return replace(
            answer,
            answer=HOSTILE,
            citations=(citation,),
            near=(replace(citation, archived_url="mailto:a@b.example"),),
            actions=(*links, letter),
            notices=(HOSTILE,),
            followups=(HOSTILE,),
            choices=(Choice("evil.example", HOSTILE),),
        )

    def policies(self) -> list[Company]:
        """One company with a hostile name."""
        return [Company("lumens.com", HOSTILE, (date(2018, 1, 19),))]

    def policy(self, company: str, day: date | None = None) -> Snapshot:
        """A policy of nothing else."""
        snapshot = self.bot.policy("lumens.com")
        return replace(snapshot, text=f"{HOSTILE} {HOSTILE}\n\n" * 2000)


def test_a_hostile_policy_is_shown_as_text(bot: Chatbot, served: Serving, opened: Opened) -> None:
    with served(HostileBot(bot)) as address:
        page = opened(address, 320)
        ask(page, "anything")
        answer = page.locator("#answer")
        expect(answer.locator("blockquote")).to_have_text([HOSTILE])
        expect(answer.locator(".notice")).to_have_text(HOSTILE)
        expect(answer.locator(".origin").first).to_contain_text(f"{HOSTILE} · {HOSTILE}")
        nothing_came_alive(page)
        links = answer.get_by_role("link")
        addresses = [urlsplit(link.get_attribute("href") or "") for link in links.all()]
        assert [(a.scheme, a.hostname) for a in addresses] == [
            ("", None),  # into the reader
            ("https", "www.lumens.com"),
            ("https", "ok.example"),
            ("mailto", None),
        ]
        assert sideways_scroll(page) <= 0
        page.close()


def sessions_that_hold(words: str) -> int:
    """How many of the sessions that Gradio has in memory hold ``words``."""
    holders = [holder for holder in gc.get_objects() if type(holder) is StateHolder]
    sessions = [session for holder in holders for session in holder.session_data.values()]
    return sum(words in repr(vars(session)) for session in sessions)


def test_a_closed_page_is_forgotten(server: str, opened: Opened) -> None:
    page = opened(server)
    ask(page, "zebra7361 sells my data?")
    expect(page.locator("#answer .asked")).to_contain_text("zebra7361")
    assert sessions_that_hold("zebra7361") == 1
    page.close()
    end = time.monotonic() + 15
    while sessions_that_hold("zebra7361"):
        assert time.monotonic() < end, "the question is still in memory"
        time.sleep(0.2)


def test_an_open_page_outlives_its_server(bot: Chatbot, served: Serving, opened: Opened) -> None:
    with served(bot) as address:
        page = opened(address)
        page.get_by_label("Company").click()
        page.get_by_role("option", name="Bellacor").click()
        ask(page, "do you sell my information?")
        expect(page.locator("#answer .origin").first).to_contain_text("Bellacor")
    with served(bot, urlsplit(address).port or 0):
        ask(page, "what are your cookies for?")
        expect(page.locator("#answer .asked")).to_have_text("what are your cookies for?")
        expect(page.locator("#answer .origin").first).to_contain_text("Bellacor")
        page.close()


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/upload_progress",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://evil.example",
        "/gradio_api/component_server",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/call/asked",
        "/gradio_api/run/asked",
        "/gradio_api/api/asked",
        "/gradio_api/dev/reload",
        "/gradio_api/mcp/",
        "/gradio_api/runs",
        "/gradio_api/deep_link",
        "/gradio_api/queue/join/../../upload",
        "/monitoring",
        "/config",
        "/login",
        "/nowhere",
    ],
)
def test_what_the_page_does_not_need_is_closed(server: str, path: str) -> None:
    for method in ("GET", "POST"):
        assert httpx.request(method, server + path).status_code == 404


def test_the_page_allows_nothing_from_elsewhere(server: str) -> None:
    reply = httpx.get(server, params={"page": "x", "deep_link": "y"})
    assert reply.status_code == 200
    policy = reply.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert re.fullmatch(r"script-src 'self'( 'sha256-[\w+/]{43}=')+", scripts)
    assert {"default-src 'none'", "img-src 'self' data:", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in reply.headers
    assert 'property="og:' not in reply.text
    assert reply.text.count("<title>") == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"data": ["zebra7361"]',
        '["zebra7361"]',
        '{"data": ["zebra7361"], "fn_index": 999, "session_hash": "a"}',
        '{"data": ["zebra7361"], "fn_index": "zebra7361", "session_hash": "a"}',
        '{"data": ["zebra7361"], "event_id": 5}',
    ],
)
def test_a_malformed_request_is_refused_without_repeating_it(server: str, body: str) -> None:
    reply = httpx.post(
        f"{server}/gradio_api/queue/join",
        content=body,
        headers={"content-type": "application/json"},
    )
    assert 400 <= reply.status_code < 500
    assert "zebra7361" not in reply.text


def test_no_other_site_is_let_in(server: str) -> None:
    for method, path in (("GET", "/"), ("OPTIONS", "/gradio_api/queue/join")):
        reply = httpx.request(
            method,
            server + path,
            headers={
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        assert "access-control-allow-origin" not in reply.headers


def test_questions_go_through_the_queue_only(server: str) -> None:
    asked = {"data": [QUESTION, "", "", None], "fn_index": 0, "session_hash": "a"}
    assert httpx.post(f"{server}/gradio_api/run/predict", json=asked).status_code == 404


def test_the_empty_page_says_that_nothing_is_kept(server: str, opened: Opened) -> None:
    page = opened(server)
    expect(page.locator("#start")).to_contain_text("Nothing you type is kept.")
    page.close()
