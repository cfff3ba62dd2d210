"""Ways to say a thing and ways to say its opposite: "keep" against "wipe", "share" against "hide".

A question and a sentence that lean the same way on one matter say the same of it, whatever their
words; a negation turns what stands in its reach. The expressions hold for policies in general;
they were written beside the questions of ``benchmarks/training``, which they therefore flatter.
"""

import re
from itertools import pairwise
from typing import NamedTuple

# Matter → what affirms it, what is its opposite; whole words, matched in folded text.
OPPOSITES: dict[str, tuple[str, str]] = {
    "sell": (
        r"sell\w*|sold|rent(?:ed|s|ing)?|trad(?:e|es|ed|ing)|swap\w*|flog\w*|hawk\w*"
        r"|moneti[sz]\w*|for (?:money|cash|profit|a fee)|make money|peddl\w*|in exchange for",
        r"for free",
    ),
    "disclose": (
        r"shar(?:e|es|ed|ing)|sell\w*|sold|rent(?:ed|s|ing)?|giv(?:e|es|en|ing)(?! me)|gave"
        r"|hand(?:s|ed|ing)?(?: \w+)? (?:over|out|to|round|around|on)|hand(?:s|ed|ing)?"
        r"|(?:see|view|read|get|open|look at) (?:\w+ )?(?:my|your|our|it|them|this|that"
        r"|who|what|which|all|those|info\w*|stuff|data)"
        r"|pass(?:es|ed|ing)?(?:\s\w+){0,4} (?:to|on|along|around)|disclos\w*"
        r"|provid\w* (?:\w+ ){0,6}to|transfer\w*|releas\w*|reveal\w*|expos\w*"
        r"|show(?:s|n|ed|ing)?|visible|viewable|public\w*|publish\w*|leak\w*"
        r"|tell(?:s|ing)? (?!me)|told|find(?:s)? out|learn\w*"
        r"|(?:can|could|to|able to|they|people|others?|anyone|strangers?|staff|employees?"
        r"|companies|partners|advertisers?) (?:\w+ )?(?:see|view|read|access|get)"
        r"|gets|receiv\w*|sent to|send(?:s)? (?:\w+ ){0,4}to|report(?:s|ed)?|forward\w*"
        r"|available to|open to|suppl(?:y|ied|ies)|exchang\w*|look(?:s)? up|in the hands"
        r"|get hold of|swap\w*|turn over|turned over",
        r"private(?:ly)?|secret\w*|confidential\w*|between us|kept from"
        r"|keep (?:\w+ ){0,4}(?:from|to themselves|to yoursel\w+|to itself)|hid(?:e|den|ing)"
        r"|off limits|stays? (?:with|inside|between)|withh[oe]l\w+|unseen|invisible|in.house"
        r"|anonym\w*|strip\w*|de-?identif\w*|kept separate|cannot be seen|nobody else"
        r"|(?:keep|keeps|kept|stay|stays|leave|leaves|left|stayed"
        r"|keeping) (?:\w+ ){0,4}(?:out|off|away|apart|separate|alone)",
    ),
    "identify": (
        r"identif(?:y|ies|ied|iable|iers?)|personally|my name|your name|who i am|real name"
        r"|legal name|individual\w*|tied to|linked to|tell that it was me|about me personally",
        r"anonym\w*|aggregat\w*|de-?identif\w*|pseudonym\w*|nickname|fake name|statistic\w*"
        r"|incognito",
    ),
    "erase": (
        r"delet\w*|eras\w*|wip(?:e|es|ed|ing)|remov\w*|gone|vanish\w*|disappear\w*|destroy\w*"
        r"|thrown (?:out|away)|throw (?:out|away)|scrub\w*"
        r"|tak(?:e|en|es) (?:\w+ ){0,3}(?:down|off|out)|forg[eo]t\w*|purg\w*|discard\w*|pulled"
        r"|shred\w*|get rid|clear(?:ed|s|ing)? out|clear\w*|expire\w*|dispos\w*|deactivat\w*"
        r"|clean\w* out|undo\w*|empti\w*|unsend|wipe",
        r"keep(?:s|ing)?(?! (?:\w+ ){0,3}(?:up|track|in touch|out|off|away|apart|separate"
        r"|from|private|secret|confidential|to (?:your|my|them|it)))"
        r"|kept(?! (?:\w+ ){0,2}(?:out|off|away|apart|separate|from|private|secret|confidential))"
        r"|retain\w*|retention|stor(?:e|es|ed|ing)|hold(?:s|ing)?|held"
        r"|stay\w*(?! (?:out|off|away|with|inside|between|private|alone))"
        r"|remain\w*(?! (?:private|confidential|responsible))"
        r"|still (?:there|have|be|up|on|exist\w*|around|stored|kept|keep|hold)|archiv\w*"
        r"|left (?:up|on|over)|hang\w* on|permanent\w*|forever|for ever|copies"
        r"|sav(?:e|ed|es|ing)|maintain\w*|preserv\w*|back-?ups?|recover\w*|surviv\w*"
        r"|last(?:s|ing)?|linger\w*|on file|persist\w*|get (?:\w+ ){0,3}back|stuck",
    ),
    "notify": (
        r"notif\w*|notice|warn\w*|inform(?:s|ed|ing)?(?! about our)"
        r"|tell(?:s)? (?:me|you|us|the|affected|him|her)|told|let (?:me|you) know|announc\w*"
        r"|hear about|hear|alert\w*|advis\w*|explain\w*|e-?mail (?:me|you)|message when"
        r"|find out (?:about|when|if)|posting",
        r"secret\w*|quiet\w*|behind my back"
        r"|without (?:a word|telling|notice|saying|warning|being told|me knowing|my knowledge)"
        r"|in the dark|silent\w*|overnight|hushed|covered up|sneak\w*|unannounced"
        r"|out of the blue",
    ),
    "choose": (
        r"(?:you|i|users?|customers?|members?|we|people) (?:\w+ )?(?:can|may|could|might)|can i"
        r"|could i|may i|able to|allow\w*|lets? (?:me|you)|possible|free to|eligible|option\w*"
        r"|rights?|choices?|choos\w*|opt(?:ed|ing)? out|opt-out|control\w*|decide"
        r"|up to (?:me|you)|permit\w*|entitled|object\w*|withdraw\w*|revok\w*|a way|at any time"
        r"|whenever|decline|unsubscrib\w*|turn(?:ed)? (?:\w+ ){0,3}off"
        r"|switch(?:ed)? (?:\w+ ){0,3}off|disabl\w*|adjust\w*|change your|change my|manage\w*"
        r"|if you (?:do not|don't|no longer) (?:want|wish)|rather not|ask us|contact us",
        r"barred|stuck|forced|impossible|prohibit\w*|forbid\w*|locked|out of the question"
        r"|too late|trapped|unable|banned|no way|against the rules|ineligible|shut out|cannot"
        r"|can't|can not|like it or not|only you|all or nothing",
    ),
    "require": (
        r"must|have to|has to|had to|needs?|needed|requir\w*|mandatory|oblig\w*|forced"
        r"|compulsory|necessary|demand\w*|insist\w*|stuck with|in order to"
        r"|without (?:it|this|that|them) (?:we|you)"
        r"|(?:cannot|can ?not|can't|unable to|no|not be able to) (?:\w+ ){1,8}without"
        r"|without (?:your |this |that |these |it )?[^.]{0,80}(?:cannot|can't|unable|not be able)"
        r"|do i (?:have|need)",
        r"optional\w*|voluntar\w*"
        r"|without (?:giving|registering|signing|an account|telling|creating|having)"
        r"|if you (?:wish|like|want)|you may choose|choose to|skip"
        r"|leave (?:\w+ ){0,4}(?:empty|blank)|elect to|just browse|do without"
        r"|keep (?:\w+ ){0,3}to myself|refuse|decline|not to provide",
    ),
    "collect": (
        r"collect\w*|knows?|known|track\w*|record(?:s|ed|ing)?|monitor\w*|log(?:s|ged|ging)?"
        r"|watch\w*|look(?:s|ed|ing)? (?:at|into|through|over)|listen\w*|scan\w*"
        r"|not(?:e|es|ed)(?: down)?|gather\w*|captur\w*|ask(?:s|ed)? (?:\w+ ){0,2}for"
        r"|ask(?:s|ed)? how|purchas\w* (?:\w+ )?information|buy (?:\w+ )?info\w*|receiv\w*"
        r"|obtain\w*|get (?:told|my|your|stuff|data|info)|process\w*|us(?:e|es|ed|ing)|work out"
        r"|figure out|detect\w*|determin\w*|infer\w*|film\w*|taped?|train\w*|profil\w*|analy\w*"
        r"|recogni[sz]\w*|measure\w*|plac(?:e|es|ed|ing)|combin\w*|append\w*|match\w*"
        r"|(?:read|see|view|look at) (?:my|your|it|them|this|that|what|where|which|the)"
        r"|stor(?:e|es|ed|ing)|keep track|keep an eye|guess\w*|follow\w*|target\w*|learn\w*"
        r"|chosen|choose ads|feed",
        r"anonym\w*|blind|unaware|untracked|unrecorded|never looked|stays? out|unseen|ignor\w*"
        r"|left out|leave (?:\w+ ){0,3}out|left (?:\w+ )?alone|separate\w*"
        r"|kept (?:\w+ ){0,3}(?:apart|separate|out)|exclud\w*"
        r"|(?:keep|keeps|kept|stay|stays|leave|leaves|left|stayed"
        r"|keeping) (?:\w+ ){0,4}(?:out|off|away|apart|separate|alone)"
        r"|free of|refrain\w*|avoid\w*|off-limits|not collected",
    ),
    "guarantee": (
        r"guarant\w*|promis\w*|ensur\w*|safe(?:ly)?|perfect\w*|100 ?%|absolut\w*|bulletproof"
        r"|assur\w*|rely|count on|no risk|secur\w*|nobody will ever|warrant the|warranty of",
        r"own risk|risks?"
        r"|no (?:method|system|company|shop|security|data|computer|website|internet)|imperfect"
        r"|vulnerab\w*|break in|hack(?:ed|ers?)|intercept\w*|go wrong|despite",
    ),
    "encrypt": (
        r"encrypt\w*|scrambl\w*|hash\w*|https|ssl|tls|unreadable|secured?",
        r"plain ?text|unprotected|readable|unencrypted",
    ),
    "answer for": (
        r"responsib\w*|liable|answer for|vouch\w*|stand behind|in charge|have control"
        r"|control (?:how|over|the|these|what)|blame|fault|endorse\w*|appl(?:y|ies) to"
        r"|cover(?:s|ed)?|govern\w*|extend\w*|run by",
        r"own risk|not ours|independent\w*|their own (?:privacy|polic|terms)"
        r"|wash\w* (?:\w+ )?hands",
    ),
    "send": (
        r"send(?:s|ing)?|sent|mail(?:s|ed|ing|ings)?|e-?mails?|call(?:s|ed|ing)?"
        r"|text(?:s|ed|ing)?|contact (?:you|me)|spam\w*|market(?:ing)?|receiv\w*|promo\w*"
        r"|adverts?|ads|offers|ring|newsletter\w*|catalog\w*|bother\w*|pester\w*|still get"
        r"|messages?",
        r"stop\w*|unsubscrib\w*|opt(?:ed|ing)?[ -]out|quit|no more|turn(?:ed)? (?:\w+ ){0,3}off"
        r"|switch(?:ed)? (?:\w+ ){0,3}off|off (?:the|that|your|their) (?:\w+ )?list|never hear"
        r"|not to (?:receive|be contacted)|mute|enough to|leave (?:\w+ )?alone|block",
    ),
    "work": (
        r"works?|working|function\w*|order|enjoy|benefit\w*|full\w*|available|log ?in|play"
        r"|browse|complete\w*|properly|old enough|sign up|register|join|be on"
        r"|use the (?:site|service|app|feature)|access",
        r"los(?:e|es|ing)|break\w*|stops? working|unable|closed|lock\w*|not be able|limit\w*"
        r"|unavailable|shut out|restrict\w*|worse|dark|fail\w*|cannot|not (?:work|function)"
        r"|suspend\w*|without (?:it|them)|older|adults|under the age|must end",
    ),
    "ask first": (
        r"ask(?:s|ed|ing)?|consent\w*|permission|agree\w*|approv\w*|opt(?:ed|ing)?[ -]in"
        r"|say-?so|authori[sz]ation|accept\w*|my ok\w*|choice|allow(?: us| it)|permit us"
        r"|enabl\w*|turn(?:ed)? (?:\w+ ){0,2}on",
        r"without (?:\w+ ){0,3}(?:ask\w*|consent|permission|agree\w*|approv\w*|say-?so|ok|okay|yes)"
        r"|automatic\w*|whether i like it|by default|just by|never (?:said|agreed|asked|opted)"
        r"|didn't (?:ask|agree)|behind my back|no questions asked|regardless|said nothing"
        r"|by using|not (?:need|require) (?:\w+ )?(?:consent|permission)",
    ),
    "by people": (
        r"humans?|person|staff|someone|manual\w*|employees?|somebody|lawyers?|team",
        r"machine|automat\w*|by itself|computer|algorithm\w*|systems? may|robot"
        r"|without (?:a|any) (?:person|human)",
    ),
    "cost": (
        r"pay(?:s|ing)?|charg\w*|fees?|costs?|price",
        r"free|no charge|gratis|without (?:paying|charge)|at no cost",
    ),
    "punish": (
        r"punish\w*|discriminat\w*|penal\w*|retaliat\w*"
        r"|treat\w* (?:\w+ ){0,3}(?:different\w*|worse)|pay more|served worse|worse service"
        r"|another price",
        r"treated? (?:\w+ )?(?:the same|equally|well)|same (?:price|service)",
    ),
    "refuse": (
        r"den(?:y|ied|ies)|refus\w*|reject\w*|say(?:s)? no|push(?:es)? back"
        r"|turn(?:s|ed)? (?:\w+ )?down|challenge\w*|declin\w*|ignor\w*"
        r"|do(?:es)? not (?:respond|honou?r|obey|recogni[sz]e|change)|disregard|oppose\w*",
        r"grant\w*|compl(?:y|ies)|honou?r\w*|obey\w*|respect(?:s|ed)?|respond\w*|pay attention"
        r"|tak(?:e|es) (?:any )?notice|fulfil\w*|rubber|whatever (?:i|it|they) ask|take any"
        r"|listen to",
    ),
    "abroad": (
        r"abroad|leav(?:e|es|ing)|transfer\w*|united states|america\w*|the states|usa|u\.s\."
        r"|other countries|overseas|elsewhere|worldwide|international\w*|outside",
        r"stay\w* (?:in|inside|within)|only (?:here|in)|stored (?:here|in the same)|domestic\w*"
        r"|in my (?:own )?country|inside",
    ),
    "minors": (
        r"old enough"
        r"|(?:my|a|his|her|our|your) (?:\w+ ){0,3}(?:kids?|sons?|daughters?|child|children"
        r"|boys?|girls?|teen\w*)"
        r"|\d+[ -]?(?:years?|yrs?)[ -]?old"
        r"|(?:minors?|children|teenagers?|kids) (?:may|can|allowed)|general audience",
        r"at least \w+ years"
        r"|(?:\d+|thirteen|sixteen|eighteen) (?:years )?(?:of age )?(?:or|and) (?:over|older|above)"
        r"|age \w+ (?:and|or) older"
        r"|not (?:directed|intended|meant|for) [^.]{0,40}(?:child|minor|under|kids)"
        r"|(?:not|never|neither) (?:knowingly )?\w+ (?:[\w,']+ ){0,10}(?:children|minors"
        r"|anyone under|under|younger)"
        r"|adults|18 years|must be \w+|younger than|only through a parent",
    ),
    "at once": (
        r"immediately|instant\w*|right away|straight away|at once|that very"
        r"|the very (?:day|moment|second)|the (?:day|moment|second|minute) i|tomorrow|overnight"
        r"|on the spot|there and then|same day|today",
        r"(?:\d+|thirty|ninety|sixty|two|three|six|seven) (?:calendar |business "
        r"|working )?(?:days?|hours?|weeks?|months?|years?)"
        r"|take (?:some|additional) time|for a period|until",
    ),
    "all": (
        r"all|every\w*|always|entire\w*|complete\w*|whole|full(?:y)?|totally|truly|any|anyone"
        r"|anybody|whatever|in every",
        r"only|some|certain|limited|most|except\w*|unless|restrict\w*|just|minimum|may"
        r"|authori[sz]ed|need to know|not all|partial\w*",
    ),
    "change": (
        r"chang\w*|updat\w*|revis\w*|amend\w*|modif\w*|correct\w*|fix\w*|edit\w*|rectif\w*"
        r"|put right|differ\w*|amend",
        r"fixed forever|same|stuck with (?:wrong|the)|unchanged|final",
    ),
}
NEGATION = re.compile(
    r"\b(?:not(?! only)|never|neither|nor|cannot|no longer|none|nobody|nothing|no ?one|without"
    r"|no(?! (?:later|matter|more than|longer))|hardly|rather than|instead of|isnt|dont|doesnt|cant"
    r"|wont|didnt|arent|wouldnt|fails? to|free (?:of|from)|prevent\w*|prohibit\w*"
    r"|forbid\w*)\b|n't\b"
)
SCOPE_END = re.compile(
    r"[;:!?]|\.(?:\s|$)|,?\s(?:but|although|though|however|which|until|unless|except|other than|if"
    r"|when|because|since|so that|after|before|as soon as|while)\b"
    r"|,\s(?:and|or|so)\s(?:we|you|they|it|will|may|can|is|are|only|that)\b|\s-\s"
    r"|\sand (?:we|you|they|it|will|may|can|is|are|only|sends?|uses?)\b|,\s(?:it|we|you|they)\b"
)
# Also what is done, or left, for those alone who ask for it.
EXCEPTION = re.compile(
    r"\b(?:except\w*|unless|other than|only if|only when|only with|until|nothing but|all but"
    r"|anything but|but only|requests? (?:[\w']+ ){0,5}not to|ask(?:ed)? (?:\w+ )?not to"
    r"|(?:prefer|choose|wish|rather|want) (?:\w+ ){0,3}not|(?:do|does"
    r"|would) not (?:want|wish|like))\b"
)
SENTENCE_END = re.compile(r"[;!?]|\.(?:\s|$)")
# "Don't they sell it?" asks the same as "do they sell it?".
LEADING = re.compile(
    r"\W*(?:so |and |but |then )?(?:do|is|are|wo|ca|does|would|could|did|has|have|had"
    r"|was|were)n't\b"
)

