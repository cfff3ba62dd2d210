"""What a quoted text prints – an address, a number, a form – → something to do."""

import re
from collections.abc import Iterator
from urllib.parse import quote as percent_encoded
from urllib.parse import unquote, urlsplit

from chatbot.phones import printed_numbers
from chatbot.post import printed_addresses
from chatbot.types import Action
from index.clean import display

EMAIL = re.compile(r"(?<![\w.+%`-])\w[\w.+%'-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}", re.I)
# "privacy at shop dot com", "privacy [at] shop [dot] com": written so to be kept from robots.
AT, DOT = (
    rf"\s{{0,2}}[\[({{]\s?(?:{word}|{mark})\s?[\])}}]\s{{0,2}}"
    for word, mark in (("at", "@"), ("dot", r"\."))
)
SPELT_EMAIL = re.compile(
    rf"(?<![\w.+%-])\w[\w.+-]{{0,63}}(?:{AT}(?:[a-z0-9-]{{1,63}}(?:{DOT}|\sdot\s|\.)){{1,4}}"
    rf"|\sat\s(?:[a-z0-9-]{{1,63}}(?:{DOT}|\sdot\s)){{1,4}})[a-z]{{2,24}}\b",
    re.IGNORECASE,
)
SPELT_AT, SPELT_DOT = re.compile(rf"{AT}|\s(?:at)\s", re.I), re.compile(rf"{DOT}|\s(?:dot)\s", re.I)
MAILTO_FIELDS = re.compile(r"(?<=[\w])\?[^)\s]{1,500}(?=\))")
LINK = re.compile(
    r"(?<!!)\[(?P<label>[^\[\]]{1,200})\]\((?P<target>https?://[^\s()]{1,2000})[^)]{0,300}\)"
)
# An address of the web that stands in the text; a bare name of a host only where one is sent there.
BARE_LINK = re.compile(
    r"(?<![\w@/(<\[.-])(?:https?://[^\s()<>\[\]\"“”‘’|*`]{4,2000}"
    r"|www\.[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/[^\s()<>\[\]\"“”‘’|*`]{1,500}"
    r"|(?<=visit )(?:www\.)[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|(?<=go to )(?:www\.)[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|(?<=visiting )(?:www\.)[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})",
    re.IGNORECASE,
)
ARCHIVE = re.compile(
    r"https?://web\.archive\.org/web/\d{1,14}[a-z_]{0,4}/(?=https?(?::|%3a))", re.IGNORECASE
)
URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"  # beside letters, digits and -._ ; others are encoded

QUOTED = r"[\"“'‘](?P<{0}>[^\"”]{{1,80}})[\"”'’]|(?P<{0}_bare>[A-Z][\w-]{{1,30}})"
VERBS = (
    r"(?i:typ(?:e|ing)|stat(?:e|ing)|writ(?:e|ing)|put(?:ting)?|enter(?:ing)?|with|includ(?:e|ing)"
    r"|say(?:ing)?|using|replying to|reply(?:ing)? with|the words?|of)"
)
SUBJECT = re.compile(
    rf"\b{VERBS},?\s+(?:{QUOTED.format('words')})\s+(?:included\s+)?(?:in|as|on)\s+(?:the|your)\s+"
    rf"(?:e-?mail\s+)?subject"
)
BODY = re.compile(
    rf"\b{VERBS},?\s+(?:{QUOTED.format('words')})\s+(?:included\s+)?in\s+(?:the|your)\s+"
    rf"(?:body|text|message)"
)
DEMANDED = re.compile(
    r"\binclude\s+(?:your|the following:?)\s+(?P<things>[^.;:]{3,160}?)"
    r"(?:\s+in\s+[^.;]*)?(?=[.;]|$)",
    re.IGNORECASE,
)
# Without any of these there is no address, number or link.
PRINTS = re.compile(r"[@\d]|[\[({]\s?at\s?[\])}]|://|www\.|\bdot\b|\bBox\b|FREEPOST", re.IGNORECASE)
PASSWORD = re.compile(r"\bpass(?:word|code)s?\b|\bpin\b", re.IGNORECASE)


