"""An Answer as markup that is safe to hand to Gradio's Markdown.

Policies, questions and earlier turns are hostile, and Gradio's sanitiser lets through remote images
and styles that cover the page. So every character that Markdown or HTML could read is written as a
numeric entity, and every tag is added here. No line break is written: Markdown stays out of it.
"""

import re
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

from chatbot.bot import Chatbot
from chatbot.links import changes_link, read_link
from chatbot.types import Action, Answer, Citation, Comparison
from chatbot.wording import long_date
from index.clean import JOINERS, clean

SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII but letters, digits and white space
INVISIBLE = ("Cc", "Cf", "Cs")  # controls, directions and the like, halves of characters
WEB = frozenset({"http", "https"})
AT = "&#64;"  # @
OUR_END = re.compile(r"(?<!\b(?:Inc|Ltd))(?<!\bCo)[.!?](?=\s+[A-Z“])")  # of our own sentences
MIN_HEADLINE = 4  # words
NEAR = "Related, but not an answer:"


def escape(text: str) -> str:
    """``text`` on one line, with nothing in it that Markdown or HTML would read."""
    return _entities(text).replace(AT, f"{AT}<wbr>")  # where a long address may be broken


def _entities(text: str) -> str:
    folded = re.sub(r"\s+", " ", text)
    visible = (c for c in folded if c in JOINERS or unicodedata.category(c) not in INVISIBLE)
    return SPECIAL.sub(lambda special: f"&#{ord(special[0])};", "".join(visible))


def headline_markup(paragraph: str) -> str:
    """Mark up the first sentence as the headline, what follows it as text."""
    end = len(paragraph)
    for found in OUR_END.finditer(paragraph):
        first = paragraph[: found.end()]
        # "Yes." alone says too little, and a quoted sentence goes on with ours.
        if len(first.split()) >= MIN_HEADLINE and first.count("“") == first.count("”"):
            end = found.end()
            break
    rest = paragraph[end:].strip()
    after = f'<p class="rest">{escape(rest)}</p>' if rest else ""
    return f'<h2 class="headline">{escape(paragraph[:end].strip())}</h2>{after}'


def question_markup(question: str, earlier: Sequence[str] = ()) -> str:
    """Mark up what was asked, below the earlier questions that it may lean on."""
    asked = f'<p class="asked">{escape(question)}</p>'
    if not earlier:
        return asked
    many = "1 earlier question" if len(earlier) == 1 else f"{len(earlier)} earlier questions"
    turns = "".join(f"<p>{escape(turn)}</p>" for turn in earlier)
    return f'<details class="earlier"><summary>{many}</summary>{turns}</details>{asked}'


def answer_markups(answer: Answer, bot: Chatbot) -> Iterator[str]:
    """Mark up ever more of an answer: its first sentence, source by source, then all the rest."""
    done = headline_markup(answer.first_paragraph)
    yield done
    if answer.comparison:
        for pair in answer.comparison:
            done += _comparison_heading(pair, answer)
            done = yield from _with_sources(done, _compared(pair), answer, bot)
        said = {citation.company for citation in answer.citations}
        silent = [company_name(company, bot) for company in answer.companies if company not in said]
        done += "".join(f'<p class="lead">{escape(name)} does not say.</p>' for name in silent)
    else:
        if answer.behaviour == "partly":
            missing = answer.missing
            lead = f"Closest words, which do not give {missing}:" if missing else "It says only:"
            done += f'<p class="lead">{escape(lead)}</p>'
        done = yield from _with_sources(done, answer.citations, answer, bot)
    if answer.nearest:
        done += f'<p class="lead">{NEAR}</p>'
        done = yield from _with_sources(done, answer.nearest, answer, bot)
    if answer.behaviour == "unknown_company":
        done += f'<p class="small">{local_link("#read", "All companies here")}</p>'
    done += "".join(_actions(answer))
    done += "".join(f'<p class="notice">{escape(notice)}</p>' for notice in answer.notices)
    days = {(one.company, one.date) for one in answer.snapshots}
    if answer.comparison and len(answer.companies) == 1 and len(days) == 2:
        first, second = sorted(date for _, date in days)
        every = changes_link(answer.companies[0], first, second)
        done += f'<p class="small">{local_link(every, "See all that changed")}</p>'
    yield done


