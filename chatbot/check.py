"""What a shop's visitors will ask and its policy leaves open: what to write before someone asks.

Each topic is asked in several ways and is left open when most of them find no answer. Nothing here
is legal advice. No link is opened: those that look dead are told by their address alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from chatbot.actions import ARCHIVE, find_actions
from chatbot.bot import Chatbot
from chatbot.cite import cite
from chatbot.polarity import polarity
from chatbot.types import Answer, Citation
from chatbot.understand import YES_NO
from index.clean import display
from index.policy_index import PolicyIndex
from index.types import Snapshot

READ_PASSAGES = 12  # for contradictions, of each question
ANSWERED = ("answer", "partly")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people ask of privacy policies, and what a policy would say of it."""

    name: str
    write: str  # what to write where it is missing
    questions: tuple[str, ...]  # as visitors put it, about "you"


TOPICS = (
    Topic(
        "selling",
        "whether you sell or rent personal information",
        ("do you sell my information?", "is my data sold to anyone?", "do you rent my details?"),
    ),
    Topic(
        "sharing",
        "with whom you share personal information, and what for",
        (
            "who do you share my information with?",
            "do you give my data to other companies?",
            "do third parties get my personal information?",
        ),
    ),
    Topic(
        "advertising",
        "whether information is used for advertising, and how to refuse",
        (
            "do you use my data for advertising?",
            "are ads targeted at me?",
            "do ad networks track me here?",
        ),
    ),
    Topic(
        "opting out",
        "how to stop marketing messages",
        (
            "how do I stop your e-mails?",
            "how do I unsubscribe?",
            "can I opt out of marketing messages?",
        ),
    ),
    Topic(
        "deletion",
        "how someone has personal information deleted, and how soon it is",
        (
            "how do I have my information deleted?",
            "can I erase my account and data?",
            "will you remove my personal data if I ask?",
        ),
    ),
    Topic(
        "access",
        "how someone gets a copy of what you hold about them",
        (
            "how do I see what information you have about me?",
            "can I get a copy of my data?",
            "can I access my personal information?",
        ),
    ),
    Topic(
        "correction",
        "how someone has wrong information corrected",
        (
            "how do I correct my information?",
            "can I change wrong details about me?",
            "can I update my personal information?",
        ),
    ),
    Topic(
        "keeping",
        "for how long each kind of information is kept, and what happens to it then",
        (
            "how long do you keep my information?",
            "when is my data deleted?",
            "what is your data retention period?",
        ),
    ),
    Topic(
        "children",
        "what holds for children, and from which age",
        (
            "do you collect information from children?",
            "how old must I be to use the site?",
            "what about kids under 13?",
        ),
    ),
    Topic(
        "cookies",
        "which cookies are set, what for, and how to refuse them",
        (
            "what do you use cookies for?",
            "do you use cookies?",
            "how do I turn off cookies?",
        ),
    ),
    Topic(
        "location",
        "whether you learn where someone is, and how exactly",
        (
            "do you track my location?",
            "do you know where I am?",
            "do you collect GPS or location data?",
        ),
    ),
    Topic(
        "security",
        "how information is protected",
        (
            "how do you protect my information?",
            "is my data encrypted?",
            "how is my personal information kept secure?",
        ),
    ),
    Topic(
        "breach",
        "whether and when you tell people that their information was stolen",
        (
            "will you tell me if my data is stolen?",
            "what happens after a data breach?",
            "do you notify customers of a security breach?",
        ),
    ),
    Topic(
        "payment",
        "what happens to card numbers",
        (
            "do you store my credit card number?",
            "what happens to my payment details?",
            "who processes my card payment?",
        ),
    ),
    Topic(
        "transfer abroad",
        "in which countries information is kept",
        (
            "what country is my data kept in?",
            "is my data transferred abroad?",
            "do you send my information to other countries?",
        ),
    ),
    Topic(
        "authorities",
        "when you give information to police or courts",
        (
            "would you give my information to the police?",
            "do you disclose data because of a court order?",
            "do you share information with law enforcement?",
        ),
    ),
    Topic(
        "sale of the business",
        "what becomes of the information when the business is sold",
        (
            "what happens to my data if you are bought?",
            "is my information transferred in a merger?",
            "if the business is sold, who gets my data?",
        ),
    ),
    Topic(
        "changes",
        "how people learn that the policy has changed, and when it last did",
        (
            "will you tell me when this policy changes?",
            "how do I find out about changes to the privacy policy?",
            "when was this policy last updated?",
        ),
    ),
    Topic(
        "contact",
        "whom to ask about privacy, with an address that is read",
        (
            "who do I contact about privacy?",
            "what e-mail address do I write to with questions?",
            "how do I reach you about this policy?",
        ),
    ),
    Topic(
        "refusing",
        "what someone cannot do who gives no information",
        (
            "do I have to give you my information?",
            "what happens if I refuse to give my details?",
            "can I use the site without giving personal data?",
        ),
    ),
)

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
    question: str  # the first of those asked that found the least
    write: str
    behaviour: str  # answer, partly or not_stated
    missing: str | None
    quote: Citation | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences that seem to say yes and no to one question."""

    question: str
    yes: Citation
    no: Citation


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
        contradictions=tuple(_contradictions(policy_index, bot, snapshot)),
        contacts=tuple(one.text for one in printed if one.type != "link"),
        links=tuple(dict.fromkeys(dead_links(snapshot))),
    )


def _checked(bot: Chatbot, company: str, topic: Topic) -> Checked:
    """The behaviour that most wordings find; the better one where as many find another."""
    answers = {
        question: bot.ask(question, company=company, only_company=True)
        for question in topic.questions
    }
    found = Counter(_behaviour(answer) for answer in answers.values())
    behaviour = max(("answer", "partly", "not_stated"), key=lambda kind: found[kind])
    question, answer = next((q, a) for q, a in answers.items() if _behaviour(a) == behaviour)
    quote = answer.citations[0] if answer.citations else None
    return Checked(topic.name, question, topic.write, behaviour, answer.missing, quote)


def _behaviour(answer: Answer) -> str:
    return answer.behaviour if answer.behaviour in ANSWERED else "not_stated"


def _contradictions(
    policy_index: PolicyIndex, bot: Chatbot, snapshot: Snapshot
) -> Iterator[Contradiction]:
    """For each yes/no question the first plain yes beside the first plain no."""
    seen: set[tuple[int, int]] = set()
    for topic in TOPICS:
        for question in filter(YES_NO.match, topic.questions):
            said: dict[str, Citation] = {}
            for hit in bot.search(question, company=snapshot.company, limit=READ_PASSAGES):
                for place, sentence in enumerate(hit.sentences):
                    text = hit.passage.text[sentence.start : sentence.end]
                    side = polarity(question, text)
                    if side and side not in said:
                        said[side] = cite(policy_index, hit, place, place, len(said) + 1)
            if len(said) == 2:
                pair = (said["yes"].start, said["no"].start)
                if pair not in seen:
                    seen.add(pair)
                    yield Contradiction(question, said["yes"], said["no"])


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
