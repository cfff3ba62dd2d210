"""What a shop's visitors will ask and its policy leaves open: what to write before someone asks.

Each topic is asked in several ways; it is left open when none of them comes to words that name it.
Nothing here is legal advice. No link is opened: those that look dead are told by their address.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from chatbot.actions import ARCHIVE, find_actions
from chatbot.bot import Chatbot
from chatbot.contradictions import Contradiction, find_contradictions
from chatbot.topics import TOPICS, Topic
from chatbot.types import Answer, Citation
from index.clean import display
from index.policy_index import PolicyIndex
from index.types import Snapshot

# Addresses that nobody can have meant to print, and services that have ended.
PLACEHOLDER = re.compile(
    r"\[(?:insert|your|company|link|email|name|date|address)\b[^\]\n]{0,60}\](?!\()|\blorem ipsum\b"
    r"|\b(?:your-?(?:site|company|domain|website|shop|store)|example)\.(?:com|org|net)\b",
    re.IGNORECASE,
)
LINKED = re.compile(
    r"(?<!!)\[(?P<label>[^\[\]]{0,200})\]\((?P<target>[^()\s]{0,2000})[^)]{0,300}\)"
)
ENDED = {
    "plus.google.com": "Google+ ended in 2019",
    "privacyshield.gov": "the EU-US Privacy Shield ended in 2020",
    "macromedia.com": "Flash and its settings ended in 2020",
    "ec.europa.eu/consumers/odr": "the EU's platform for disputes ended in 2025",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One topic, and what the policy says of it."""

    topic: str
    question: str  # the first of those asked that found this
    write: str
    behaviour: str  # answer, partly or not_stated
    missing: str | None  # the detail that is asked and not given, where that is known
    quote: Citation | None


@dataclass(frozen=True, slots=True)
class Link:
    """A link, or what should be one, that looks dead."""

    text: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """All that was found in the newest policy of one company."""

    company: str
    name: str
    date: str  # YYYY-MM-DD
    topics: tuple[Checked, ...]
    contradictions: tuple[Contradiction, ...]
    contacts: tuple[str, ...]  # what the policy prints to ask by: addresses and numbers
    links: tuple[Link, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing was found to write or to mend."""
        open_topics = [one for one in self.topics if one.behaviour != "answer"]
        return not (open_topics or self.contradictions or self.links) and bool(self.contacts)


def check_policy(policy_index: PolicyIndex, bot: Chatbot, company: str) -> PolicyCheck:
    """Ask the newest policy of ``company`` every topic. Raises UnknownPolicyError."""
    snapshot = bot.policy(company)
    printed = find_actions(snapshot.text[snapshot.body_start :], 0)
    return PolicyCheck(
        company=snapshot.company,
        name=snapshot.name,
        date=snapshot.captured_on.isoformat(),
        topics=tuple(_checked(bot, snapshot.company, topic) for topic in TOPICS),
        contradictions=tuple(find_contradictions(policy_index, bot, snapshot)),
        contacts=tuple(one.text for one in printed if one.type != "link"),
        links=tuple(dict.fromkeys(dead_links(snapshot))),
    )


def _checked(bot: Chatbot, company: str, topic: Topic) -> Checked:
    """What most of the wordings find that come to words which name the topic."""
    found: list[tuple[str, str | None, Citation, str]] = []
    for question in topic.questions:
        answer = bot.ask(question, company=company, only_company=True)
        quotes = answer.citations or answer.near[:1]
        named = [q for q in quotes if topic.named_in(f"{q.section}: {q.display}")]
        if named:
            found.append((_plainly(answer), answer.missing, named[0], question))
    if not found:
        return Checked(topic.name, topic.questions[0], topic.write, "not_stated", None, None)
    counted = Counter(behaviour for behaviour, *_ in found)
    behaviour = max(("answer", "partly"), key=lambda kind: counted[kind])
    _, missing, quote, question = next(one for one in found if one[0] == behaviour)
    return Checked(topic.name, question, topic.write, behaviour, missing, quote)


def _plainly(answer: Answer) -> str:
    """What only comes near a question does not answer it plainly."""
    return "answer" if answer.behaviour == "answer" else "partly"


def dead_links(snapshot: Snapshot) -> Iterator[Link]:
    """Links that lead nowhere as far as their addresses tell, and words left to be filled in."""
    text = snapshot.text[snapshot.body_start :]
    for match in LINKED.finditer(text):
        target = ARCHIVE.sub("", match["target"])
        if target != match["target"]:
            target = unquote(target)  # the archive writes the company's address so
        reason = _dead(target)
        if reason:
            yield Link(display(match["label"]) or "(no words)", target, reason)
    for match in PLACEHOLDER.finditer(LINKED.sub(" ", text)):
        yield Link(match.group(), "", "it was never filled in")


def _dead(target: str) -> str:
    """Why an address looks dead; "" when it does not."""
    if target in ("", "#"):
        return "it leads nowhere"
    if PLACEHOLDER.search(target):
        return "its address was never filled in"
    for ended, reason in ENDED.items():
        if ended in target.lower():
            return reason
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return "its address is malformed"
    if parts.scheme in ("http", "https"):
        if host in ("localhost", "127.0.0.1"):
            return "it leads to the reader's own machine"
        return "" if "." in host else "its address is malformed"
    if parts.scheme == "mailto":
        return "" if re.search(r"\w@[\w-]+\.\w", parts.path) else "its address is malformed"
    if parts.scheme in ("tel", ""):
        return ""
    return "browsers do not open such an address"