def find_actions(raw: str, citation: int) -> list[Action]:
    """Everything that the quoted text ``raw`` prints to act by, in the order in which it stands.

    Only what is printed is filled in; a password never is, even where the policy asks for it.
    """
    if not PRINTS.search(raw):
        return []
    found = [
        *_emails(raw, citation),
        *_phones(raw, citation),
        *_links(raw, citation),
        *_addresses(raw, citation),
    ]
    unique: dict[tuple[str, str], Action] = {}
    for _, action in sorted(found, key=lambda place: place[0]):
        # The same number may be printed in two ways, the same address in two spellings.
        same = action.href if action.type == "phone" and action.href else action.text.lower()
        unique.setdefault((action.type, same), action)
    return list(unique.values())


def asks_for_password(raw: str) -> bool:
    """Whether a quote tells the reader to send a password along."""
    demanded = DEMANDED.search(display(raw))
    return demanded is not None and PASSWORD.search(demanded["things"]) is not None


def prescribed_words(raw: str, pattern: re.Pattern[str]) -> str:
    """The words that a quote prescribes for the subject (SUBJECT) or the message (BODY)."""
    match = pattern.search(display(raw))
    words = (match["words"] or match["words_bare"] or "").strip() if match else ""
    return "" if PASSWORD.search(words) else words


def _emails(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    subject, body = prescribed_words(raw, SUBJECT), prescribed_words(raw, BODY)
    lines = [body] if body else []
    demanded = DEMANDED.search(display(raw))
    if demanded:
        things = re.split(r",\s*(?:and\s+)?|\s+and\s+", demanded["things"])
        wanted = [thing.strip() for thing in things if not PASSWORD.search(thing)]
        lines += [f"{thing[:1].upper()}{thing[1:]}: [your {thing}]" for thing in wanted if thing]
    query = "&".join(
        f"{field}={percent_encoded(value)}"
        for field, value in (("subject", subject), ("body", "\r\n".join(lines)))
        if value
    )
    # What a link would add to a message, such as other recipients, is not printed.
    printed = MAILTO_FIELDS.sub(lambda fields: " " * len(fields.group()), raw)
    spelt = [
        (match.start(), SPELT_DOT.sub(".", SPELT_AT.sub("@", match.group())))
        for match in SPELT_EMAIL.finditer(printed)
    ]
    plain = [(match.start(), match.group()) for match in EMAIL.finditer(printed)]
    for start, address in [*plain, *spelt]:
        href = f"mailto:{percent_encoded(address, safe='@+')}" + (f"?{query}" if query else "")
        yield start, Action("email", "Write the e-mail", href, address, citation)


def _phones(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    for number in printed_numbers(raw):
        printed = number.printed
        if number.fax:
            action = Action("fax", f"Copy fax number {printed}", None, printed, citation)
        else:
            href = f"tel:{number.dialled}"
            action = Action("phone", f"Call {printed}", href, printed, citation)
        yield number.start, action


def _links(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    for match in LINK.finditer(raw):
        target = ARCHIVE.sub("", match["target"])
        if target != match["target"]:
            target = unquote(target)  # the archive writes the company's address percent-encoded
        action = _link(target, display(match["label"]), citation)
        if action:
            yield match.start(), action
    # What a label repeats of its own target is found above.
    bare = LINK.sub(lambda link: " " * len(link.group()), raw)
    for match in BARE_LINK.finditer(bare):
        printed = match.group().rstrip(".,;:!?'\"")
        target = printed if "://" in printed else f"https://{printed}"
        action = _link(ARCHIVE.sub("", target), printed, citation)
        if action:
            yield match.start(), action


def _link(target: str, label: str, citation: int) -> Action | None:
    """The page at ``target``; None where that is no address or a page of the archive's own."""
    target = percent_encoded(target.rstrip("'\""), safe=URL_CHARACTERS)
    try:
        host = urlsplit(target).hostname
    except ValueError:
        return None
    if host in (None, "web.archive.org"):
        return None
    return Action("link", f"Open “{label}”", target, target, citation)


def _addresses(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    for end, address in printed_addresses(raw):
        yield end, Action("post", "Copy postal address", None, address, citation)
