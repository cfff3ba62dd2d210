"""Pictures of the page for the documentation: ``python docs/screenshots.py`` writes them beside it.

Needs Chromium, and an index of ``seeds/`` in POLICYCHAT_STORE (by default var/index). With names of
states, such as ``answer waiting``, only those are taken.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.limits import parse_rates
from chatbot.page import mount_page
from chatbot.types import Answer

FOLDER = Path(__file__).parent
PORT = int(os.environ.get("PORT", "7871"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
QUESTION = "how do I opt out of Lumens emails?"
STATES = {  # what is photographed: its address, and what is waited for
    "start": ("", "#start button"),
    "answer": ("#q=how+do+I+opt+out+of+Lumens+emails%3F", "#answer .share"),
    "choice": ("#q=what+do+their+cookies+remember+about+me%3F", "#next button"),
    "silence": ("#q=will+bellacor+tell+me+if+my+data+gets+stolen%3F", "#answer .notice"),
    "compare": (
        "#q=do+bellacor+and+helzberg+both+track+what+I+click+on+their+own+sites%3F",
        "#answer .share",
    ),
    "unknown": ("#q=does+Netflix+sell+my+data%3F", "#answer .headline"),
    "policies": ("#read", "#policy .companies"),
    "read": ("#read=bellacor.com&as_of=2009-11-27", "#policy .policy"),
    "changes": ("#changes=bellacor.com", "#changes .change"),
    "about": ("#about", "#about .companies"),
}
WIDTHS = (1280, 320)
SCHEMES = ("light", "dark")
HIGHEST = 1800  # pixels of the page that are shown
expect.set_options(timeout=60_000)  # ms; a busy machine is slow


class WaitingBot(Chatbot):
    """Answers what the page asks when it starts, and nothing after ``wait`` is set."""

    wait = False
    done = threading.Event()

    def ask(self, question: str, **narrowed: Any) -> Answer:  # noqa: ANN401  # as Chatbot has them
        """Answer, or wait for ``done``."""
        if self.wait:
            self.done.wait()
        return super().ask(question, **narrowed)


def main() -> None:
    """Take the pictures of all states, or of those named."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("there is no chromium; install it first")
    store = os.environ.get("POLICYCHAT_STORE", "var/index")
    wanted = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        with serving(Chatbot.open(store)):
            for state in [state for state in STATES if not wanted or state in wanted]:
                address, waited_for = STATES[state]
                for page, name in opened(browser, state, address):
                    expect(page.locator(waited_for).first).to_be_visible()
                    take(page, name)
        for state, failing in FAILING.items():
            if not wanted or state in wanted:
                failing(browser, store, state)
        browser.close()


def waiting(browser: Browser, store: str, state: str) -> None:
    """An answer that is long in coming."""
    bot = WaitingBot.open(store)
    with serving(bot):
        bot.wait = True
        for page, name in opened(browser, state):
            ask(page)
            expect(page.locator("#stop")).to_be_visible()
            take(page, name)
        bot.done.set()


def too_many(browser: Browser, store: str, state: str) -> None:
    """More questions than the server takes from one reader."""
    with serving(Chatbot.open(store), rates=parse_rates("1/hour")):
        for number, (page, name) in enumerate([*opened(browser, state)]):
            if number == 0:
                ask(page)
                expect(page.locator("#answer .share")).to_be_visible()
            ask(page)
            expect(page.locator("#failure")).to_contain_text("Too many")
            take(page, name)


def away(browser: Browser, store: str, state: str) -> None:
    """A server that is gone while pages are open."""
    with serving(Chatbot.open(store)):
        pages = [*opened(browser, state)]
    for page, name in pages:
        ask(page)
        expect(page.locator("#failure")).to_contain_text("cannot be reached")
        take(page, name)


FAILING: dict[str, Callable[[Browser, str, str], None]] = {
    "waiting": waiting,
    "too-many": too_many,
    "away": away,
}


@contextmanager
def serving(bot: Chatbot, **limits: Any) -> Iterator[None]:  # noqa: ANN401  # of create_app
    """Serve the page meanwhile."""
    app = mount_page(create_app(bot, **limits))
    config = uvicorn.Config(app, port=PORT, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.05)
        if not thread.is_alive():
            sys.exit(f"cannot serve on port {PORT}")
        yield
    finally:
        server.should_exit = True
        thread.join()


def opened(browser: Browser, state: str, address: str = "") -> Iterator[tuple[Page, str]]:
    """The page in each width and scheme, and its picture's name."""
    for width, scheme in product(WIDTHS, SCHEMES):
        page = browser.new_page(
            viewport={"width": width, "height": 640},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.goto(f"http://127.0.0.1:{PORT}/{address}")
        page.locator(":root[data-ready]").wait_for()
        yield page, f"{state}-{width}-{scheme}.png"


def ask(page: Page) -> None:
    """Type a question and press Enter."""
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#question textarea").press("Enter")


def take(page: Page, name: str) -> None:
    """Photograph the page from its top."""
    page.wait_for_timeout(500)  # fonts and transitions settle
    size = page.viewport_size or {"width": WIDTHS[0], "height": 640}
    height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=FOLDER / name, animations="allow")
    page.close()


if __name__ == "__main__":
    main()
