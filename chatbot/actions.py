"""What a quoted text prints – an address, a number, a form – → something to do."""

import re
from collections.abc import Iterator
from urllib.parse import quote as percent_encoded
from urllib.parse import unquote, urlsplit

from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, format_number

from chatbot.types import Action
from index.clean import display

EMAIL = re.compile(r"(?<![\w.+%-])\w[\w.+%'-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}", re.I)
MAILTO_FIELDS = re.compile(r"(?<=[\w])\?[^)\s]{1,500}(?=\))")
LINK = re.compile(
    r"(?<!!)\[(?P<label>[^\[\]]{1,200})\]\((?P<target>https?://[^\s()]{1,2000})[^)]{0,300}\)"
)
ARCHIVE = re.compile(
    r"https?://web\.archive\.org/web/\d{1,14}[a-z_]{0,4}/(?=https?(?::|%3a))", re.IGNORECASE
)
URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"  # beside letters, digits and -._ ; others are encoded
FAX = re.compile(r"\b(?:fax|facsimile)\b[^0-9+]{0,25}\Z", re.IGNORECASE)
# A postal address in the United States: a street number or a box, then state and ZIP code.
ZIP = re.compile(r"\b[A-Z]{2}\s{1,3}\d{5}(?:-\d{4})?\b")
STREET = re.compile(r"\b(?:\d{1,6}[A-Za-z]?\s+(?=[A-Z0-9])|P\.?\s?O\.?\s+Box\b)")
ADDRESS_LINES = 5
NAME_LINE = 60  # characters; a longer line above the street is a sentence, no name

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
PASSWORD = re.compile(r"\bpass(?:word|code)s?\b|\bpin\b", re.IGNORECASE)


def find_actions(raw: str, citation: int) -> list[Action]:
    """Everything that the quoted text ``raw`` prints to act by, in the order in which it stands.

    Only what is printed is filled in; a password never is, even where the policy asks for it.
    """
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
    for match in EMAIL.finditer(printed):
        address = match.group()
        href = f"mailto:{percent_encoded(address, safe='@+')}" + (f"?{query}" if query else "")
        yield match.start(), Action("email", "Write the e-mail", href, address, citation)


def _phones(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    outside_links = re.sub(r"\]\([^)\s]*\)", lambda match: " " * len(match.group()), raw)
    for match in PhoneNumberMatcher(outside_links, "US"):
        number = format_number(match.number, PhoneNumberFormat.E164)
        printed = " ".join(match.raw_string.split())
        if FAX.search(outside_links[: match.start]):
            action = Action("fax", f"Copy fax number {printed}", None, printed, citation)
        else:
            action = Action("phone", f"Call {printed}", f"tel:{number}", printed, citation)
        yield match.start, action


def _links(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    for match in LINK.finditer(raw):
        target = ARCHIVE.sub("", match["target"])
        if target != match["target"]:
            target = unquote(target)  # the archive writes the company's address percent-encoded
        target = percent_encoded(target.rstrip("'\""), safe=URL_CHARACTERS)
        try:
            host = urlsplit(target).hostname
        except ValueError:
            continue  # no address at all
        if host in (None, "web.archive.org"):
            continue  # a page of the archive itself, which the company never printed
        label = f"Open “{display(match['label'])}”"
        yield match.start(), Action("link", label, target, target, citation)


def _addresses(raw: str, citation: int) -> Iterator[tuple[int, Action]]:
    for code in ZIP.finditer(raw):
        lines: list[str] = []
        for line in reversed(raw[: code.end()].split("\n")[-ADDRESS_LINES:]):
            shown = display(line)
            street = None if any(STREET.search(below) for below in lines) else STREET.search(shown)
            if street:
                lines.insert(0, shown[street.start() :])
                if street.start():
                    break  # what stands before the street is a label or a sentence
            elif not shown or len(shown) > NAME_LINE or re.search(r"[:@.!?]$|[:@]|\d{4}", shown):
                if lines:
                    break
                lines.insert(0, shown)
            else:
                lines.insert(0, shown)
        if any(STREET.search(line) for line in lines):
            text = ", ".join(lines)
            yield code.start(), Action("post", "Copy postal address", None, text, citation)
