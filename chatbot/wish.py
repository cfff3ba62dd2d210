"""Whether a question wants something done, or only to know; and by which way, where it says so.

A policy may print an address in the very sentence that answers, but it is only of use to those who
want to write.
"""

import re
from dataclasses import dataclass

from chatbot.types import ActionType
from index.concepts import concepts
from index.words import fold

ASKER = r"(?:i|we|one|somebody|someone|people|a (?:parent|customer|member|user|person))"
DO = (
    r"(?:stop|end|quit|cancel|close|delete|erase|wipe|remove|scrub|kill|nuke|unsubscribe|opt|get"
    r"|take|pull|cut|turn|switch|shut|make|fix|correct|change|update|put|send|give|show|hand|let"
    r"|keep|block|ban|report|file|complain|object|appeal|refuse|limit|download|export|forget|undo"
    r"|withdraw|contact|write|e-?mail|mail|phone|call|ring|text|reach|speak|talk|ask|request"
    r"|order|hide|destroy|disable|deactivate|restrict|fight|phone it in|find out)"
)
HOW = (
    rf"\bhow (?:do|can|could|should|would|might|must|to|am|are|did)\s+(?:{ASKER})\b|\bhow to\b"
    r"|\bhow do you (?:opt|unsubscribe|get off|delete|cancel|contact|stop getting)\b"
    rf"|\bhow (?:exactly |precisely )?(?:do|can|could|should|would) {ASKER}\b|\bhow would that be"
    r"|(?:[,;:.–-]|\band|\bbut|\bor)\s*how\b\W*(?:exactly\W*)?$|\s[-–]\s*how\b"
    r"|^how(?:ever)? \w+ing\b|\bwhat(?:'s| is) the (?:way|procedure|process)\b"
    r"|\b(?:by what|what|any|is there a|which)(?: other)? (?:ways?|means|procedures?) (?:to|of"
    r"|can|do|for|are)\b"
    r"|\bhow does (?:one|somebody|someone|a (?:customer|member|user|person|parent))\b"
)
WHOM = (
    rf"\b(?:who|whom)(?:'s|s)?(?: \w+){{0,3}}? (?:do|can|could|should|must|would|shall"
    rf"|may) {ASKER}\b"
    r"|\bto whom\b|\b(?:who|whom) to\b|\bwho(?:'s| is) the (?:person|one|right person) to\b"
    r"|\bwho(?:'s| is)? (?:above|over) (?:you|them)\b|\bwhat (?:outside )?body handles\b"
    r"|\b(?:watchdog|ombudsman)\b"
    r"|\bwho (?:speaks|stands in) for\b"
)
WHERE = (
    r"\bwhere (?:do|can|could|should|must|would|shall|to|does (?:it|that|a)|is the (?:button"
    r"|switch|form|setting|link|page))\b|\bwhere(?:'s|s) the (?:button|switch|form|setting|link"
    r"|page|off)\b|\bwhere\?*$|\b(?:which|what) (?:menu|toggle|button|switch|setting|form|link"
    r"|page)\b(?:\W*$| (?:do|can|must|should|is it|for|to)\b)"
)
WHAT_NOW = (
    rf"\bwhat (?:do|can|could|must|should|would|shall) {ASKER} (?:\w+ )?(?:do|write|say|put|send"
    rf"|give"
    r"|click|tell|include|press|use|have to)\b|\bwhat now\b|\bwhat (?:must|should|does) (?:the"
    r"|my)"
    r" (?:letter|e-?mail|message|request)\b|\bwhat (?:\w+ ){0,2}(?:message|letter"
    r"|e-?mail) (?:have to"
    r" )?(?:say|contain)\b|\bwhat (?:can|could) be done\b|\bwhat(?: paperwork| papers)? (?:is"
    r"|are)"
    rf" needed\b|\bwhat would {ASKER} have had to\b|\bhave to (?:do|write|send|say) to\b"
    r"|\bwhat exactly did the message\b|\bwhat if {ASKER} want\b"
)
WISH = (
    r"\b(?:i|we)(?:'d|d| would)? (?:really |just |do |now |only )?(?:want|wanna|wish|like|need"
    r"|demand|insist|prefer)\b(?! to (?:know|understand|learn|hear|find out|be sure|check"
    r"|see (?:if|whether|what|how)))(?:[^.?!]{0,60})\b(?:to|gone|out|back|off|down|away|deleted"
    r"|erased|removed|stopped|wiped|closed|fixed|corrected|taken|it|a copy|the|you|them|every\w*"
    r"|human|my|none|no|in)\b|(?<!you )(?<!they )(?<!to )\b(?:want|wanna) (?:it|this|that|them|my"
    r"|me|out|to (?!know|understand|learn|hear|find out|see (?:if|whether|what|how))|the|you|a"
    r"|every|none)\b|\b(?:i|we) (?:do not|don't|dont|no longer) (?:want|wish|like)\b|\b(?:sick"
    r"|tired|fed up) (?:of|with)\b|\b(?:i'm|im|i am) done with\b|\bhad enough\b|\b(?:i|we)(?:'d"
    r"| would) (?:rather|prefer) (?:not|they|you)\b"
)
LIST = r"(?! (?:me )?(?:the |a |all )?(?:names?|list|number of|exact|truth))"
ORDER_START = (
    rf"(?:^|[.!?;:]\s+|\b(?:please|pls|plz) )(?:please |pls |plz |just |now |dear \w+ |ok |and "
    rf"|then )?"
    rf"(?:{DO}\b(?! (?:they|you|i|he|she)\b){LIST}|no more\b|enough\b)"
    r"|[,;–-]\s+(?:hand|give|send|stop|delete|take|get|fix|remove|make|erase|wipe|close|cancel"
    r"|get rid of) (?:it|me"
    r"|them|that|my|this|her|him|us)\b" + LIST
)
PLEASE = r"\b(?:right )?now\W*!|!!|\bmake (?:it|them|this|that)\b.{0,20}\bstop"
ADDRESS = (
    r"(?:add?ress|(?:tele)?phone(?: number)?|fax(?: number)?|number|hotline"
    r"|e-?mail(?: add?ress)?)"
)
CONTACT = (
    r"^(?:\w+ ){0,2}(?:snail[- ]?mail|postal|mailing|e-?mail|contact|phone|fax"
    r"|telephone)\b[- ]?(?:add?ress"
    r"(?:es)?|details|form|info(?:rmation)?|number|no)?\b(?: (?:for|of|to|at|pls|please|in"
    r"|from)\b|\W*$)"
    rf"|\b(?:what|which)(?:'s|s| is| are)? (?:the |their |its |your "
    rf"|an? )?[\w' -]{{0,30}}?\b{ADDRESS}\b"
    rf"(?:,? (?:for|of|to|do|can|should|where|at which|i|may|from|is there|behind)\b|\W*$)"
    rf"|\b(?:snail[- ]?mail|postal|mailing|paper mail) add?ress|\bat what {ADDRESS}\b"
    rf"|[.!?] {ADDRESS}\?|\b(?:got|have|is there|give me|need) (?:an?|the|their) (?:\w+ )?"
    rf"{ADDRESS}\b(?: \w+)? (?:for|of|to)\b|\bget (?:me )?in touch with\b|\bgive me (?:an?|the"
    rf"|their)"
    rf" (?:\w+ )?{ADDRESS}\b(?! of (?:weeks|days|people|times))|\bdirect line\b"
)
MAY = (
    r"\b(?:can|could|will|would) you (?:please |just )?(?:send|delete|remove|erase|give|wipe"
    r"|correct) (?:me|my|it|us)\b|"
    rf"\b(?:can|could|may|might|am|is there (?:a|any|some) (?:way|option|possibility"
    rf"|chance)(?: for me)?"
    rf"(?: to)?|is it possible(?: for me)? to)\s*(?:{ASKER}\s+)?(?:\w+ly |still |also |just "
    rf"|then |even "
    rf"|instead )?(?:allowed to |able to )?(?:{DO}|see|read|access)\b"
)
# "who gets my e-mail address" asks for none.
OWN = re.compile(
    rf"\b(?:my|our|his|her|its own|full|stored|scrambled|somebody's"
    rf"|someone's) (?:[\w-]+ ){{0,2}}?{ADDRESS}\b"
)
ACTING = re.compile("|".join((HOW, WHOM, WHERE, WHAT_NOW, WISH, ORDER_START, PLEASE, CONTACT)))
ASKS_A_WAY = re.compile("|".join((HOW, WHOM, WHERE)))
ASKS_CONTACT = re.compile(
    "|".join((WHOM, CONTACT, r"\bwhere (?:do|can|should|must) i (?:write|send)"))
)
ALLOWED = re.compile(MAY)
# Asks for a fact about the doing: how long it takes, what it costs, what happens after.
OF_A_FACT = re.compile(
    r"\bhow (?:long|soon|quick(?:ly)?|fast|often|many|much|old|far)\b|\bwhat happens\b"
    r"|\bwhat number of\b|\bwhat does (?:it|a|the|an)\b.{0,40}\bcost\b|\bby (?:when|what day)\b"
    r"|\bwhy\b|\bwill (?:there|they|it|my|i|you)\b.{0,60}$|^(?:if|when|once|after) "
)
BY: tuple[tuple[ActionType, re.Pattern[str]], ...] = (
    (
        "post",
        re.compile(
            r"\bsnail[- ]?mail\b|\b(?:postal|mailing|street) add?ress|\bpaper letter\b"
            r"|\bletter\b(?!box)|\bby post\b|\bpostcard\b|\bon paper\b|\bp\.?o\.? box\b"
        ),
    ),
    ("fax", re.compile(r"\bfax\b")),
    (
        "phone",
        re.compile(
            r"\bring\b|\bphone (?:it|in|them|number|someone|somebody|line)\b|\bby phone\b"
            r"|\btelephone\b|\bphone number\b|\bhotline\b|\bnumber (?:to|can|do) (?:i|call"
            r"|ring|we)\b|\bwh(?:o|om|at number) (?:do|can|should|to|may) i? ?(?:call|phone)"
            r"\b|\bnumber\?|\bcall (?:them|someone|somebody)\b|\bspeak to\b"
        ),
    ),
    (
        "email",
        re.compile(
            r"\be-?mail address\b|\bby e-?mail\b|\be-?mail (?:for|of|whoever|them|him)\b"
            r"|\bwh(?:o|om) (?:do|can|should|to) i e-?mail\b"
        ),
    ),
)
# Concepts that say for what one writes.
PURPOSES = frozenset(
    {
        *("delete", "correct", "access", "stop messages", "sell", "share", "others"),
        *(
            "marketing",
            "advertising",
            "cookies",
            "trackers",
            "do not track",
            "profiling",
            "children",
        ),
        *(
            "security",
            "breach",
            "own content",
            "death",
            "payment",
            "location",
            "recording",
            "login",
        ),
        *("health", "identity", "delivery", "biometric", "public"),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the one who asks wants to do."""

    acts: bool  # whether something is to be done: a way to do it is looked for
    may: bool  # whether it is asked if it can be done: a way is shown where the answer prints it
    by: tuple[ActionType, ...]  # the ways that are named; empty: any
    contact: bool  # whether an address or a number is itself what is asked for
    purposes: frozenset[str]  # concepts, of PURPOSES


def wish(question: str) -> Wish:
    """Read what ``question``, without names of companies, wants."""
    folded = OWN.sub("it", fold(question))
    acts = ACTING.search(folded) is not None
    may = ALLOWED.search(folded) is not None
    if OF_A_FACT.search(folded) and not ASKS_A_WAY.search(folded):
        acts = may = False
    by = tuple(kind for kind, pattern in BY if pattern.search(folded))
    contact = acts and ASKS_CONTACT.search(folded) is not None
    purposes = frozenset(concepts(folded)) & PURPOSES
    return Wish(acts, acts or may, by, contact, purposes)
