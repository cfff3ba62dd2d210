"""Telephone and fax numbers as policies print them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    convert_alpha_characters_in_number,
    format_number,
    parse,
)

# A number of which the country is not printed is one of the United States, or else one that
# begins with a 0, as in most of Europe, and is dialled as it stands.
HOME = "US"
LINK_TARGET = re.compile(r"\]\([^)\s]*\)|https?://\S+")
NATIONAL = re.compile(r"(?<![\w.,:/+-])\(?0\d{1,5}\)?(?:[ \xa0./-]?\d{2,8}){1,4}(?![\w/-])")
ZERO = re.compile(r"\(0\)")
VANITY = re.compile(
    r"(?<![\w-])(?:\+?1[-. ])?\(?8(?:00|33|44|55|66|77|88)\)?[-. ](?=[\dA-Z-]*[A-Z]{3})"
    r"[A-Z\d]{2,12}(?:-[A-Z\d]{1,10}){0,3}(?![\w-])"
)
SPOKEN_OF = re.compile(
    r"\b(?:call(?:ing)?|phon(?:e|ing)|ring(?:ing)?|dial(?:ling|ing)?|tel(?:ephon(?:e|ing))?"
    r"|telephone number|fax|facsimile|hotline|helpline|toll[- ]free|free(?:phone)?|reach(?:ed)? us"
    r"|office|desk|line|number|care|house|inquiries|enquiries|contact)\b[^\n]{0,40}\Z",
    re.IGNORECASE,
)
KIND = re.compile(
    r"\b(?:(?P<fax>fax(?:ing|ed)?|facsimile)|(?P<phone>call(?:ing)?|(?:tele)?phon(?:e|ing)|tel"
    r"|ring(?:ing)?|dial|voice|mobile|toll[- ]free))\b",
    re.IGNORECASE,
)
NEAR = 60  # characters before a number in which it is said what it is
MIN_DIGITS, MAX_DIGITS = 7, 15


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number in a text."""

    start: int
    end: int
    printed: str
    dialled: str  # + and digits, or digits as dialled within the country
    fax: bool


def printed_numbers(raw: str) -> Iterator[PrintedNumber]:
    """The numbers that ``raw`` prints to call or fax, in order; not those in link targets."""
    plain = LINK_TARGET.sub(lambda target: " " * len(target.group()), raw)
    # "+44 (0)20 …": the 0 is left out when dialled from abroad.
    plain = ZERO.sub(" " * 3, plain)
    found: dict[int, PrintedNumber] = {}
    for national in NATIONAL.finditer(plain):
        digits = re.sub(r"\D", "", national.group())
        if 9 <= len(digits) <= 12 and SPOKEN_OF.search(plain[: national.start()]):
            _add(found, raw, plain, national.start(), national.end(), digits)
    for match in PhoneNumberMatcher(plain, HOME, leniency=Leniency.POSSIBLE):
        if _is_number(plain, match.start, match.end):
            dialled = format_number(match.number, PhoneNumberFormat.E164)
            _add(found, raw, plain, match.start, match.end, dialled)
    for vanity in VANITY.finditer(plain):
        try:
            number = parse(convert_alpha_characters_in_number(vanity.group()), HOME)
        except NumberParseException:
            continue
        dialled = format_number(number, PhoneNumberFormat.E164)[
            :12
        ]  # what is dialled beyond is idle
        _add(found, raw, plain, vanity.start(), vanity.end(), dialled)
    yield from sorted(found.values(), key=lambda number: number.start)


def _add(
    found: dict[int, PrintedNumber], raw: str, plain: str, start: int, end: int, dialled: str
) -> None:
    if any(start < other.end and other.start < end for other in found.values()):
        return
    said = [kind for kind in KIND.finditer(plain, max(0, start - NEAR), start)]
    after = re.match(r"\s*\(?\s*(?:fax|facsimile)\b", plain[end:], re.IGNORECASE)
    fax = bool(said and said[-1]["fax"]) or (after is not None and not said)
    printed = " ".join(raw[start:end].split())
    found[start] = PrintedNumber(start, end, printed, dialled, fax)


def _is_number(plain: str, start: int, end: int) -> bool:
    """Whether digits in the form of a number are meant as one."""
    printed = plain[start:end]
    digits = re.sub(r"\D", "", printed)
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        return False
    if printed.startswith("+"):
        return True
    # 877-445-4486, (877) 445-4486, 1.877.445.4486: nothing else is written so.
    if re.fullmatch(r"(?:1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}", printed):
        return True
    if re.match(r"\d{1,3}(?:\.\d{1,3}){3}", printed):
        return False  # an address of the Internet
    return len(digits) in (10, 11) and SPOKEN_OF.search(plain[:start]) is not None
