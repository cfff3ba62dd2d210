"""Postal addresses as policies print them: in lines of their own or within a sentence.

An address ends in a postal code, a country or a numbered district ("Dublin 2"); from there it is
followed back over its parts – town, street, company – to where the sentence or label before it
ends.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

MAX_PARTS = 9  # lines and pieces between commas
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
    "|Austria|Sweden|Norway|Denmark|Finland|Iceland|Poland|Czech Republic|Czechia|Slovakia|Hungary"
    "|Romania|Bulgaria|Greece|Cyprus|Malta|Croatia|Slovenia|Serbia|Estonia|Latvia|Lithuania"
    "|Ukraine|Turkey|T[uü]rkiye|Israel|United Arab Emirates|Saudi Arabia|South Africa|Nigeria"
    "|Kenya|Egypt|India|Singapore|Japan|(?:South )?Korea|Republic of Korea|China|Hong Kong|Taiwan"
    "|Thailand|Vietnam|Viet Nam|Malaysia|Indonesia|Philippines|(?:The )?Philippines|Australia"
    "|New Zealand|Brazil|Brasil|Mexico|Argentina|Chile|Colombia|Peru|Panama"
)
STATE = rf"(?:[A-Z]{{2}}|[A-Z]\.[A-Z]\.|{STATES})"
CODE = re.compile(
    rf"(?<![\w.]){STATE}\.?,?\s{{1,3}}\d{{5}}(?:-\d{{4}})?(?![\w-])"  # United States
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s{1,2}\d[A-Z]{2}\b"  # United Kingdom
    r"|\b[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d\b"  # Canada
    r"|\b(?:[AC-FHKNPRTV-Y]\d[\dW]) [0-9AC-FHKNPRTV-Y]{4}\b"  # Ireland
    r"|\bDublin \d{1,2}\b"
    # A code before or after the name of a town, as on the Continent and in Asia.
    r"|(?<![\w.#-])(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d{3} \d{2}|\d{3}-\d{4})(?: [A-Z]{2})? "
    r"[A-ZÅÄÖÉ][\w’'-]+"
    r"|\b[A-ZÅÄÖÉ][\w’'-]+ (?:\d{5,6}|\d{3}-\d{4})(?![\w-])"
    r"|(?<=\s)\d{5,6}(?=\s*(?:,|\n|$))"
)
IN_COUNTRY = re.compile(rf"(?:{COUNTRIES})\.?")
ENDS_IN_COUNTRY = re.compile(rf"\s(?:{COUNTRIES})\.?$")
ONLY_STATE = re.compile(r"[A-Z]{2}")
CODE_ONLY = re.compile(r"\d{4,6}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d")
STREET_WORD = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Boulevard|Blvd|Square|Place|Plaza|Quay|Wharf"
    r"|Court|Park|Parkway|Pkwy|Row|Way|Terrace|House|Tower|Mill|Building|Circle|Loop|Highway|Hwy"
    r"|Bluff|Gardens|Yard|Landing|Center|Centre)\b"
)
STREET = re.compile(
    r"(?<![\w.])\d{1,6}[A-Za-z]?(?:[-–/]\d{1,6})?,?\s+(?:[NSEW]\.?\s+)?(?=[A-Z0-9ÅÄÖÉ])"
    r"|\bP\.?\s?O\.?\s+Box\b|\bP\.?O\.?\s?B\.?\b|\bPost Office Box\b|\bFREEPOST\b|\bFreepost\b"
    rf"|[A-Z][\w’']+\.?\s+{STREET_WORD}"
    r"|[A-ZÅÄÖÉ][\w’'.-]*(?:\s[A-ZÅÄÖÉ][\w’'.-]*){0,3},?\s(?:[Nn]o\.?\s?:?)?\d{1,4}[A-Za-z]?(?![\w%])"
)
NUMBERED = re.compile(r"\d|\bP\.?\s?O\.?\s+Box\b|FREEPOST|Freepost")
# What stands before an address in its sentence or line.
LEAD = re.compile(
    r"(?:\b(?:to|at|by (?:post|mail|letter)(?: to| at)?|is|are|address(?:es)?|located|mail|write"
    r"|or|and|with|from|in|means|that|our|via|reach)|[:;(—–·>]|\bMail(?=\s\d)|\s[-/]{1,2})\s+"
    r"(?=[\"“‘]?[A-Z0-9ÅÄÖÉ#℅])"
)
SENTENCE = re.compile(r"(?<=[a-z0-9)]{2})[.!?][\"”’)]?\s+(?=[A-Z0-9])")
SHORTENED = re.compile(
    r"\b(?:Inc|Ltd|Co|Corp|LLC|No|St|Ave|Rd|Dr|Blvd|Attn|Dept|Bldg|Ste|Fl|Jr|Sok|Str|Cad|Mah|Jl"
    r"|Mr|Mrs|Ms|plc|Pty|Apt|Sta|Hwy|Pkwy|Sq)\Z"
)
NO_NAME = re.compile(
    r"@|https?:|www\.|\b(?:e-?mail|tele(?:phone|fax)|phone|fax|toll[- ]free|contact us|questions?"
    r"|write to|mailing address|postal address|last (?:updated|modified)|effective|copyright"
    r"|for users?|data controller)\b|[?!]$",
    re.IGNORECASE,
)
MARKS = re.compile(r"\]\([^)\s]*(?:\s\"[^\"\n]*\")?\)|[*_\[\]\\|\xa0\u200b]|<br ?/?>")
SMALL = re.compile(r"(?:[a-z]|and\b|or\b)")


def printed_addresses(raw: str) -> Iterator[tuple[int, str]]:
    """Every postal address that ``raw`` prints: where it ends, and its parts set on one line."""
    if not CODE.search(raw) and not re.search(COUNTRIES, raw):
        return
    # Of the same length, without marks, so that places stay those of ``raw``.
    plain = MARKS.sub(lambda mark: _blank(mark.group()), raw)
    parts = _parts(plain)
    used = -1  # the last part of the address before
    for number in range(len(parts)):
        if number <= used or not _may_end(plain, parts, number):
            continue
        address = _followed_back(plain, parts, number, used)
        if not address:
            continue
        last = number
        for after in range(number + 1, min(number + 3, len(parts))):
            shown = _shown(plain, parts[after])
            if not (IN_COUNTRY.fullmatch(shown) or CODE_ONLY.fullmatch(shown)):
                break
            address.append(shown.rstrip("."))
            last = after
        used = last
        yield parts[last][1], ", ".join(address)


def _blank(mark: str) -> str:
    """Spaces of the same length; what ends a cell or a line ends a piece."""
    if mark == "|" or mark.startswith("<br"):
        return "\n".ljust(len(mark))
    return " " * len(mark)


def _parts(plain: str) -> list[tuple[int, int]]:
    """Spans of the pieces between line ends, commas and middle dots, none of them empty."""
    ends = [0, *(mark.end() for mark in re.finditer(r"\n|,(?!\d{3}\b)| · |;\s", plain)), len(plain)]
    spans = []
    for start, end in pairwise(ends):
        if plain[start:end].strip(" \t\r\n,;·"):
            spans.append((start, end))
    return spans


def _shown(plain: str, span: tuple[int, int]) -> str:
    text = " ".join(plain[slice(*span)].strip(" \t\r\n,;·()").split())
    # A sentence may go on after an address.
    return text.removesuffix(".") if not re.search(r"\b\w\.\w?\.$|\b(?:Inc|Ltd|Co)\.$", text) else text


def _may_end(plain: str, parts: list[tuple[int, int]], number: int) -> bool:
    shown = _shown(plain, parts[number])
    if IN_COUNTRY.fullmatch(shown) or ONLY_STATE.fullmatch(shown) or CODE.search(shown):
        return True
    return ENDS_IN_COUNTRY.search(shown) is not None and len(shown) <= NAME


def _followed_back(
    plain: str, parts: list[tuple[int, int]], number: int, used: int
) -> list[str] | None:
    """The pieces of the address that ends in a part; None when there is no street among them."""
    found: list[str] = []
    has_street = False
    for at in range(number, max(used, number - MAX_PARTS), -1):
        start, end = parts[at]
        if found and _apart(plain, end, has_street=has_street):
            break
        shown = _shown(plain, (start, end))
        if at == number:
            shown = _up_to_code(shown)
        cut, whole = _after_lead(shown)
        if not cut or NO_NAME.search(cut) or SMALL.match(cut):
            break
        if len(cut) > NAME and has_street:
            break
        found.insert(0, cut)
        has_street = has_street or (STREET.search(cut) is not None and not CODE.fullmatch(cut))
        if not whole:
            break
    if not has_street or not any(NUMBERED.search(piece) for piece in found):
        return None
    bare = [piece for piece in found if not IN_COUNTRY.fullmatch(piece)]
    return found if len(bare) > 1 or (bare and STREET.search(bare[0]) and len(found) > 1) else None


def _apart(plain: str, end: int, *, has_street: bool) -> bool:
    """Whether what follows a part is so far away that the part belongs to something else."""
    gap = re.match(r"\s*", plain[end:])
    tail = plain[:end][len(plain[:end].rstrip()) :] + (gap.group() if gap else "")
    return has_street and tail.count("\n") > 1


def _up_to_code(shown: str) -> str:
    """The last part of an address, without the sentence that goes on after it."""
    last = None
    for last in CODE.finditer(shown):
        pass
    if last is None:
        return shown
    country = re.match(rf"[\s(]+(?:{COUNTRIES})\b", shown[last.end() :])
    return shown[: last.end() + (country.end() if country else 0)]


def _after_lead(shown: str) -> tuple[str, bool]:
    """What of a part belongs to the address, and whether that is all of it."""
    begin = 0
    for stop in SENTENCE.finditer(shown):
        if not SHORTENED.search(shown[: stop.start()]):
            begin = stop.end()
    for lead in LEAD.finditer(shown, begin):
        if not re.search(r"\bAttn\s*:?\s*\Z|\bAttention\s*:?\s*\Z", shown[: lead.end()]):
            begin = lead.end()
    return shown[begin:].strip(" \"“”"), begin == 0
