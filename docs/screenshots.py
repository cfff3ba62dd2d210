"""Pictures of the page for the documentation: ``python docs/screenshots.py`` writes them beside it.

Needs Chromium, and an index in POLICYCHAT_STORE (by default var/index).
"""

import os
import shutil
import sys
import threading
import time
from itertools import product
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.page import mount_page

FOLDER = Path(__file__).parent
PORT = 7871
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
STATES = {  # what is photographed: its address, and what is waited for
    "start": ("", "#start button"),
    "answer": ("#q=how+do+I+opt+out+of+Lumens+emails%3F", "#answer .source"),
    "choice": ("#q=what+do+their+cookies+remember+about+me%3F", "#next button"),
    "silence": ("#q=will+bellacor+tell+me+if+my+data+gets+stolen%3F", "#answer .notice"),
    "unknown": ("#q=does+Netflix+sell+my+data%3F", "#answer .headline"),
    "read": ("#read=bellacor.com&as_of=2009-11-27", "#policy .policy"),
    "changes": ("#changes=bellacor.com", "#changes .change"),
    "about": ("#about", "#about .companies"),
}
WIDTHS = (1280, 320)
SCHEMES = ("light", "dark")


def main() -> None:
    """Serve the page, take the pictures, stop."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("there is no chromium; install it first")
    bot = Chatbot.open(os.environ.get("POLICYCHAT_STORE", "var/index"))
    app = mount_page(create_app(bot))
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.05)
        if not thread.is_alive():
            sys.exit(f"cannot serve on port {PORT}")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
            for state, width, scheme in product(STATES, WIDTHS, SCHEMES):
                take(browser, state, width, scheme)
            browser.close()
    finally:
        server.should_exit = True
        thread.join()


def take(browser: Browser, state: str, width: int, scheme: str) -> None:
    """Photograph a state of the page, ``width`` pixels wide and at most 2,400 high."""
    address, waited_for = STATES[state]
    page = browser.new_page(
        viewport={"width": width, "height": 640},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(f"http://127.0.0.1:{PORT}/{address}")
    expect(page.locator(waited_for).first).to_be_visible()
    page.wait_for_timeout(500)  # fonts and transitions settle
    height = min(page.evaluate("document.documentElement.scrollHeight"), 2400)
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=FOLDER / f"{state}-{width}-{scheme}.png", animations="disabled")
    page.close()


if __name__ == "__main__":
    main()