Span = tuple[int, int]


class Parts(NamedTuple):
    """A folded text by what it does with what stands in it."""

    affirmed: str
    denied: str
    excepted: str


def directions(folded: str) -> dict[str, float]:
    """Which way a text leans on each matter that it speaks of: 1 affirms it, −1 is against it."""
    spans = denials(folded)
    for start, end in _exception(folded):  # what holds for some alone is no way that it leans
        folded = f"{folded[:start]}{' ' * (end - start)}{folded[end:]}"
    found = {}
    for matter, (affirms, opposes) in _MATTERS.items():
        against = [match.span() for match in opposes.finditer(folded)]
        leanings = [-_sign(start, spans) for start, _ in against] + [
            _sign(match.start(), spans)
            for match in affirms.finditer(folded)
            if not any(start <= match.start() < end for start, end in against)
        ]
        if leanings:
            found[matter] = sum(leanings) / len(leanings)
    return found


def denials(folded: str) -> list[Span]:
    """What each negation reaches, the negation included."""
    leading = LEADING.match(folded)
    spans: list[Span] = []
    for negation in NEGATION.finditer(folded, leading.end() if leading else 0):
        if negation.group() == "nor" and spans and negation.start() < spans[-1][1]:
            continue  # "neither … nor" denies once
        end = SCOPE_END.search(folded, negation.end())
        spans.append((negation.start(), end.start() if end else len(folded)))
    return spans


