"""A question in plain words → which companies, which days, what is asked, what came before."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chatbot.names import Names
from chatbot.types import Turn
from index.words import fold, stems

Form = Literal["yes_no", "how_to", "other"]

# What the answer has to contain, what that is called when it is missing, and how it looks.
MONTHS = "january february march april may june july august september october november december"
NUMBER = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty"
    r"|forty|forty-five|sixty|ninety)"
)
EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
PHONE = r"(?:\+?\d[\s().-]*){7,15}"
COUNTRIES = (
    r"\b(?:united states|(?-i:U\.S\.|USA?)|the us|america|canada|mexico|brazil|united kingdom|uk"
    r"|england|ireland|france|germany|spain|italy|netherlands|belgium|luxembourg|switzerland|sweden|norway"
    r"|denmark|finland|poland|european union|eu|eea|european economic area|india|china|hong kong"
    r"|japan|korea|singapore|taiwan|vietnam|philippines|indonesia|malaysia|thailand|australia"
    r"|new zealand|israel|turkey|russia|ukraine|south africa|argentina|chile|colombia)\b"
)


@dataclass(frozen=True, slots=True)
class Detail:
    """Something exact that a question asks for."""

    name: str  # as in "The policy does not give …"
    asked: re.Pattern[str]  # in the folded question
    given: re.Pattern[str]  # in the sentence as displayed

    def stands_in(self, text: str, question: str) -> bool:
        """Whether ``text`` gives it by something that the question does not name itself.

        "Which countries apart from the US?" is not answered by the United States.
        """
        named = {_one_name(match.group()) for match in self.given.finditer(question)}
        return any(_one_name(m.group()) not in named for m in self.given.finditer(text))


def _detail(name: str, asked: str, given: str, flags: re.RegexFlag = re.IGNORECASE) -> Detail:
    return Detail(name, re.compile(asked), re.compile(given, flags))


UNITED_STATES = {"united states", "u.s.", "us", "usa", "the us", "america"}


def _one_name(given: str) -> str:
    folded = given.lower()
    return "united states" if folded in UNITED_STATES else folded


DETAILS = (
    _detail(
        "a period",
        r"\bhow (?:long|soon|quick(?:ly)?|fast|far ahead|much (?:notice|warning|time))\b"
        r"|\bhow many (?:minutes|hours|days|weeks|months|years)\b|\bfor how many\b",
        rf"\b{NUMBER}[\s-]+(?:second|minute|hour|(?:business |calendar |working )?day|week|month"
        r"|year)s?\b|\bindefinitely\b|\bimmediately\b|\bat once\b|\bforever\b|\bpermanently\b",
    ),
    _detail(
        "an e-mail address",
        r"\b(?:what|which|exact|whats|what's|the)\b.{0,30}\bemail (?:address|do i|should i)\b"
        r"|\bwhat(?:'s| is) (?:the|their) email\b|\bemail address (?:do|should|can) i\b",
        EMAIL,
    ),
    _detail(
        "a phone number",
        r"\b(?:what|which|the) (?:phone |telephone )?number (?:do|can|should|to|for|i)\b"
        r"|\bwhat(?:'s| is| are)? (?:(?:the|their|its|your) )?(?:\w+ ){0,2}(?:tele)?phone number\b"
        r"|\bphone number (?:for|of|do|to)\b|\b(?:number|who) (?:do|can) i (?:call|ring|phone)\b",
        PHONE,
    ),
    _detail(
        "a price",
        r"\bhow much (?:does|do|is|will|would|money)\b|\bdoes it cost\b|\bcost me\b"
        r"|\b(?:what|any|is there a) (?:fee|cost|charge)\b",
        r"[$€£]\s?\d|\bfree of charge\b|\bfree\b|\bno (?:charge|fee|cost)\b|\bfee\b|\bcharge\b",
    ),
    _detail(
        "a country",
        r"\b(?:what|which) countr(?:y|ies)\b|\bwhere in the world\b|\bwhich (?:continent|state)\b",
        COUNTRIES,
    ),
    _detail(
        "a name",
        r"\bnames? of\b|\bits name\b|\btheir names?\b|\bname the\b|\bby name\b"
        r"|\b(?:what|which) (?:specific |exact )?(?:ad |advertising |analytics |payment |shipping "
        r"|delivery |outside |other )?(?:compan(?:y|ies)|firms?|partners?|provider|processor)\b",
        r"(?:such as|including|like|namely|named|called|by|with|are|use|from|to) "
        r"(?!(?:Web|Internet|Customers?|Users?|Services?|Third|You|Privacy|Personal|The|We)\b)"
        r"[A-Z][a-z]+[A-Z]?\w*",
        re.NOFLAG,
    ),
    _detail(
        "a number",
        r"\bhow many\b|\bhow (?:old|big|strong)\b|\bwhat age\b",
        rf"\d|\b{NUMBER}\b",
    ),
)

YES_NO = re.compile(
    r"(?:^|[.?!,;:-]\s*|\b(?:and|so|but|ok|okay|hey|hi|also|then)\s+)"
    r"(?:do|does|did|is|are|was|were|can|could|will|would|has|have|had|may|might|must|should|am)"
    r"(?:n't|nt)?\s+(?!i (?:opt|unsub|stop|delete|remove|contact))\w+"
)
# "if I leave, will they …", "once I stop paying does it …": turned round further inside.
INVERTED = re.compile(
    r"\b(?:do|does|did|is|are|was|were|can|could|will|would|has|have|may|might|must|should|am)"
    r"(?:n't|nt)?\s+(?:i|they|it|he|she|we|you|my|the|this|that|these|those|there|their|your"
    r"|any\w*|some\w*|all|every\w*|nobody|people|strangers)\b"
)
# "… , right?", "true or not?", "I wonder whether …", "so they sell it?", "sell my number?"
STATED = re.compile(
    r"(?:^|[\s,-])(?:right|correct|yes|yeah|true|or not|true or \w+|isn't it|don't they|do they"
    r"|possible|allowed)\W*$"
    r"|\b(?:whether|(?:know|wonder|wondering|tell me|ask|check|sure) if|is it true)\b"
    r"|^(?:(?:so|surely|then|and|but|ok|wait)\W+)*(?:they|you|it|we|i|he|she|my|your|nobody|no ?one"
    r"|everyone|anyone|people|this|that|there)\b[^?]*\?\W*$"
    r"|^(?:sell|share|rent|trade|track|record|collect|store|scan|read|spy on|pass)\b"
)
OPENING = re.compile(r"^\W*(?:(?:and|but|so|ok|okay|hey|hi|also|then)\W+)*")
HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|would|to|might) (?:i|you|we|one|my)\b|\bhow to\b|\bhow could i\b"
    r"|\bwho (?:do|can|should|must) i\b|\bwhere (?:do|can|should|would) i\b|\bmake it stop\b"
    r"|\bmake them stop\b|\bwhat (?:do|can|must|should) i (?:do|write|say|put|send)\b"
    r"|\b(?:want|like|need) (?:\w+ ){0,2}to (?:stop|delet|remov|eras|unsubscrib|get rid|quit"
    r"|contact)|\b(?:number|address) (?:do|can|should) i\b|\bstop (?:send|mail|email|call|bother)"
)
# A sentence that begins so asks for a detail, but not "when I leave, do they …".
ASKS = re.compile(r"(?:what(?! if| about| happens)|which|who|whom|where|why|how)\b")
WH = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b")
COMPARES = re.compile(
    r"\bwhat(?:'s| is| has| have)? changed\b|\bhow (?:has|have|did)\b.{0,40}\bchanged?\b|\bcompar"
    r"|\bdifferen\w+\b.{0,20}\b(?:between|from|than|since|in \d{4}|now)\b"
    r"|\b(?:what|how|any|anything|something|the|say|is|are|was|were|it)\b.{0,12}\bdifferen(?!tly)"
    r"|\bdiffer\b|\bchanged?\b.{0,40}\b(?:between|since|from)\b|\bversus\b|\bvs\b"
    r"|\b(?:than|like|as) (?:back )?(?:it did )?in \d{4}|\bsame\b.{0,40}\d{4}|\bboth\b.{0,20}\d{4}"
)
# Beside a day: "in 2022 … and today", "did it already say so in 2022 or is it new".
PRESENT = re.compile(
    r"\b(?:today|nowadays|currently|current|these days|at the moment|present|newest|latest)\b"
    r"|\bnow\W*$|\b(?:have|say|says|do|is|are|does|than|or|and) now\b|\bis (?:it|that|this) new\b"
)
DIFFERENCES = re.compile(r"\bdiffer|\bchang|\bcompar")
ASKS_FOR_DIFFERENCES = re.compile(
    r"\b(?:what(?:'s|’s| is| was| has)?\s+)?(?:(?:the )?differences?|different|differs?"
    r"|chang(?:ed?|es)|compar(?:ed?|ing|ison))(?:\s+(?:about|in|to|with|between|from|since))?\b",
    re.IGNORECASE,
)
FOLLOWS = re.compile(
    r"^(?:and|or|but|also|ok|okay|so|what about|how about|then|if (?:i|so|not)\b.{0,20}\bthat)\b"
)
# "How long does that take?", "can I switch it off?", but not "the card that I typed in".
REFERS = re.compile(
    r"\b(?:do|does|did|is|was|are|were|can|will|would|about|of|for|from|with|to|off|out|stop|switch"
    r"|turn|mean|by|doing|on)\s+(?:that|this|it|those|these|them)\b|\b(?:the same|do so)\b"
    r"|\b(?:that|this|it|those|these|them|there)\W*$"
)
# "Which of these shops …", "do all the companies here …": every company that is here.
OF_EVERYONE = re.compile(
    r"\b(?:which|any|all|none|each)(?: of)? (?:these|those|the|your)(?: \w+)?"
    r" (?:shops|stores|companies|sites|websites|retailers|brands|firms|services|apps)\b"
    r"|^(?:which|do any|does any|do all) of (?:them|these|those)\b"
)
FEW_WORDS = 3  # stems; a question with fewer, naming no company, lives on the one before it
YEAR = r"(?:19[89]\d|20\d\d)"
DATE_WORDS = re.compile(
    rf"\b(?P<iso>{YEAR}-\d\d-\d\d)\b"
    rf"|\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month>{'|'.join(m[:3] for m in MONTHS.split())})[a-z]*\.?,?\s+"
    rf"(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<month_year>{YEAR})\b"
    rf"|\b(?P<before>before|prior to|until)\s+(?P<before_year>{YEAR})\b"
    rf"|\b(?P<year>{YEAR})\b"
)
TIME = re.compile(
    rf"(?:\b(?:back )?(?:in|on|of|as of|since|before|by|until)\s+(?:the\s+)?)?"
    rf"(?:{re.sub(r'[?]P<[a-z_0-9]+>', '?:', DATE_WORDS.pattern)}),?",
    re.IGNORECASE,
)
YEARS = "one two three four five six seven eight nine ten".split()
# Beside a time that is named or was before: "three years later too?".
RELATIVE = re.compile(
    rf"\b(?P<many>\d{{1,2}}|an?|{'|'.join(YEARS)}) years? (?P<way>later|earlier)\b(?! than)",
    re.IGNORECASE,
)
MAX_TURNS, MAX_TURN = 10, 1000  # earlier questions that are read, characters of each
NOW = re.compile(r"\b(?:now|today|nowadays|currently|current|these days|at the moment|present)\b")


@dataclass(frozen=True, slots=True)
class Understood:
    """What is asked. Nothing here depends on what the policies say."""

    topic: str  # the question without companies and days, led by the one it goes on from
    companies: tuple[tuple[str, ...], ...]  # one for each name: the domains that it could mean
    unknown: str  # a company that is named and not in the index
    days: tuple[date, ...]  # the last day of each time that is named, in order
    by_year: bool  # whether the first of them stands for a whole year
    now: bool  # whether the present is named
    compares: bool  # whether two days are set side by side
    differences: bool  # whether it is asked what differs between them
    form: Form
    detail: Detail | None
    carried: bool  # whether the companies come from an earlier turn
    of_everyone: bool = False  # whether every company that is here is asked about

    @property
    def embedded(self) -> str:
        """What is embedded of the topic: a question mark must not change an answer."""
        return self.topic.rstrip(" ?!.…,") or self.topic


def understand(
    question: str,
    names: Names,
    history: Sequence[Turn] = (),
    correct: Callable[[str], str] = lambda text: text,
) -> Understood:
    """Read ``question`` after the user's own turns of ``history``, oldest first.

    ``correct`` mends the spelling of what is left when names and dates are taken out.
    """
    earlier = [turn.content[:MAX_TURN] for turn in history if turn.role == "user"][-MAX_TURNS:]
    named = names.find(question)
    companies, times, carried = named.companies, _times(question), False
    before, carried_time = "", False
    for turn in reversed(earlier):
        turn_named = names.find(turn)
        if not companies and not named.unknown and turn_named.companies:
            companies, carried = turn_named.companies, True
        same = not turn_named.companies or turn_named.companies == companies
        # A company named anew is asked about anew; two times were a comparison, now over.
        if not times and same and not named.companies and not NOW.search(fold(question)):
            times = _times(turn) if len(_times(turn)) == 1 else {}
            carried_time = bool(times)
        topic = correct(_without(turn, list(turn_named.spans)))
        before = before or (topic if stems(topic) else "")
    bare = _without(question, list(named.spans))
    relative = RELATIVE.search(fold(question)) if len(times) == 1 else None
    if relative:
        then = _moved(next(iter(times)), relative)
        times = {then: True} if carried_time else {**times, then: True}
        bare = RELATIVE.sub(" ", bare)
    bare = correct(" ".join(bare.split()))
    folded = fold(bare)
    depends = bool(before) and (
        FOLLOWS.search(folded) is not None
        or (REFERS.search(folded) is not None and len(stems(bare)) <= 2 * FEW_WORDS)
        or not stems(bare)
        or (len(stems(bare)) < FEW_WORDS and not named.companies)
    )
    form = _form(fold(_they(question, list(named.spans))))
    detail = next((d for d in DETAILS if d.asked.search(_one_spelling(folded))), None)
    return Understood(
        topic=f"{before} {bare}" if depends else bare,
        companies=companies,
        unknown=named.unknown,
        days=tuple(times),
        by_year=next(iter(times.values()), False),
        now=NOW.search(fold(question)) is not None,
        compares=_compares(fold(question), times),
        differences=DIFFERENCES.search(fold(question)) is not None,
        form=form,
        detail=detail if form != "yes_no" else None,
        carried=carried,
        of_everyone=OF_EVERYONE.search(fold(question)) is not None,
    )


def _compares(folded: str, times: dict[date, bool]) -> bool:
    """Whether two days are set side by side, be one of them today."""
    if COMPARES.search(folded):
        return True
    return len(times) == 1 and PRESENT.search(folded) is not None


def _form(folded: str) -> Form:
    if HOW_TO.search(folded):
        return "how_to"
    if any(_asks_yes_or_no(sentence) for sentence in re.split(r"(?<=[.?!])\s+", folded)):
        return "yes_no"
    return "other"


def _asks_yes_or_no(sentence: str) -> bool:
    first_wh, yes_no = WH.search(sentence), YES_NO.search(sentence)
    if yes_no and (first_wh is None or yes_no.start() < first_wh.start()):
        return True
    if first_wh is None:
        return INVERTED.search(sentence) is not None or STATED.search(sentence) is not None
    if ASKS.match(OPENING.sub("", sentence)):
        return False
    # "If I tell them how old she is, will they …": the detail stands in another clause.
    return any(
        re.search(r"[,;:-]\s*$", sentence[: match.start()]) for match in INVERTED.finditer(sentence)
    )


# What a question asks for, where no pattern of DETAILS fits: as in "does not give …".
ASKED_FOR = (
    ("a period", r"\bhow (?:long|soon|quick|fast)|\bwhen\b|\bdeadline\b|\bexpire"),
    ("how often", r"\bhow (?:often|frequent)"),
    ("a number", r"\bhow (?:many|much|old)\b"),
    ("a name", r"\bwho(?:m|se)?\b|\bname|\b(?:which|what) (?:\w+ )?(?:compan|firm|partner|vendor)"),
    ("a place", r"\bwhere\b|\bcountr"),
    ("the way to do it", r"\bhow (?:do|can|could|should|would) (?:i|we)\b"),
    ("the reason", r"\bwhy\b|\breasons?\b"),
    ("the kind", r"\b(?:what|which) (?:kind|sort|type)|\bwhat exactly\b|\bwhich\b|\bwhat\b"),
    ("the way it is done", r"\bhow\b"),
)


def missing_detail(topic: str) -> str:
    """Name what a question asks for and a policy leaves out, as in "does not give a name"."""
    folded = fold(topic)
    return next((name for name, asked in ASKED_FOR if re.search(asked, folded)), "that detail")


def _one_spelling(folded: str) -> str:
    return folded.replace("e-mail", "email").replace("e mail", "email")


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """``text`` without the names at ``spans`` and without dates."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    if COMPARES.search(fold(text)):
        text = ASKS_FOR_DIFFERENCES.sub(" ", text)
    return " ".join(TIME.sub(" ", text).split())


