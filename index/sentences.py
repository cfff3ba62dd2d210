"""Where the sentences of a cleaned passage begin and end."""

import re

# After these a full stop does not end a sentence, though a capital may follow.
ABBREVIATIONS = frozenset(
    "inc ltd co corp llc mr mrs ms dr st no nos vs etc e.g i.e a.k.a u.s u.k c.f.r jr sr art sec"
    " dept est approx p.o ave blvd rd attn ste bldg fl jan feb mar apr jun jul aug sep sept oct"
    " nov dec".split()
)
# … unless one of these follows, which begin sentences far more often than names.
STARTERS = re.compile(
    r"(?:We|You|If|The|This|These|That|Our|Your|In|For|It|They|However|When|To|Please|Any|All|By|As"
    r"|Such|Some|Where|Unless|No)\b"
)
SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])")
LIST_NUMBER = re.compile(r"\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})[.)]")
INNER_END = re.compile(r"[?!]\s")
LAST_WORD = re.compile(r"[\w.&]*\Z")
ADDRESS_LINE = 60  # characters; shorter lines without a full stop belong together, as in an address
LABEL = 40  # characters; a shorter opening "sentence" names what the next one is about


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a passage whose blocks stand on lines of their own.

    They are in order, hold no white space at either end, and leave out only white space. Short
    lines that follow each other, such as those of a postal address, are one.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _lines(text):
        begin = label_end = start
        for stop in SENTENCE_END.finditer(text, start, end):
            if begin == start and stop.start() - start <= LABEL and label_end == start:
                label_end = stop.end()  # "Order form. Contact information, such as …"
            elif _ends_sentence(text, begin, stop):
                spans.append((begin, len(text[: stop.end()].rstrip())))
                begin = stop.end()
        spans.append((begin, end))
    return [(start, end) for start, end in spans if start < end]


def _lines(text: str) -> list[tuple[int, int]]:
    """Spans of the lines, those of an address taken together."""
    lines: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if lines and _short(text[slice(*lines[-1])]) and _short(line):
            lines[-1] = (lines[-1][0], end)
        else:
            lines.append((start, end))
        start = end + 1
    return lines


def _short(line: str) -> bool:
    last = line.rsplit("\n", 1)[-1]
    stripped = last.rstrip()
    word = LAST_WORD.search(stripped.removesuffix("."))
    abbreviated = word is not None and word.group().lower() in ABBREVIATIONS  # "… Jr. St."
    ends = stripped.endswith(("!", "?", ":", ";")) or (stripped.endswith(".") and not abbreviated)
    return len(last) <= ADDRESS_LINE and not ends and INNER_END.search(last) is None


def _ends_sentence(text: str, begin: int, stop: re.Match[str]) -> bool:
    """Whether the mark matched by ``stop`` ends the sentence that begins at ``begin``."""
    if text[stop.start()] != ".":
        return True
    before = text[begin : stop.start()]
    if LIST_NUMBER.fullmatch(before.rsplit("\n", 1)[-1] + "."):
        return False
    word = LAST_WORD.search(before)
    last = word.group().lower() if word else ""
    if last in ABBREVIATIONS:
        return STARTERS.match(text, stop.end()) is not None
    return not (len(last) == 1 and last.isalpha())
