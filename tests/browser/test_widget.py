"""The widget in real Chromium, on a shop's page that another server sends."""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from chatbot.api import create_app
from chatbot.bot import Chatbot

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "docs" / "demo-shop"
WIDGET = ROOT / "chatbot" / "static" / "widget-v1.js"
QUESTION = "how do I opt out of emails?"
BUTTON = "Privacy questions"
HOSTILE = (
    "*,*::before,*::after{all:revert!important}policy-chat{display:none!important;opacity:0!important;"
    "transform:scale(0)!important;--quiet:red!important}button,dialog,section,textarea{display:none!important}"
    "html{font-size:2px!important;color:red!important}body{transform:translateX(200vw)}"
)


@contextmanager
def answering(bot: Chatbot, origins: list[str]) -> Iterator[str]:
    """Serve the HTTP interface alone; ``origins`` may call it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(bot, allow_origins=origins), log_level="critical", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=[server.serve(sockets=[listener])])
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


Scheme = Literal["light", "dark"]


class ShopServer(ThreadingHTTPServer):
    """A shop's server, and what it puts around the widget."""

    widgets = ""  # address of the server that answers
    policy = ""  # Content-Security-Policy
    before = "<script "  # stands for the beginning of the widget's script element

    @property
    def origin(self) -> str:
        """Of the shop's pages."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class ShopHandler(SimpleHTTPRequestHandler):
    """Sends the demo shop, its script from ``server.widgets``, changed as a test wants it."""

    def do_GET(self) -> None:
        """Answer one request."""
        shop: ShopServer = self.server
        if not self.path.endswith(".html"):
            super().do_GET()
            return
        page = (SHOP / self.path.strip("/")).read_text("utf-8")
        page = page.replace("http://127.0.0.1:7860", shop.widgets).replace("<script ", shop.before)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if shop.policy:
            self.send_header("Content-Security-Policy", shop.policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    server = ShopServer(("127.0.0.1", 0), partial(ShopHandler, directory=str(SHOP)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def widgets(bot: Chatbot, shop: ShopServer) -> Iterator[str]:
    """The address of a server that the shop may ask, under a policy that allows little else."""
    with answering(bot, [shop.origin]) as address:
        shop.widgets = address
        shop.policy = (
            f"default-src 'none'; script-src {address}; connect-src {address}; style-src 'self'; "
            "img-src data:; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        yield address


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, shop: ShopServer) -> Iterator[Visit]:
    """Opens a page of the shop; afterwards nobody else may have been asked, and nothing kept."""
    contexts, asked, complaints = [], [], []

    def open_page(page: str = "index.html", width: int = 1280, scheme: Scheme = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 720}, color_scheme=scheme
        )
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        opened = context.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "console",
            lambda message: complaints.append(message.text) if "Policy" in message.text else None,
        )
        opened.goto(f"{shop.origin}/{page}")
        return opened

    yield open_page
    for context in contexts:
        assert context.cookies() == []
        assert context.storage_state()["origins"] == []
        context.close()
    allowed = (f"{shop.origin}/", f"{shop.widgets}/", "data:")
    assert [url for url in asked if not url.startswith(allowed)] == []
    assert [text for text in complaints if "CORS" not in text] == []


def open_and_ask(page: Page, question: str = QUESTION) -> None:
    page.get_by_role("button", name=BUTTON).click()
    ask(page, question)


def ask(page: Page, question: str = QUESTION) -> None:
    page.get_by_label("Ask in your own words").fill(question)
    page.keyboard.press("Enter")


def test_the_file_is_small_and_needs_nothing_else() -> None:
    content = WIDGET.read_bytes()
    assert len(content) <= 12_000
    assert len(gzip.compress(content, 9)) <= 5_000
    assert not [
        word for word in (b"import ", b"innerHTML", b"localStorage", b"cookie") if word in content
    ]


@pytest.mark.usefixtures("widgets")
def test_keys_alone_lead_to_the_policys_words_and_back(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name=BUTTON).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=BUTTON)).to_be_visible()
    expect(page.get_by_text("Lumens · Policy as of 19 January 2018")).to_be_visible()
    expect(page.get_by_label("Ask in your own words")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("blockquote").first).to_contain_text("opt-out of receiving")
    expect(page.locator("figcaption time").first).to_have_attribute("datetime", "2018-01-19")
    named = "Archived page 1: I. Choice/opt out 19 January 2018"
    expect(page.get_by_role("link", name=named, exact=True)).to_be_visible()
    mail = page.get_by_role("link", name="Write the e-mail")
    expect(mail).to_have_attribute(
        "href", "mailto:customerservice@lumens.com?subject=Unsubscribe", ignore_case=True
    )
    expect(page.get_by_text("subject: Unsubscribe")).to_be_visible()
    expect(page.get_by_text("Bellacor")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name=BUTTON)).to_be_focused()


@pytest.mark.usefixtures("widgets")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_axe_finds_nothing(visit: Visit, width: int, scheme: Scheme) -> None:
    page = visit("index.html", width, scheme)
    page.get_by_role("button", name=BUTTON).wait_for()
    assert Axe().run(page).generate_report().startswith("Found 0 ")
    open_and_ask(page)
    page.get_by_role("link", name="Write the e-mail").wait_for()
    assert Axe().run(page).generate_report().startswith("Found 0 ")
    inline = visit("privacy.html", width, scheme)
    ask(inline)
    inline.get_by_role("link", name="Write the e-mail").wait_for()
    assert Axe().run(inline).generate_report().startswith("Found 0 ")
    assert inline.evaluate("document.documentElement.scrollWidth <= innerWidth")


def looks(page: Page) -> list[Any]:
    """Where the widget's parts stand and how they look."""
    found: list[Any] = page.evaluate(
        """() => {
        const root = document.querySelector("policy-chat").shadowRoot;
        root.querySelector(".log").scrollTop = 0;
        return [...root.querySelectorAll("section *")].map(node => {
            const box = node.getBoundingClientRect(), style = getComputedStyle(node);
            return [node.tagName, box.x, box.y, box.width, box.height, style.color,
                style.fontSize, style.opacity];
        }) }"""
    )
    return found


