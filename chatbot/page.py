"""The page: one question box, the answer in the policy's own words, and what can be done about it.

All components and handlers stand from the start, and the browser sends what a handler needs except
the earlier questions: a page that is open while the server restarts goes on working.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount

from chatbot.about import about_markup
from chatbot.bot import Chatbot
from chatbot.changes import changes_markup
from chatbot.headers import PageGuard
from chatbot.links import changes_link, read_link
from chatbot.reader import reader_markup
from chatbot.reply import (
    MAX_CHOICES,
    Reply,
    ask,
    ask_address,
    choose,
    company_days,
    company_labels,
    company_of,
    example_questions,
)
from chatbot.wording import long_date

# Gradio reads these when it is imported. Without the first three it calls home at every start;
# without the fourth it counts all events of the past with pandas after each new one.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"

import gradio as gr

TITLE = "What does a company say it does with your data?"
PROMISE = (
    "You get the policy's own words, their date, and what you can do. Nothing you type is kept."
)
FOOTER = "Quotes from archived policies. Not legal advice."
HEAD = f"""<title>{TITLE}</title>
<meta name="description" content="{PROMISE}">
<link rel="icon" href="data:image/svg+xml,\
<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
<rect width='16' height='16' rx='4' fill='%230b6b62'/>\
<path d='M4 5h8M4 8h8M4 11h4' stroke='white' stroke-width='1.5'/></svg>">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
"""
TOP = """<header id="top"><a href="#ask" class="brand">policychat</a>
<nav aria-label="Pages"><a href="#ask">Ask</a><a href="#read">Read</a>\
<a href="#changes">What changed</a><a href="#about">About</a></nav></header>
<div id="failure" role="alert"></div><div id="said" role="status"></div>
"""
FOOT = f"""<footer id="foot"><p>{FOOTER}</p></footer>
<noscript><p>This page needs JavaScript, all of it from this server.</p></noscript>
"""
STATIC = Path(__file__).parent / "static"
AT_ONCE = 8  # questions answered at the same time
WAITING_LINE = 64  # questions that may wait; more are told to try again
OPEN_PAGES = 500  # pages whose earlier questions are remembered; the longest unused goes first
MAX_FOLLOWUPS = 3
ANY_COMPANY, NO_COMPANY = "Any company", "Choose a company"  # of the lists, where none is chosen


def mount_page(app: FastAPI) -> FastAPI:
    """Serve the page at ``/``, below every route that ``app`` has already."""
    for name in ("page.css", "page.js"):
        app.add_route(f"/{name}", partial(_static_file, STATIC / name), include_in_schema=False)

    def current() -> Chatbot:
        bot: Chatbot = app.state.bot
        return bot

    gr.mount_gradio_app(
        app,
        create_page(current),
        "/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=0,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=page_theme(),
    )
    mount = app.routes[-1]
    if not isinstance(mount, Mount):
        raise TypeError("Gradio no longer mounts its page as the last route")
    mount.app = PageGuard(mount.app, HEAD, TOP, FOOT)
    return app


async def _static_file(path: Path, _: Request) -> FileResponse:
    """Our own file; asked for anew each time, answered only when it changed."""
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


def page_theme() -> gr.themes.Base:
    """Plain surfaces, the system's fonts, one accent colour; page.css does the rest."""
    accent, bright = "#0b6b62", "#6cd0c2"
    return gr.themes.Base(
        neutral_hue="gray",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        body_background_fill="#ffffff",
        body_background_fill_dark="#15191a",
        body_text_color="#1b2122",
        body_text_color_dark="#e7eaea",
        body_text_color_subdued="#586264",
        body_text_color_subdued_dark="#a3adae",
        border_color_primary="#d5dbda",
        border_color_primary_dark="#38413f",
        color_accent=accent,
        link_text_color=accent,
        link_text_color_dark=bright,
        link_text_color_hover=accent,
        link_text_color_hover_dark=bright,
        link_text_color_visited=accent,
        link_text_color_visited_dark=bright,
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1c2223",
        background_fill_secondary="#eef4f3",
        background_fill_secondary_dark="#2a3434",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1c2223",
        input_border_color="#8a9594",
        input_border_color_dark="#5c6866",
        input_border_color_focus=accent,
        input_border_color_focus_dark=bright,
        button_primary_background_fill=accent,
        button_primary_background_fill_dark=accent,
        button_primary_background_fill_hover="#085249",
        button_primary_background_fill_hover_dark="#0e7f74",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover="#eef4f3",
        button_secondary_background_fill_hover_dark="#222b2b",
        button_secondary_text_color=accent,
        button_secondary_text_color_dark=bright,
    )