def company_name(company: str, bot: Chatbot) -> str:
    """The name under which people know a company."""
    return next((c.name for c in bot.policies() if c.company == company), company)


def _source(citation: Citation, answer: Answer, bot: Chatbot) -> str:
    """Mark up a quote, then who says it, where and when, and what stands around it."""
    name = company_name(citation.company, bot)
    heard = f"Source {citation.id}: {name}, {long_date(citation.snapshot_date)}"
    origin = [f"<strong>{escape(name)}</strong>", escape(citation.section), _days(citation)]
    day = citation.snapshot_date
    place = read_link(citation.company, day, citation.start, citation.end)
    originals = {(one.company, one.date): one.original_url for one in answer.snapshots}
    links = [
        link(citation.archived_url, "Archived page", WEB, heard),
        local_link(place, "Read in context", heard),
        link(originals.get((citation.company, day)), f"{citation.company} today", WEB, heard),
    ]
    return (
        f'<li class="source"><span class="number">{citation.id}</span>'
        f"<blockquote><p>{escape(citation.display)}</p></blockquote>"
        f'<p class="origin">{" · ".join(filter(None, origin))}</p>'
        f"{links_markup(links)}{_context(citation, bot)}</li>"
    )


def _with_sources(
    done: str, citations: Sequence[Citation], answer: Answer, bot: Chatbot
) -> Generator[str, None, str]:
    """``done`` with one citation below it, with two, and so on; returns it with all."""
    grown, listed = done, ""
    for citation in citations:
        listed += _source(citation, answer, bot)
        grown = f'{done}<ol class="sources">{listed}</ol>'
        yield grown
    return grown


def _days(citation: Citation) -> str:
    """The day of the quote, and how long the same words have stood."""
    day, since, until = citation.snapshot_date, citation.stated_since, citation.stated_until
    if until != day:
        run = f"from {time_markup(since)} to {time_markup(until)}"
        return f"{time_markup(day)}, the same in every copy {run}"
    return time_markup(day) + (
        f", the same in every copy since {time_markup(since)}" if since != day else ""
    )


def _context(citation: Citation, bot: Chatbot) -> str:
    """Mark the quote in the paragraph around it; nothing where there is none around it."""
    snapshot = bot.policy(citation.company, date.fromisoformat(citation.snapshot_date))
    start, end = citation.start, citation.end
    for _ in range(2):  # a quote that fills its paragraph is shown between its neighbours
        start = max(snapshot.text.rfind("\n\n", 0, start), snapshot.body_start)
        end = snapshot.text.find("\n\n", end + 1)
        end = len(snapshot.text) if end < 0 else end
        around = clean(snapshot.text[start:end], normalise=False).text
        at = around.replace("\n", " ").find(citation.display)
        if at >= 0 and len(around) > len(citation.display):
            stop = at + len(citation.display)
            quote = f"<mark>{_lines(around[at:stop])}</mark>"
            text = f'<p class="whole">{_lines(around[:at])}{quote}{_lines(around[stop:])}</p>'
            return f"<details><summary>The whole paragraph</summary>{text}</details>"
    return ""


def _compared(pair: Comparison) -> list[Citation]:
    """The sides to show: both, but words that stayed only once."""
    sides = [side for side in (pair.before, pair.after) if side]
    return sides[-1:] if pair.kind == "unchanged" else sides


def _comparison_heading(pair: Comparison, answer: Answer) -> str:
    """What differs between two days, unless the first sentence says it already."""
    years = [side.snapshot_date[:4] for side in (pair.before, pair.after) if side]
    heading = {
        "only_then": f"Said only in {years[0]}",
        "only_now": f"New in {years[-1]}",
        "reworded": "Reworded",
        "unchanged": "The same in both",
        "side_by_side": "",
    }[pair.kind]
    # "" is in every first sentence.
    return "" if heading in answer.first_paragraph else f"<h3>{heading}</h3>"