def test_no_style_of_the_shop_reaches_it(visit: Visit, shop: ShopServer, widgets: str) -> None:
    plain = visit()
    open_and_ask(plain)
    plain.get_by_role("link", name="Write the e-mail").wait_for()
    expect(plain.locator(".more button")).to_have_count(2)
    shop.policy = ""
    shop.before = f"<style>{HOSTILE}</style><script "
    hostile = visit()
    open_and_ask(hostile)
    hostile.get_by_role("link", name="Write the e-mail").click(trial=True)
    expect(hostile.locator(".more button")).to_have_count(2)
    assert looks(hostile) == looks(plain)


def test_a_site_that_is_not_allowed_shows_why(visit: Visit, shop: ShopServer, bot: Chatbot) -> None:
    with answering(bot, ["https://another.example"]) as shop.widgets:
        page = visit()
        page.get_by_role("button", name=BUTTON).click()
        expect(page.locator(".bad")).to_have_text(
            f"The answer service takes no questions from {shop.origin}."
        )


def test_where_the_server_is_away_the_question_stays(
    visit: Visit, shop: ShopServer, bot: Chatbot
) -> None:
    with answering(bot, [shop.origin]) as shop.widgets:
        page = visit()
        page.get_by_role("button", name=BUTTON).click()
        page.get_by_text("Policy as of").wait_for()
    ask(page)
    expect(page.locator(".bad")).to_have_text("The answer service cannot be reached. Try again.")
    expect(page.get_by_label("Ask in your own words")).to_have_value(QUESTION)


