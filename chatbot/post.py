"""Postal addresses as policies print them: in lines of their own or within a sentence.

An address ends in a postal code, a country or a numbered district ("Dublin 2"); from there it is
followed back over its parts – town, street, company – to where the sentence or label before it
ends.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

MAX_PIECES, MAX_LENGTH = 9, 400  # lines and what stands between commas; characters
NAME = 60  # characters; a longer piece above the street is a sentence, no name
STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia"
    "|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts"
    "|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey"
    "|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington"
    "|West Virginia|Wisconsin|Wyoming"
)
COUNTRIES = (
    "USA|U\\.S\\.A\\.|US|U\\.S\\.|(?:The )?United States(?: of America)?|Canada|UK|U\\.K\\."
    "|(?:The )?United Kingdom|England|Scotland|Wales|(?:Republic of )?Ireland|France|Germany"
    "|Deutschland|Spain|Portugal|Italy|(?:[Tt]he )?Netherlands|Belgium|Luxembourg|Switzerland"
    "|Austria|Sweden|Norway|Denmark|Finland|Iceland|Poland|Czech Republic|Czechia|Slovakia"
    "|Hungary|Romania|Bulgaria|Greece|Cyprus|Malta|Croatia|Slovenia|Serbia|Estonia|Latvia"
    "|Lithuania|Ukraine|Turkey|T[uü]rkiye|Israel|United Arab Emirates|Saudi Arabia|South Africa"
    "|Nigeria|Kenya|Egypt|India|Singapore|Japan|(?:South )?Korea|Republic of Korea|China|Hong Kong"
    "|Taiwan|Thailand|Vietnam|Viet Nam|Malaysia|Indonesia|(?:The )?Philippines|Australia"
    "|New Zealand|Brazil|Brasil|Mexico|Argentina|Chile|Colombia|Peru|Panama"
)
STATE = rf"(?:[A-Z]{{2}}|[A-Z]\.[A-Z]\.|{STATES})"
STREET_WORD = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Boulevard|Blvd|Square|Place|Plaza|Quay|Wharf"
    r"|Court|Park|Parkway|Pkwy|Row|Way|Terrace|House|Tower|Mill|Building|Circle|Loop|Highway|Hwy"
    r"|Bluff|Gardens|Yard|Landing|Center|Centre)\b"
)
CODE = re.compile(
    rf"(?<![\w.]){STATE}\.?,?\s{{1,3}}\d{{5}}(?:-\d{{4}})?(?![\w-])"  # United States
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s{1,2}\d[A-Z]{2}\b"  # United Kingdom
    r"|\b[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d\b"  # Canada
    r"|\b(?:[AC-FHKNPRTV-Y]\d[\dW]) [0-9AC-FHKNPRTV-Y]{4}\b"  # Ireland
    r"|\bDublin \d{1,2}\b"
    # A code before or after the name of a town, as on the Continent and in Asia.
    r"|(?<![\w.#-])(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d{3} \d{2}|\d{3}-\d{4}"
    r"|\d{5}-\d{3})(?: ?[A-Z]{2})? "
    rf"[A-ZÅÄÖÉ][\w’'-]+(?!\s(?:[A-Z]\w+\s)?{STREET_WORD})(?: [A-ZÅÄÖÉ][\w’'-]+(?=\s*(?:[,.\n]"
    rf"|$)))?"
    r"|\b[A-ZÅÄÖÉ][\w’'-]+ (?:\d{5,6}|\d{3}-\d{4})(?![\w-])"
    r"|(?<=\s)\d{5,6}(?=\s*(?:,|\n|$))"
)
# Where an address may end, and what may follow its town.
END = re.compile(
    rf"(?P<code>{CODE.pattern})|(?:(?<=, )|(?<=\n)|(?<= ))(?P<country>{COUNTRIES})"
    r"(?=\s*(?:[.,;)|\n]|$))"
    r"|(?<=, )[A-Z]{2}(?=[,.;)\n]|$)"
)
AFTER = (
    re.compile(rf"[\s,(]{{0,40}}(?P<shown>(?:{COUNTRIES})(?![\w-]))"),
    re.compile(r"[\s,]{0,40}(?P<shown>\d{4,6}(?![\w-])|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b)"),
)
COUNTRY = re.compile(rf"(?:{COUNTRIES})")
PIECE_END = re.compile(r"\n|,(?!\d{3}\b)| · |;\s")
STREET = re.compile(
    r"(?<![\w.])\d{1,6}[A-Za-z]?(?:[-–/]\d{1,6})?,?\s+(?:[NSEW]\.?\s+)?(?=[A-Z0-9ÅÄÖÉ])"
    r"|\bP\.?\s?O\.?\s+Box\b|\bP\.?O\.?\s?B\.?\b|\bPost Office Box\b|\bFREEPOST\b|\bFreepost\b"
    rf"|[A-Z][\w’']+\.?\s+{STREET_WORD}"
    r"|^\d{1,5}[A-Za-z]?$|^[A-ZÅÄÖÉ][^\d\n]{2,40}\s(?:[Nn]o\.?\s?:?)?\d{1,4}[A-Za-z]?$"
)
NUMBERED = re.compile(r"\d|\bP\.?\s?O\.?\s+Box\b|FREEPOST|Freepost")
# What stands before an address in its sentence or line.
LEAD = re.compile(
    r"(?:\b(?:to|at|by (?:post|mail|letter)(?: to| at)?|is|are|address(?:es)?|located|mail|write"
    r"|or|and|with|from|in|means|that|via|reach)\s+(?:the\s+|our\s+)?|[:;·>]\s+|\(\s*"
    r"|\bMail\s+(?=\d)|\s[—–-]\s+(?=\d))(?=[\"“‘]?[A-Z0-9ÅÄÖÉ#℅]|c/o)"
)
SENTENCE = re.compile(r"(?<=[a-z0-9)]{2})[.!?][\"”’)]?\s+(?=[A-Z0-9])")
SHORTENED = re.compile(
    r"\b(?:Inc|Ltd|Co|Corp|LLC|No|St|Ave|Rd|Dr|Blvd|Attn|Dept|Bldg|Ste|Fl|Jr|Sok|Str|Cad|Mah|Jl"
    r"|Mr|Mrs|Ms|plc|Pty|Apt|Sta|Hwy|Pkwy|Sq)\Z"
)
NO_NAME = re.compile(
    r"@|https?:|www\.|\b(?:(?:e-?mail|telefax|tel|(?:tele)?phone|fax)(?: number)?\s*(?::|$|\+?\d)"
    r"|toll[- ]free|contact us|questions?|write to|mailing address|postal address"
    r"|last (?:updated|modified)|effective|copyright|for users?|data controller)\b|[?!]$",
    re.IGNORECASE,
)
MARKS = re.compile(r"\]\([^)\s]*(?:\s\"[^\"\n]*\")?\)|[*_\[\]\\|\xa0\u200b]|<br ?/?>")
SMALL = re.compile(r"(?!c/o\b)[a-z<]")
WITHIN_NAME = re.compile(r"(?:^|[\s&])[A-Z][\w.'’]*,? (?:and|or|in|of)\Z")
CLOSED = re.compile(r"\((?P<inside>[^()\n]{0,100})\)")
ATTENTION = re.compile(r"\bAtt(?:n|ention)\s*:?\Z")


def printed_addresses(raw: str) -> Iterator[tuple[int, str]]:
    """Every postal address that ``raw`` prints: where it ends, and its pieces on one line."""
    # Of the same length, without marks, so that places stay those of ``raw``.
    plain = MARKS.sub(lambda mark: _blank(mark.group()), raw)
    used = 0  # where the address before ends
    for end in END.finditer(plain):
        if end.start() < used:
            continue
        pieces = _followed_back(plain[max(used, end.start() - MAX_LENGTH) : end.end()])
        if not pieces:
            continue
        used = end.end()
        for pattern in AFTER:
            if after := pattern.match(plain, used):
                pieces.append(" ".join(after["shown"].split()))
                used = after.end()
        yield used, ", ".join(pieces)


def _blank(mark: str) -> str:
    """Spaces of the same length; what ends a cell or a line ends a piece."""
    if mark == "|" or mark.startswith("<br"):
        return "\n".ljust(len(mark))
    return " " * len(mark)


def _followed_back(text: str) -> list[str]:
    """The pieces of the address in which ``text`` ends; none when there is no street in it."""
    text = CLOSED.sub(r" \g<inside> ", text)
    ends = [0, *(mark.end() for mark in PIECE_END.finditer(text)), len(text)]
    pieces: list[str] = []
    has_street = False
    for start, end in reversed([*pairwise(ends)][-MAX_PIECES:]):
        piece = text[start:end].strip(" \t\r\n,;·()")
        if not piece:
            if has_street and text[:start].endswith("\n") and "\n" in text[start:end]:
                break  # an empty line above the street
            continue
        shown, whole = _after_lead(" ".join(piece.split()))
        town = not pieces
        street = STREET.search(CODE.sub("", shown) if town else shown)
        if not shown or NO_NAME.search(shown) or SMALL.match(shown):
            break
        if len(shown) > NAME and not street:
            break
        pieces.insert(0, shown)
        has_street = has_street or street is not None
        if not whole:
            break
    while pieces and COUNTRY.fullmatch(pieces[0]):
        pieces.pop(0)  # "registered in England, …"
    numbered = any(NUMBERED.search(piece) for piece in pieces)
    return pieces if has_street and numbered and len(pieces) > 1 else []


def _after_lead(shown: str) -> tuple[str, bool]:
    """What of a piece belongs to the address, and whether that is all of it."""
    begin = 0
    for stop in SENTENCE.finditer(shown):
        if not SHORTENED.search(shown[: stop.start()]):
            begin = stop.end()
    for lead in LEAD.finditer(shown, begin):
        # "Privacy and Security" is one name, and what follows "Attn:" belongs to it.
        before = shown[begin : lead.end()].rstrip()
        if not ATTENTION.search(before) and not WITHIN_NAME.search(before):
            begin = lead.end()
    return shown[begin:].strip(' "“”('), begin == 0