def create_page(current: Callable[[], Chatbot]) -> gr.Blocks:
    """Build the page and what its controls do; ``mount_page`` serves it.

    Each event asks ``current`` once for its bot: a reply never mixes two generations.
    """
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        with gr.Column(elem_id="ask-view"):
            _build_ask(page, current)
        with gr.Column(elem_id="read-view"):
            _build_read(current)
        with gr.Column(elem_id="changes-view"):
            _build_changes(current)
        with gr.Column(elem_id="about-view"):
            gr.Markdown("# About this page")
            about = gr.Markdown(elem_id="about", latex_delimiters=[])
            opened = gr.Button("Open", elem_id="open-about", elem_classes="open")
            _aside(opened.click, lambda: about_markup(current()), None, about)
    page.state_session_capacity = OPEN_PAGES
    queued: gr.Blocks = page.queue(max_size=WAITING_LINE, api_open=False)
    return queued


# Past the queue: an event that ends while another joins can take the other's answer away.
_aside = partial(gr.on, queue=False, api_visibility="private", show_progress="hidden")


def _build_ask(page: gr.Blocks, current: Callable[[], Chatbot]) -> None:
    """The question, its answer, and what to ask next."""
    gr.Markdown(f"# {TITLE}", elem_id="title")
    with gr.Row(elem_id="ask"):
        question = gr.Textbox(label="Ask in your own words", max_lines=4, elem_id="question")
        button = gr.Button("Ask", variant="primary", elem_id="send", scale=0, min_width=88)
        stop = gr.Button("Stop", elem_id="stop", scale=0, min_width=88)
    with gr.Row(elem_id="narrow"):
        company = gr.Dropdown(
            _companies(current(), ANY_COMPANY),
            value="",
            label="Company",
            allow_custom_value=True,  # or a question fails once the server knows other ones
        )
        day = gr.Dropdown(value="", label="Policy of", allow_custom_value=True, visible=False)
    with gr.Column(elem_id="start") as start:
        gr.Markdown(PROMISE)
        examples = [gr.Button(text) for text in example_questions(current())]
    # Formulas are looked for in what the reader sees, so escaping does not keep them out.
    answer = gr.Markdown(elem_id="answer", latex_delimiters=[])
    with gr.Column(elem_id="next", visible=False) as following:
        choices = [gr.Button(visible=False) for _ in range(MAX_CHOICES + 1)]
        followups = [gr.Button(visible=False) for _ in range(MAX_FOLLOWUPS)]
        clear = gr.Button("New question", elem_id="clear")
    earlier = gr.State(())
    address, opened = _address("ask")

    shown = [question, company, day, start, answer, following, *choices, *followups, earlier]

    def show(bot: Chatbot, reply: Reply) -> list[object]:
        return [
            reply.question,
            reply.company,
            _days(bot, reply.company, reply.day),
            gr.Column(visible=not reply.markup),
            reply.markup,
            gr.Column(visible=bool(reply.markup)),
            *_labelled(reply.choices, MAX_CHOICES + 1),
            *_labelled(reply.followups, MAX_FOLLOWUPS),
            reply.earlier,
        ]

    def asked(
        text: object, of: object, on: object, before: Sequence[str]
    ) -> Iterator[list[object]]:
        bot = current()
        replies = ask(bot, _typed(text), _typed(of), _typed(on), before)
        yield from map(partial(show, bot), replies)

    def chosen(
        label: object, text: object, of: object, on: object, before: Sequence[str]
    ) -> Iterator[list[object]]:
        bot = current()
        replies = choose(bot, _typed(label), _typed(text), _typed(of), _typed(on), before)
        yield from map(partial(show, bot), replies)

    def followed(link: object, before: Sequence[str]) -> Iterator[list[object]]:
        bot = current()
        yield from map(partial(show, bot), ask_address(bot, _typed(link), before))

    answers = partial(
        gr.on,
        outputs=shown,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=answer,
        concurrency_limit=AT_ONCE,
        concurrency_id="ask",
    )
    filters = [company, day, earlier]
    running = [
        answers([question.submit, button.click], asked, [question, *filters]),
        answers(opened.click, followed, [address, earlier]),
    ]
    running += [answers(text.click, asked, [text, *filters]) for text in (*examples, *followups)]
    running += [answers(one.click, chosen, [one, question, *filters]) for one in choices]
    stop.click(None, cancels=running, queue=False, api_visibility="private")
    _aside(clear.click, lambda: show(current(), Reply()), None, shown)
    _aside(company.input, lambda of: _days(current(), _typed(of)), company, day)

    def forget(request: gr.Request) -> None:
        # Gradio would hold the questions and the last answer for an hour or longer.
        page.state_holder.session_data.pop(request.session_hash or "", None)
        page.state_holder.time_last_used.pop(request.session_hash or "", None)

    page.unload(forget)