@pytest.mark.usefixtures("widgets")
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("does bellacor sell my data?", "This page answers about Lumens' policy only."),
        ("what is the weather like?", "This page answers questions about privacy policies."),
    ],
)
def test_it_speaks_of_no_other_shop(visit: Visit, question: str, said: str) -> None:
    page = visit()
    open_and_ask(page, question)
    expect(page.locator("h3")).to_contain_text(said)
    shown = page.locator("[role=log]").inner_text()
    assert "Betsey" not in shown
    assert "Helzberg" not in shown


@pytest.mark.usefixtures("widgets")
def test_an_answer_is_announced_once_and_the_page_is_told_without_the_question(
    visit: Visit,
) -> None:
    page = visit()
    page.get_by_role("button", name=BUTTON).wait_for()
    page.evaluate(
        """() => { window.told = []; window.announced = [];
        for (const name of ["open", "answer", "error"])
            document.addEventListener("policychat:" + name, e => told.push([name, e.detail]));
        const root = document.querySelector("policy-chat").shadowRoot;
        const status = root.querySelector("[role=status]");
        new MutationObserver(() => announced.push(status.textContent))
            .observe(status, {childList: true}) }"""
    )
    page.evaluate("question => PolicyChat.ask(question)", QUESTION)
    expect(page.get_by_role("link", name="Write the e-mail")).to_be_visible()
    assert page.evaluate("told") == [
        ["open", None],
        ["answer", {"behaviour": "answer", "sources": 1}],
    ]
    (announced,) = page.evaluate("announced")
    assert announced.endswith("1 source, Lumens · Policy as of 19 January 2018.")
    page.evaluate("PolicyChat.close()")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("PolicyChat.destroy()")
    expect(page.locator("policy-chat")).to_have_count(0)
    assert page.evaluate("window.PolicyChat") is None


@pytest.mark.usefixtures("widgets")
def test_a_follow_up_leans_on_the_question_before(visit: Visit) -> None:
    page = visit()
    open_and_ask(page, "do you sell my information?")
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator(".more button").first).to_be_visible()
    page.locator(".more button").first.click()
    expect(page.locator("[role=log] > article")).to_have_count(2)
    expect(page.locator(".more")).to_have_count(1)


@pytest.mark.usefixtures("widgets")
def test_its_words_can_be_in_another_language(visit: Visit, shop: ShopServer) -> None:
    shop.before = (
        '<script data-lang="de" data-text-title="Fragen zum Datenschutz" '
        'data-text-as-of="Stand: {}"'
        ' data-position="top-left" data-accent="#ffcc00" data-questions="Eins?|Zwei?" '
    )
    page = visit()
    page.get_by_role("button", name="Fragen zum Datenschutz").click()
    expect(page.get_by_text("Lumens · Stand: 19. Januar 2018")).to_be_visible()
    expect(page.get_by_role("button", name="Zwei?")).to_be_visible()
    assert Axe().run(page).generate_report().startswith("Found 0 ")


def test_under_480_pixels_it_fills_the_screen_and_keeps_the_focus(
    visit: Visit, widgets: str
) -> None:
    page = visit("index.html", 320)
    page.get_by_role("button", name=BUTTON).click()
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 320, "height": 720}
    expect(page.get_by_label("Ask in your own words")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("['POLICY-CHAT', 'BODY'].includes(document.activeElement.tagName)")


def test_only_allowed_sites_may_frame_the_page_for_an_iframe(
    visit: Visit,
    shop: ShopServer,
    widgets: str,
) -> None:
    shop.policy = ""
    shop.before = (
        f'<iframe title="Questions" src="{widgets}/embed?company=lumens.com"></iframe><script '
    )
    page = visit("privacy.html")
    framed = page.frame_locator("iframe")
    framed.get_by_label("Ask in your own words").fill(QUESTION)
    framed.get_by_role("button", name="Ask", exact=True).click()
    expect(framed.locator("blockquote").first).to_contain_text("opt-out of receiving")
