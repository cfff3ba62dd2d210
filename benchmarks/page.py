"""The page in Chromium: weight, time until one can type, jumps, and time from Enter to the answer.

``python benchmarks/page.py`` serves the index in POLICYCHAT_STORE (by default var/index). "Slow" is
1.6 Mbit/s with 150 ms of latency and a processor slowed down four times.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time

from machine import machine
from playwright.sync_api import Browser, Page, sync_playwright

PORT = 7872
ADDRESS = f"http://127.0.0.1:{PORT}"
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,  # bytes a second
    "uploadThroughput": 200_000,
}
QUESTIONS = (
    "how do I opt out of Lumens emails?",
    "does Lumens sell my information?",
    "how does Lumens protect my data?",
    "what does Lumens use cookies for?",
    "can I change my data at Lumens?",
    "does Bellacor sell my information?",
    "does Bellacor share data with affiliates?",
    "how do I reach Bellacor?",
    "does Bellacor use encryption?",
    "will Bellacor tell me if my data gets stolen?",
    "does Helzberg use cookies?",
    "would Helzberg ever email me my card number?",
    "does Helzberg share my information?",
    "is my order safe at Helzberg?",
    "what does Helzberg collect?",
    "does Betsey Johnson sell my information?",
    "does Betsey Johnson collect data of children?",
    "who gets my details in a Betsey Johnson contest?",
    "what are Betsey Johnson cookies for?",
    "how do I unsubscribe from Betsey Johnson?",
)
SHIFTS = """
window.shifts = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) window.shifts += e.value })
  .observe({ type: "layout-shift", buffered: true });
"""


def load(browser: Browser, *, slow: bool, width: int = 1280) -> tuple[Page, float, float, float]:
    """A page just opened, seconds until one can type, kilobytes on the wire, layout shift."""
    page = browser.new_page(viewport={"width": width, "height": 720})
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    start = time.perf_counter()
    page.goto(ADDRESS, wait_until="commit")
    page.locator("#question textarea").wait_for()
    ready = time.perf_counter() - start
    page.wait_for_timeout(3000)  # what loads after the first look still counts
    return page, ready, sum(sizes) / 1000, page.evaluate("window.shifts")


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("there is no chromium; install it first")
    command = [sys.executable, "-m", "chatbot", "serve", "--port", str(PORT), "--rate", "off"]
    command += ["--store", os.environ.get("POLICYCHAT_STORE", "var/index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if not (server.stdout and server.stdout.readline()):
                sys.exit("the server did not start")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                )
                measure(browser)
        finally:
            server.terminate()


def measure(browser: Browser) -> None:
    print(f"{machine()}, Chromium {browser.version}")
    page, ready, kilobytes, shift = load(browser, slow=False)
    box = page.locator("#question textarea")
    firsts, wholes = [], []  # milliseconds
    for question in ("what are cookies?", *QUESTIONS):  # the first warms up
        box.fill(question)
        start = time.perf_counter()
        box.press("Enter")
        asked = page.get_by_text(question, exact=True).and_(page.locator("#answer .asked"))
        asked.locator("xpath=following-sibling::h2").wait_for()
        firsts.append((time.perf_counter() - start) * 1000)
        page.locator("#answer .announcement").wait_for(state="attached")
        wholes.append((time.perf_counter() - start) * 1000)
        # Until the answer has ended, Enter does nothing.
        page.locator("#answer [data-testid=status-tracker].hide").wait_for(state="attached")
    narrow_page, _, _, narrow_shift = load(browser, slow=False, width=320)
    slow_page, slow_ready, _, slow_shift = load(browser, slow=True)
    for label, figure in (
        ("on the wire, first visit", f"{kilobytes:.0f} kB"),
        ("ready to type", f"{ready:.2f} s"),
        ("layout shift", f"{shift:.3f}"),
        ("layout shift, 320 px", f"{narrow_shift:.3f}"),
        ("ready to type, slow", f"{slow_ready:.2f} s"),
        ("layout shift, slow", f"{slow_shift:.3f}"),
        (f"Enter to first sentence, median of {len(QUESTIONS)}", _median(firsts)),
        ("Enter to first sentence, slowest", f"{max(firsts[1:]):.0f} ms"),
        ("Enter to whole answer, median", _median(wholes)),
    ):
        print(f"{label:<42}{figure:>10}")
    for opened in (page, narrow_page, slow_page):
        opened.close()


def _median(waits: list[float]) -> str:
    return f"{statistics.median(waits[1:]):.0f} ms"


if __name__ == "__main__":
    main()