def _actions(answer: Answer) -> list[str]:
    """Mark up what can be written, called or copied."""
    if not answer.actions:
        return []
    only_asking = answer.behaviour in ("not_stated", "partly")
    heading = "You can ask" if only_asking else "What you can do"
    day_of = {c.id: c.snapshot_date for c in (*answer.citations, *answer.near)}
    days = {day_of[action.citation] for action in answer.actions if action.citation in day_of}
    printed = [
        f'<p class="small">Printed in the policy of {time_markup(day)}; it may no longer work.</p>'
        for day in sorted(days)
        if not answer.notices  # which say how old it is
    ]
    return [f"<h3>{heading}</h3>", *(_action(action) for action in answer.actions), *printed]


def _action(action: Action) -> str:
    """One action, all that it would send readable before anything opens."""
    opened = link(action.href, action.label, WEB | {"mailto", "tel"})
    if action.type == "email":
        parts = urlsplit(action.href if action.href and opened else "")
        fields = parse_qs(parts.query.replace("+", "%2B"))  # a plus is no space in mailto:
        rows = _row(unquote(parts.path) or action.text, "To")
        for field in ("subject", "body"):
            rows += _row(fields[field][0], field.capitalize()) if field in fields else ""
        buttons = opened + copy_button("Copy address", action.text)
        if "body" in fields:
            buttons += copy_button("Copy text", fields["body"][0])
    else:
        rows = _row(action.text)
        copied = {"phone": "Copy number", "link": "Copy address"}.get(action.type, action.label)
        buttons = opened + copy_button(copied, action.text)
    return f'<div class="action card"><div>{rows}</div><p class="do">{buttons}</p></div>'


def _row(text: str, field: str = "") -> str:
    name = f'<span class="field">{field}</span> ' if field else ""
    lines = "<br>".join(escape(line) for line in text.splitlines())
    return f'<p class="row">{name}<span class="copy">{lines}</span></p>'


def link(href: str | None, label: str, schemes: frozenset[str], spoken: str = "") -> str:
    """Make a link, or nothing when its address is not of the ``schemes`` or not fit to be one.

    ``spoken`` follows the label for those who hear the page.
    """
    if not href or not href.isprintable() or " " in href:
        return ""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme not in schemes or bool(parts.netloc) != (parts.scheme in WEB):
        return ""
    return f'<a href="{_entities(href)}">{escape(label)}{heard(spoken)}</a>'


def links_markup(links: Sequence[str]) -> str:
    """Links in a row, those left out that are none."""
    return f'<p class="links">{"".join(f"<span>{one}</span> " for one in links if one)}</p>'


def local_link(address: str, label: str, spoken: str = "") -> str:
    """Make a link to a place in this page, an address of ``links.py``."""
    return f'<a href="{attribute(address)}">{escape(label)}{heard(spoken)}</a>'


def attribute(address: str) -> str:
    """An address or a text to copy as the value of an attribute."""
    return "".join(_entities(line) + "&#10;" for line in address.split("\n")).removesuffix("&#10;")


def copy_button(label: str, text: str) -> str:
    """Make a button whose value the page's script copies."""
    return f'<button class="copy" value="{attribute(text)}">{escape(label)}</button>'


def copy_link_button(address: str) -> str:
    """Make a button with which the page's script copies an address of this page."""
    return f'<button class="copy-link" value="{attribute(address)}">Copy link</button>'


def heard(words: str) -> str:
    """Words for those who hear the page only."""
    return f'<span class="heard"> {escape(words)}</span>' if words else ""


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def time_markup(day: str) -> str:
    """A day written out, for people and for programs."""
    return f'<time datetime="{day}">{long_date(day)}</time>'
