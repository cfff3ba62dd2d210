"""What takes an answer elsewhere: copied with its sources, reopened by its link, said aloud."""

from collections.abc import Iterator, Sequence

from chatbot.bot import Chatbot
from chatbot.markup import NEAR, company_name, copy_button, copy_link_button, escape
from chatbot.types import Answer, Citation
from chatbot.wording import long_date


def share_markup(answers: Sequence[Answer], address: str, bot: Chatbot) -> str:
    """Mark up what copies answers to one question, where a policy was quoted."""
    if not any(answer.citations or answer.near for answer in answers):
        return ""
    buttons = copy_button("Copy with sources", plain_text(answers, bot))
    return f'<p class="share">{buttons}{copy_link_button(address)}</p>'


def plain_text(answers: Sequence[Answer], bot: Chatbot) -> str:
    """Answers as text that is complete without the page."""
    return "\n\n".join("\n".join(_lines(answer, bot)) for answer in answers)


def _lines(answer: Answer, bot: Chatbot) -> Iterator[str]:
    yield answer.first_paragraph
    for citation in answer.citations:
        yield from _quoted(citation, bot)
    if answer.nearest:
        yield from ("", NEAR)
    for citation in answer.nearest:
        yield from _quoted(citation, bot)


def _quoted(citation: Citation, bot: Chatbot) -> Iterator[str]:
    name = company_name(citation.company, bot)
    place = [name, citation.section, long_date(citation.snapshot_date)]
    yield from ("", f"“{citation.display}”", ", ".join(filter(None, place)))
    if citation.archived_url:
        yield citation.archived_url


def spoken_markup(answers: Sequence[Answer], bot: Chatbot) -> str:
    """What a screen reader says once, when answers to one question are complete."""
    return announcement(" ".join(_spoken(answer, bot) for answer in answers))


def _spoken(answer: Answer, bot: Chatbot) -> str:
    count = len(answer.citations)
    if not count:
        return answer.first_paragraph
    places = {(company_name(c.company, bot), long_date(c.snapshot_date)) for c in answer.citations}
    who = ", ".join(f"{name}, {day}" for name, day in sorted(places))
    return f"{answer.first_paragraph} {count} source{'s' if count > 1 else ''}, {who}."


def announcement(words: str) -> str:
    """Hand words to the page's script, which has them said."""
    return f'<p class="announcement" hidden>{escape(words)}</p>'
