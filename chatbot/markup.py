"""An Answer as markup that is safe to hand to Gradio's Markdown.

Policies, questions and earlier turns are hostile, and Gradio's sanitiser lets through remote images
and styles that cover the page. So every character that Markdown or HTML could read is written as a
numeric entity, and every tag is added here. No line break is written: Markdown stays out of it.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

from chatbot.bot import Chatbot
from chatbot.types import Action, Answer, Citation, Comparison
from index.clean import JOINERS, clean

SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII but letters, digits and white space
INVISIBLE = ("Cc", "Cf", "Cs")  # controls, directions and the like, halves of characters
WEB = frozenset({"http", "https"})


def escape(text: str) -> str:
    """``text`` on one line, with nothing in it that Markdown or HTML would read."""
    folded = re.sub(r"\s+", " ", text)
    visible = (c for c in folded if c in JOINERS or unicodedata.category(c) not in INVISIBLE)
    return SPECIAL.sub(lambda special: f"&#{ord(special[0])};", "".join(visible))


def written_out(day: date) -> str:
    """Such as ``19 January 2018``."""
    return f"{day.day} {day:%B %Y}"


def headline_markup(sentence: str) -> str:
    """The sentence that answers, or what the page has to say instead."""
    return f'<h2 class="headline">{escape(sentence)}</h2>'


def question_markup(question: str, earlier: Iterable[str] = ()) -> str:
    """What was asked, below the earlier questions that it may lean on."""
    turns = [f'<p class="earlier">{escape(turn)}</p>' for turn in earlier]
    return "".join([*turns, f'<p class="asked">{escape(question)}</p>'])


def answer_markup(answer: Answer, bot: Chatbot) -> str:
    """The answer from its first sentence to its notices; choices and follow-ups are buttons."""
    parts = [headline_markup(answer.first_paragraph)]
    if answer.comparison:
        parts += [_comparison(pair, answer, bot) for pair in answer.comparison]
    else:
        if answer.behaviour == "partly":
            missing = answer.missing
            lead = f"Closest words, which do not give {missing}:" if missing else "It says only:"
            parts.append(f'<p class="lead">{escape(lead)}</p>')
        parts += [_source(citation, bot) for citation in answer.citations]
    if answer.near:
        parts.append('<p class="lead">Related, but not an answer:</p>')
        parts += [_source(citation, bot) for citation in answer.near]
    parts += _actions(answer)
    parts += [f'<p class="notice">{escape(notice)}</p>' for notice in answer.notices]
    return "".join(parts)


def _name(company: str, bot: Chatbot) -> str:
    return next((c.name for c in bot.policies() if c.company == company), company)


def _source(citation: Citation, bot: Chatbot) -> str:
    """A quote, then who says it, where and when, and what stands around it."""
    origin = [
        f"<strong>{escape(_name(citation.company, bot))}</strong>",
        escape(citation.section),
        _time(citation.snapshot_date),
        _link(citation.archived_url, "Archived page", WEB),
    ]
    parts = [
        f"<blockquote><p>{escape(citation.display)}</p></blockquote>",
        f'<p class="origin">{" · ".join(filter(None, origin))}</p>',
    ]
    if citation.stated_since != citation.stated_until:
        since, until = _time(citation.stated_since), _time(citation.stated_until)
        same = f"The same words stand in every copy here from {since} to {until}."
        parts.append(f'<p class="small">{same}</p>')
    return f'<div class="source">{"".join(parts)}{_context(citation, bot)}</div>'


def _context(citation: Citation, bot: Chatbot) -> str:
    """The paragraph around the quote, the quote marked; nothing where there is none around it."""
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
            text = f"<p>{_lines(around[:at])}{quote}{_lines(around[stop:])}</p>"
            return f"<details><summary>Read in context</summary>{text}</details>"
    return ""


def _comparison(pair: Comparison, answer: Answer, bot: Chatbot) -> str:
    """What was said and what is said, under one heading; or two companies, one below the other."""
    sides = [side for side in (pair.before, pair.after) if side]
    years = [side.snapshot_date[:4] for side in sides]
    shown = [_source(side, bot) for side in sides]
    if pair.kind == "side_by_side":
        silent = set(answer.companies) - {side.company for side in sides}
        shown += [f"<p>{escape(_name(one, bot))}: does not say.</p>" for one in sorted(silent)]
        return "".join(shown)
    heading = {
        "only_then": f"Said only in {years[0]}",
        "only_now": f"New in {years[-1]}",
        "reworded": "Reworded",
        "unchanged": "The same in both",
    }[pair.kind]
    return f"<h3>{heading}</h3>{''.join(shown)}"


def _actions(answer: Answer) -> list[str]:
    """What can be written, called or copied, and how old the source of it is."""
    if not answer.actions:
        return []
    only_asking = answer.behaviour in ("not_stated", "partly")
    heading = "You can ask" if only_asking else "What you can do"
    day_of = {c.id: c.snapshot_date for c in (*answer.citations, *answer.near)}
    days = {day_of[action.citation] for action in answer.actions if action.citation in day_of}
    printed = "".join(
        f'<p class="small">Printed in the policy of {_time(day)}; it may no longer work.</p>'
        for day in sorted(days)
    )
    return [f"<h3>{heading}</h3>", *(_action(action) for action in answer.actions), printed]


def _action(action: Action) -> str:
    """One action, all that it would send readable before anything opens."""
    rows = [("", action.text)]
    if action.type == "email":
        parts = urlsplit(action.href or "")
        fields = parse_qs(parts.query.replace("+", "%2B"))  # a plus is no space in mailto:
        rows = [("To", unquote(parts.path) or action.text)]
        rows += [
            (name.capitalize(), fields[name][0]) for name in ("subject", "body") if name in fields
        ]
    shown = "".join(
        f'<p class="row"><span class="field">{name}</span> <span class="copy">{_lines(text)}</span></p>'
        for name, text in rows
    )
    link = _link(action.href, action.label, WEB | {"mailto", "tel"})
    if link:
        return f'<div class="action">{shown}<p class="do">{link}</p></div>'
    return f'<div class="action"><p class="row"><strong>{escape(action.label)}</strong></p>{shown}</div>'


def _link(href: str | None, label: str, schemes: frozenset[str]) -> str:
    """A link, or nothing when its address is not of the ``schemes`` or not fit to be one."""
    if not href or not href.isprintable() or " " in href:
        return ""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme not in schemes or bool(parts.netloc) != (parts.scheme in WEB):
        return ""
    return f'<a href="{escape(href)}">{escape(label)}</a>'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def _time(day: str) -> str:
    return f'<time datetime="{day}">{written_out(date.fromisoformat(day))}</time>'