def _build_read(current: Callable[[], Chatbot]) -> None:
    """A company's policy as it stood on a day."""
    gr.Markdown("# Read a policy")
    with gr.Row(elem_classes="controls"):
        company = _company_choice(current(), "Whose policy")
        gr.Textbox(label="Find in this policy", elem_id="find", max_lines=1)
    policy = gr.Markdown(elem_id="policy", latex_delimiters=[])
    address, opened = _address("read")

    def follow(link: object) -> list[object]:
        bot = current()
        of, markup = reader_markup(bot, _typed(link))
        return [_company_update(bot, of), markup]

    _aside(opened.click, follow, address, [company, policy])

    def read(of: object) -> str:
        bot = current()
        return reader_markup(bot, read_link(company_of(bot, _typed(of)) or "", ""))[1]

    _aside(company.input, read, company, policy)


def _build_changes(current: Callable[[], Chatbot]) -> None:
    """Two days of one company side by side."""
    gr.Markdown("# What changed")
    with gr.Row(elem_classes="controls"):
        company = _company_choice(current(), "Whose policies")
        first = gr.Dropdown(value="", label="From", allow_custom_value=True)
        second = gr.Dropdown(value="", label="To", allow_custom_value=True)
    changes = gr.Markdown(elem_id="changes", latex_delimiters=[])
    address, opened = _address("changes")

    def show(bot: Chatbot, link: str) -> list[object]:
        of, days, markup = changes_markup(bot, link)
        known = [(long_date(day), day.isoformat()) for day in company_days(bot, of)]
        return [_company_update(bot, of), *(gr.Dropdown(known, value=day) for day in days), markup]

    def compare(of: object, *days: object) -> list[object]:
        first_day, second_day = (_typed(day) for day in days)
        bot = current()
        return show(bot, changes_link(company_of(bot, _typed(of)) or "", first_day, second_day))

    shown = [company, first, second, changes]
    _aside(opened.click, lambda link: show(current(), _typed(link)), address, shown)
    _aside(company.input, lambda of: compare(of, "", ""), company, shown)
    _aside([first.input, second.input], compare, [company, first, second], shown)


def _company_choice(bot: Chatbot, label: str) -> gr.Dropdown:
    return gr.Dropdown(
        _companies(bot, NO_COMPANY),
        value="",
        label=label,
        allow_custom_value=True,
    )


def _company_update(bot: Chatbot, of: str) -> gr.Dropdown:
    """The companies that ``bot`` knows, one of them chosen."""
    return gr.Dropdown(_companies(bot, NO_COMPANY), value=of)


def _address(view: str) -> tuple[gr.Textbox, gr.Button]:
    """What the page's script writes an address into, and presses to have it followed; not seen."""
    field = gr.Textbox(label="Address", elem_id=f"{view}-address", elem_classes="open")
    return field, gr.Button("Open", elem_id=f"open-{view}", elem_classes="open")


def _companies(bot: Chatbot, anything: str) -> list[tuple[str, str]]:
    return [(anything, ""), *company_labels(bot).items()]


def _days(bot: Chatbot, company: str, chosen: str = "") -> gr.Dropdown:
    days = [(long_date(day), day.isoformat()) for day in company_days(bot, company)]
    return gr.Dropdown([("Newest", ""), *days], value=chosen, visible=bool(days))


def _labelled(labels: Sequence[str], count: int) -> list[gr.Button]:
    """``count`` buttons of which the first bear the labels and the others are not seen."""
    hidden = [gr.Button(visible=False)] * count
    return [*(gr.Button(label, visible=True) for label in labels), *hidden][:count]


def _typed(value: object) -> str:
    """A control's value; a program may send anything in its place, halves of characters too."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