def _they(text: str, spans: list[tuple[int, int]]) -> str:
    """``text`` with "they" for the names at ``spans``, so that its order can be seen."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} they {text[end:]}"
    return text


def _times(text: str) -> dict[date, bool]:
    """The last day of each time that ``text`` names, in order → whether it is a whole year."""
    times: dict[date, bool] = {}
    for match in DATE_WORDS.finditer(fold(text)):
        try:
            times.setdefault(_last_day(match), match["year"] is not None)
        except ValueError:  # the 31st of a short month names no day
            continue
    return times


def _moved(day: date, relative: re.Match[str]) -> date:
    """The end of the year that lies so many years after ``day``, or before."""
    many = relative["many"]
    years = YEARS.index(many) + 1 if many in YEARS else int(many) if many.isdigit() else 1
    year = day.year + (years if relative["way"] == "later" else -years)
    return date(min(max(year, date.min.year), date.max.year), 12, 31)


def _last_day(match: re.Match[str]) -> date:
    if match["iso"]:
        return date.fromisoformat(match["iso"])
    if match["month"]:
        year = int(match["month_year"])
        month = [name[:3] for name in MONTHS.split()].index(match["month"]) + 1
        day = match["day"] or match["day2"]
        return date(year, month, int(day) if day else monthrange(year, month)[1])
    if match["before"]:
        return date(int(match["before_year"]), 1, 1) - timedelta(days=1)
    return date(int(match["year"]), 12, 31)
