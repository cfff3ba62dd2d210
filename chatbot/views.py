"""The page's four views: their controls, and what happens when they are used.

All components and handlers stand from the start, and the browser sends what a handler needs except
the earlier questions: a page that is open while the server restarts goes on working.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from threading import Lock

from anyio import to_thread

from chatbot.about import about_markup
from chatbot.bot import Chatbot
from chatbot.changes import changes_markup
from chatbot.links import changes_link, day_of, read_link
from chatbot.quiet_gradio import gr
from chatbot.reader import reader_markup
from chatbot.reply import (
    EXAMPLES,
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

TITLE = "What does a company say it does with your data?"
PROMISE = (
    "You get the policy's own words, their date, and what you can do. Nothing you type is kept."
)
AT_ONCE = 8  # questions answered at the same time
WAITING_LINE = 64  # questions that may wait; more are told to try again
OPEN_PAGES = 500  # pages whose earlier questions are remembered; the longest unused goes first
MAX_FOLLOWUPS = 3
ANY_COMPANY, NO_COMPANY = "Any company", "Choose a company"  # of the lists, where none is chosen

Renew = Callable[[Chatbot], None]  # has controls begin with what that bot knows
Shown = AsyncIterator[list[object]]  # the controls of a view, again and again


def create_page(current: Callable[[], Chatbot]) -> tuple[gr.Blocks, Callable[[], None]]:
    """Build the page and what its controls do; ``mount_page`` serves it.

    Each event asks ``current`` once for its bot: a reply never mixes two generations. Also returns
    what has pages opened from then on begin with the companies and examples of the current bot.
    """

    def forget(request: gr.Request) -> None:
        # Gradio would hold the questions and the last answer for an hour or longer.
        page.state_holder.session_data.pop(request.session_hash or "", None)
        page.state_holder.time_last_used.pop(request.session_hash or "", None)

    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        with gr.Column(elem_id="ask-view"):
            renew_ask = _build_ask(current)
        with gr.Column(elem_id="read-view"):
            renew_read = _build_read(current)
        with gr.Column(elem_id="changes-view"):
            renew_changes = _build_changes(current)
        with gr.Column(elem_id="about-view"):
            gr.Markdown("# About this page")
            about = gr.Markdown(elem_id="about", latex_delimiters=[])
            opened = gr.Button("Open", elem_id="open-about", elem_classes="open")
            _aside(opened.click, lambda: about_markup(current()), None, about)
        page.unload(forget)
    page.state_session_capacity = OPEN_PAGES
    queued: gr.Blocks = page.queue(max_size=WAITING_LINE, api_open=False)
    shown = current().generation
    renewing = Lock()

    def renew() -> None:
        nonlocal shown
        with renewing:
            bot = current()
            if bot.generation != shown:
                for renew_view in (renew_ask, renew_read, renew_changes):
                    renew_view(bot)
                page.config = page.get_config_file()  # which every page is sent
                shown = bot.generation

    return queued, renew


# Past the queue: an event that ends while another joins can take the other's answer away.
_aside = partial(gr.on, queue=False, api_visibility="private", show_progress="hidden")


def _build_ask(current: Callable[[], Chatbot]) -> Renew:
    """The question, its answer, and what to ask next."""
    began = current().generation  # whose companies the page has from the start
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
        examples = [gr.Button() for _ in EXAMPLES]
    # Formulas are looked for in what the reader sees, so escaping does not keep them out.
    answer = gr.Markdown(elem_id="answer", latex_delimiters=[])
    with gr.Column(elem_id="next", visible=False) as following:
        choices = [gr.Button(visible=False, elem_classes="choice") for _ in range(MAX_CHOICES + 1)]
        followups = [gr.Button(visible=False) for _ in range(MAX_FOLLOWUPS)]
        clear = gr.Button("New question", elem_id="clear")
    earlier = gr.State(())
    address, opened = _address("ask")
    shown = [question, company, day, start, answer, following, *choices, *followups, earlier]

    def show(bot: Chatbot, reply: Reply) -> list[object]:
        return [
            reply.question,
            reply.company
            if bot.generation == began
            else gr.Dropdown(_companies(bot, ANY_COMPANY), value=reply.company),
            _days(bot, reply.company, reply.day),
            gr.Column(visible=not reply.markup),
            reply.markup,
            gr.Column(visible=bool(reply.markup)),
            *_labelled(reply.choices, MAX_CHOICES + 1),
            *_labelled(reply.followups, MAX_FOLLOWUPS),
            reply.earlier,
        ]

    async def asked(text: object, of: object, on: object, before: Sequence[str]) -> Shown:
        bot = current()
        async for reply in _each(ask(bot, _typed(text), _typed(of), _typed(on), before)):
            yield show(bot, reply)

    async def chosen(
        label: object, text: object, of: object, on: object, before: Sequence[str]
    ) -> Shown:
        bot = current()
        typed = (_typed(label), _typed(text), _typed(of), _typed(on))
        async for reply in _each(choose(bot, *typed, before)):
            yield show(bot, reply)

    async def followed(link: object, before: Sequence[str]) -> Shown:
        bot = current()
        async for reply in _each(ask_address(bot, _typed(link), before)):
            yield show(bot, reply)

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

    def renew(bot: Chatbot) -> None:
        company.choices[:] = _companies(bot, ANY_COMPANY)
        texts = example_questions(bot)
        for number, button in enumerate(examples):
            button.value = texts[number] if number < len(texts) else ""
            button.visible = number < len(texts)

    renew(current())
    return renew


async def _each(replies: Iterator[Reply]) -> AsyncIterator[Reply]:
    """Each reply, made in a thread of its own that is left behind when the reader stops waiting."""
    while reply := await to_thread.run_sync(next, replies, None, abandon_on_cancel=True):
        yield reply


def _build_read(current: Callable[[], Chatbot]) -> Renew:
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
    return partial(_renew_choice, company)


def _build_changes(current: Callable[[], Chatbot]) -> Renew:
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
    return partial(_renew_choice, company)


def _company_choice(bot: Chatbot, label: str) -> gr.Dropdown:
    return gr.Dropdown(
        _companies(bot, NO_COMPANY),
        value="",
        label=label,
        allow_custom_value=True,
    )


def _renew_choice(company: gr.Dropdown, bot: Chatbot) -> None:
    company.choices[:] = _companies(bot, NO_COMPANY)


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
    """The days to choose from; one that was chosen without its company is seen as well."""
    days = {day.isoformat(): long_date(day) for day in company_days(bot, company)}
    if day := day_of(chosen):
        days.setdefault(day.isoformat(), long_date(day))
    listed = [("Newest", ""), *((label, day) for day, label in days.items())]
    return gr.Dropdown(listed, value=chosen, visible=len(listed) > 1)


def _labelled(labels: Sequence[str], count: int) -> list[gr.Button]:
    """``count`` buttons of which the first bear the labels and the others are not seen."""
    hidden = [gr.Button(visible=False)] * count
    return [*(gr.Button(label, visible=True) for label in labels), *hidden][:count]


def _typed(value: object) -> str:
    """A control's value; a program may send anything in its place, halves of characters too."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