def parts(folded: str) -> Parts:
    """What a sentence affirms, what it denies, and what it excepts from either."""
    spans, excepted = denials(folded), _exception(folded)
    marks = sorted({0, len(folded), *(place for span in [*spans, *excepted] for place in span)})
    texts: dict[str, list[str]] = {name: [] for name in Parts._fields}
    for start, end in pairwise(marks):
        middle = (start + end) / 2
        in_exception = any(first <= middle < last for first, last in excepted)
        denied = _sign(middle, spans) < 0
        name = "excepted" if in_exception else "denied" if denied else "affirmed"
        texts[name].append(folded[start:end])
    return Parts(*(" ".join(texts[name]) for name in Parts._fields))


def _exception(folded: str) -> list[Span]:
    match = EXCEPTION.search(folded)
    if match is None:
        return []
    end = SENTENCE_END.search(folded, match.end())
    return [(match.start(), end.start() if end else len(folded))]


def _sign(place: float, spans: list[Span]) -> int:
    """−1 where an odd number of negations before ``place`` reaches it, else 1."""
    return 1 - 2 * (sum(start < place < end for start, end in spans) % 2)


_MATTERS = {
    matter: (re.compile(rf"\b(?:{affirms})\b"), re.compile(rf"\b(?:{opposes})\b"))
    for matter, (affirms, opposes) in OPPOSITES.items()
}
