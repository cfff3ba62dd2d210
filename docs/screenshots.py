"""Pictures of the page for the documentation: ``python docs/screenshots.py`` writes them beside it.

Needs Chromium, and an index in POLICYCHAT_STORE (by default var/index).
"""

import os
import shutil
import sys
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.page import mount_page

FOLDER = Path(__file__).parent
PORT = 7871
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
QUESTION = "how do I opt out of Lumens emails?"
WHICH = "what do their cookies remember about me?"
PICTURES = (  # name, width, scheme, question
    ("start-1280-light", 1280, "light", ""),
    ("page-1280-light", 1280, "light", QUESTION),
    ("page-320-dark", 320, "dark", QUESTION),
    ("choice-320-light", 320, "light", WHICH),
)


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
            for name, width, scheme, question in PICTURES:
                take(browser, FOLDER / f"{name}.png", width, scheme, question)
            browser.close()
    finally:
        server.should_exit = True
        thread.join()


def take(browser: Browser, path: Path, width: int, scheme: str, question: str) -> None:
    """Photograph the whole page ``width`` pixels wide, once ``question`` is answered."""
    page = browser.new_page(
        viewport={"width": width, "height": 640},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(f"http://127.0.0.1:{PORT}")
    box = page.get_by_label("Ask in your own words")
    box.wait_for()
    if question:
        box.fill(question)
        box.press("Enter")
        expect(page.locator("#answer .headline")).to_be_visible()
        expect(page.get_by_role("button", name="New question")).to_be_visible()
    box.blur()
    page.wait_for_timeout(500)  # fonts and transitions settle
    page.screenshot(path=path, full_page=True, animations="disabled")
    page.close()


if __name__ == "__main__":
    main()
