"""What the page shows for a question: the answer's markup and the buttons below it."""

import logging
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chatbot.bot import Chatbot
from chatbot.links import ask_link, read_address
from chatbot.markup import answer_markups, escape, headline_markup, question_markup
from chatbot.question import QuestionError
from chatbot.sharing import announcement, share_markup, spoken_markup
from chatbot.types import Answer, Turn

logger = logging.getLogger(__name__)

FAILED = "The answer service cannot be reached. Try again."
BAD_DAY = "That is not a day. Write it like 19 January 2018, or choose one from the list."
EXAMPLES = (
    "How do I opt out of {name} emails?",
    "Does {name} sell my information?",
    "What does {name} use cookies for?",
)
EVERY = {2: "Both", 3: "All three", 4: "All four", 5: "All five", 6: "All six"}
MAX_CHOICES = max(EVERY)
MAX_EARLIER = 8  # questions given as context
MAX_NAME = 100  # characters of a company as typed


@dataclass(frozen=True, slots=True)
class Reply:
    """What the page shows; without markup, what it shows when opened."""

    markup: str = ""
    question: str = ""  # what stands in the box
    company: str = ""  # what the choice of a company says, "" for any
    day: str = ""  # what the choice of a day says, "" for the newest
    choices: tuple[str, ...] = ()  # labels for ``choose``
    followups: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()  # the questions asked so far


def ask(
    bot: Chatbot, question: str, company: str, day: str, earlier: Sequence[str]
) -> Iterator[Reply]:
    """Answer a question, narrowed to a company or a day where the reader chose one."""
    return _reply(bot, question, company, day, earlier, of_each=False)


def choose(
    bot: Chatbot, label: str, question: str, company: str, day: str, earlier: Sequence[str]
) -> Iterator[Reply]:
    """Answer the same question after the choice called ``label`` was pressed.

    Of each company, one answer after the other, each shown as soon as it is there.
    """
    chosen = _choice_labels(bot).get(label, company)
    return _reply(bot, question, chosen, day, earlier, of_each=label in EVERY.values())


def ask_address(bot: Chatbot, address: str, earlier: Sequence[str]) -> Iterator[Reply]:
    """Answer the question that an address of the page names."""
    fields = read_address(address)
    company, day = fields.get("company", ""), fields.get("as_of", "")
    return _reply(bot, fields.get("q", ""), company, day, earlier, of_each=False)


def company_labels(bot: Chatbot) -> dict[str, str]:
    """Label → company; two companies of one name are told apart by their domains."""
    companies = bot.policies()
    names = Counter(one.name for one in companies)
    return {
        one.name if names[one.name] == 1 else f"{one.name} ({one.company})": one.company
        for one in companies
    }


def company_days(bot: Chatbot, company: str) -> list[date]:
    """List the days of a company as chosen or typed, newest first."""
    known = company_of(bot, company)
    return [day for one in bot.policies() if one.company == known for day in reversed(one.days)]


def example_questions(bot: Chatbot) -> list[str]:
    """Find questions that the policies answer, about different companies where there are enough."""
    names = sorted(company_labels(bot), reverse=True)
    found: list[str] = []
    for example in EXAMPLES:
        for name in names[:MAX_CHOICES]:
            question = example.format(name=name)
            if bot.ask(question).behaviour == "answer":
                found.append(question)
                names = [*(other for other in names if other != name), name]
                break
    return found


def _reply(
    bot: Chatbot, question: str, company: str, day: str, earlier: Sequence[str], *, of_each: bool
) -> Iterator[Reply]:
    """Ever more of the answer, from its first sentence on; the last reply is whole."""
    before = tuple(turn for turn in earlier if turn != question)[-MAX_EARLIER:]
    kept = Reply(question=question, company=company, day=day, earlier=tuple(earlier))
    history = [Turn("user", turn) for turn in before]

    def answer_of(domain: str | None) -> Answer:
        return bot.ask(question, company=domain, as_of=_day(day), history=history)

    try:
        domain = company_of(bot, company)
        answer = answer_of(domain)
        answers = [answer]
        growing = replace(kept, earlier=(*before, question))
        markup = question_markup(question, before)
        if of_each and answer.choices:
            answers = []
            for one in answer.choices:
                answers.append(_brief(answer_of(one.company)))
                named = f'{markup}<p class="of">{escape(one.name)}</p>'
                for grown in answer_markups(answers[-1], bot):
                    markup = named + grown
                    yield replace(growing, markup=markup)
            answer = replace(answer, choices=())
        else:
            asked = markup
            for grown in answer_markups(answer, bot):
                markup = asked + grown
                yield replace(growing, markup=markup)
        address = ask_link(question, domain or "", _iso(day))
        yield replace(
            growing,
            markup=markup + share_markup(answers, address, bot) + spoken_markup(answers, bot),
            choices=_choices(bot, answer),
            followups=answer.followups,
        )
    except QuestionError as error:
        yield replace(kept, markup=headline_markup(str(error)) + announcement(str(error)))
    except Exception as error:
        # Never the message of an unforeseen error: it may repeat what was typed.
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("no answer: %s\n%s", type(error).__name__, trace)
        yield replace(kept, markup=headline_markup(FAILED) + announcement(FAILED))


def _iso(day: str) -> str:
    chosen = _day(day)
    return chosen.isoformat() if chosen else ""


def _brief(answer: Answer) -> Answer:
    """One company's answer among several: its first sentence and its first quote."""
    return replace(answer, citations=answer.citations[:1], near=(), actions=(), notices=())


def _choices(bot: Chatbot, answer: Answer) -> tuple[str, ...]:
    label_of = {company: label for label, company in _choice_labels(bot).items()}
    labels = [label_of[one.company] for one in answer.choices if one.company in label_of]
    every = [EVERY[len(labels)]] if len(labels) in EVERY else []
    return (*labels[:MAX_CHOICES], *every)


def _choice_labels(bot: Chatbot) -> dict[str, str]:
    """Label, such as ``Lumens (2018)``, → company."""
    newest = {one.company: one.days[-1].year for one in bot.policies()}
    return {f"{label} ({newest[one]})": one for label, one in company_labels(bot).items()}


def company_of(bot: Chatbot, chosen: str) -> str | None:
    """Find the company that was chosen or typed; as typed when there is none of that name."""
    typed = chosen.strip()[:MAX_NAME]
    labels = {label.casefold(): company for label, company in company_labels(bot).items()}
    return labels.get(typed.casefold(), typed) or None


def _day(chosen: str) -> date | None:
    """Read the day chosen or typed; None for the newest policy."""
    typed = chosen.strip()
    if not typed:
        return None
    for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(typed, form).date()
        except ValueError:
            continue
    raise QuestionError("bad_day", BAD_DAY)
