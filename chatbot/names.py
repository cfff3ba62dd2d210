"""Which companies a text names: by name, domain or a near misspelling; or one not in the index."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from index.types import Company
from index.words import STOP_WORDS, fold, stems

WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 4
SIMILAR = 83  # 0…100; "betsy jonson" and "Betsey Johnson" have 92, "lumens" and "humans" 67
ALL_BUT_SAME = 92  # "bellacore" and "bellacor" have 94
SHORT = 4  # letters; shorter names count only as the company writes them, and are never guessed
DOMAIN = re.compile(
    r"(?<![\w@.-])(?:www\.)?((?:[a-z0-9-]{1,63}\.){1,3}"
    r"(?:com|net|org|co|io|app|shop|store|info|biz|edu|gov|tv|ai|us|uk|ca|au|de|fr|it|es|nl|eu))\b",
    re.IGNORECASE,
)
# "does walmart …", "is wayfair …": a name in the place of the one who acts.
SUBJECT = re.compile(
    r"(?:^|[.?!,;:]\s*|\b(?:and|so|but|ok|hey|hi)\s+)"
    r"(?:what|why|when|how|where|who)?\s*(?:does|is|has|did|was|will|would|can|could)\s+"
    r"(?P<name>[^\W\d_][\w&'’-]{0,62})(?=\s+(?:[^\W\d_]))",
    re.IGNORECASE,
)
POSSESSIVE = re.compile(r"(?P<before>\b[\w'’-]{1,63}\s+)?\b(?P<name>[^\W\d_][\w&-]{1,62})['’]s\b")
# "do Bellacor and Wayfair …": a name beside one that is known.
BESIDE = re.compile(
    r"(?:\A\s*(?:,|and|or|vs\.?|versus)\s+(?P<after>[^\W\d_][\w&-]{1,62})\b)"
    r"|(?:\b(?P<before>[^\W\d_][\w&-]{1,62})\s+(?:and|or|vs\.?|versus)\s*\Z)"
)
# No names of companies, though no policy may hold them: times, places, peoples, people.
NOT_COMPANIES = frozenset(
    "adults alabama alaska america american april arizona arkansas august australia australian "
    "britain british businesses california californian californians canada canadian carolina "
    "ccpa children china christmas colorado companies congress connecticut coppa cops criminals "
    "customer customers dakota december delaware east eea employees english eu europe european "
    "family february federal florida france french friday friend friends gdpr georgia german "
    "germany hackers hampshire hawaii idaho illinois india indiana internet iowa ireland italy "
    "january japan jersey july june kansas kentucky kids louisiana maine march maryland "
    "massachusetts may men mexico michigan minnesota minors mississippi missouri monday montana "
    "nebraska nevada new north november october ohio oklahoma oregon parents pennsylvania "
    "people person persons police rhode saturday security september shops sites social south "
    "spain spanish staff stores sunday teens tennessee texas thieves thursday today tomorrow "
    "tuesday uk united usa user users utah vermont virginia visitor visitors washington web "
    "wednesday west wisconsin women world wyoming yesterday york ".split()
)
CAPITALISED = re.compile(
    r"(?<=[^\s.?!:“\"(])(?<!\bin)\s+(?P<name>[A-Z][\w&'’-]{1,62}(?:\s+(?:&|[A-Z])[\w&.'’-]{0,62}){0,3})"
)
# "Kay Jewelers has my number", "Pingdom pokes my shop": a name that opens what is said.
OPENING = re.compile(
    r"^\W*(?P<name>[A-Z][\w&'’-]{1,62}(?:\s+[A-Z][\w&'’-]{0,62})+|[A-Z][a-z]{4,62}(?=\s+[a-z]+s\b))"
)
# "does Quora tell Lumens …", "log in to npm with my GitHub account": a name of one who is no party.
BYSTANDER = re.compile(
    r"\b(?:with|tells?|told|to|from|via|through|using|by|into|of)\s+(?:(?:my|our|their|the|a|an)\s+)?\Z",
    re.IGNORECASE,
)
SET_BESIDE = re.compile(
    r"\b(?:and|or|nor|both|either|vs|versus|than|compar\w*|differ\w*|between|which)\b|[&,]",
    re.IGNORECASE,
)
OWNERS = frozenset("my your his her our their the a an this that each every someone anyone".split())


@dataclass(frozen=True, slots=True)
class Named:
    """What a text says of companies."""

    companies: tuple[tuple[str, ...], ...]  # one for each name: the domains that it could mean
    spans: tuple[tuple[int, int], ...]  # where the names stand in the text
    unknown: str = ""  # a name that no company of the index has, perhaps beside one that it has


class Names:
    """The names of the indexed companies, looked up by what people type."""

    def __init__(
        self,
        companies: Iterable[Company],
        known_words: Collection[str],
        is_english: Callable[[str], bool] = lambda word: True,
    ) -> None:
        """``known_words`` are stems of the policies: a word they use is hardly a name.

        Nor is one, where it opens a sentence, that ``is_english`` knows.
        """
        self._known_words = known_words
        self._is_english = is_english
        companies = list(companies)
        self._companies = {company.company for company in companies}
        self._domains: dict[str, list[str]] = {}
        self._exact: dict[str, str] = {}  # short alias → as the company writes it
        for company in companies:
            label = company.company.split(".")[0]
            words = WORD.findall(fold(company.name))
            for alias in {
                "".join(words),
                label,
                "".join(WORD.findall(company.company)),
                words[0] if words and len(words[0]) > SHORT and label == words[0] else label,
                *("".join(WORD.findall(fold(other))) for other in company.aliases),
            }:
                self._domains.setdefault(alias, []).append(company.company)
                if len(alias) < SHORT:
                    self._exact[alias] = company.name
        self._guessable = [alias for alias in self._domains if len(alias) > SHORT]

    def find(self, text: str) -> Named:
        """The companies that ``text`` names, in order."""
        strange = [m for m in DOMAIN.finditer(text) if not self._is_domain(m[1].lower())]
        words = [
            (m.group(), m.start(), m.end())
            for m in WORD.finditer(text)
            # "lumens.com.evil.com" is not Lumens.
            if not any(other.start() <= m.start() < other.end() for other in strange)
        ]
        folded = [fold(word) for word, _, _ in words]
        found: list[tuple[int, int, tuple[str, ...]]] = []
        place = 0
        while place < len(words):
            match = self._at(text, words, folded, place, exactly=True)
            if match:
                found.append(match[:3])
                place = match[3]
            else:
                place += 1
        if not found and not strange:
            guesses = [self._at(text, words, folded, p, exactly=False) for p in range(len(words))]
            found = [guess[:3] for guess in guesses if guess][:1]
        found = _parties(text, found)
        # A name twice is one name.
        companies = tuple(dict.fromkeys(domains for _, _, domains in found))
        spans = tuple((start, end) for start, end, _ in found)
        if strange:
            unknown = strange[0][1].lower()
        else:
            unknown = self._beside(text, spans) if found else self._unknown(text)
        return Named(companies, spans, unknown)

    def _is_domain(self, written: str) -> bool:
        """Whether it is the domain of a company, or one below it."""
        return any(written == c or written.endswith(f".{c}") for c in self._companies)

    def _beside(self, text: str, spans: tuple[tuple[int, int], ...]) -> str:
        """A name of nobody known that is coupled with a known one, "" without one."""
        for number, (start, end) in enumerate(spans):
            before = text[(spans[number - 1][1] if number else 0) : start]
            after = text[end : spans[number + 1][0] if number + 1 < len(spans) else len(text)]
            for match in (BESIDE.search(before), BESIDE.search(after)):
                name = (match["after"] or match["before"]) if match else None
                if name and self._looks_like_a_name(name):
                    return name
        return ""

    def _at(
        self,
        text: str,
        words: list[tuple[str, int, int]],
        folded: list[str],
        place: int,
        *,
        exactly: bool,
    ) -> tuple[int, int, tuple[str, ...], int] | None:
        """The longest name that begins at a word: start, end, domains, the next word's place."""
        for stop in range(min(len(words), place + MAX_WORDS), place, -1):
            start, end = words[place][1], words[stop - 1][2]
            squeezed = "".join(folded[place:stop])
            alias = self._alias(squeezed, text[start:end]) if exactly else self._guess(squeezed)
            if alias:
                if words[stop:] and words[stop][0] == "s" and text[end : end + 1] in "'’":
                    stop, end = stop + 1, words[stop][2]  # possessive
                elif squeezed.endswith("s") and text[end : end + 1] in ("'", "’"):
                    end += 1  # possessive of a name that ends with s
                return start, end, tuple(sorted(self._domains[alias])), stop
        return None

    def _alias(self, squeezed: str, written: str) -> str:
        for alias in (squeezed, squeezed.removesuffix("s")):
            if alias in self._domains and self._is_written(alias, written):
                return alias
        return ""

    def _is_written(self, alias: str, written: str) -> bool:
        """Whether a short name stands as the company writes it, or in capitals."""
        name = self._exact.get(alias)
        spellings = {written, written.removesuffix("s")}
        return name is None or bool(spellings & {name, name.upper()})

    def _guess(self, squeezed: str) -> str:
        if len(squeezed) <= SHORT or squeezed in STOP_WORDS:
            return ""
        # A word of the policies has to be all but the name itself.
        cutoff = ALL_BUT_SAME if self._is_word(squeezed) else SIMILAR
        best = process.extractOne(squeezed, self._guessable, scorer=fuzz.ratio, score_cutoff=cutoff)
        return best[0] if best else ""

    def _unknown(self, text: str) -> str:
        """A name in ``text`` that no company of the index has, "" if there seems to be none."""
        for match in SUBJECT.finditer(text):
            if self._looks_like_a_name(match["name"]):
                return match["name"]
        for match in POSSESSIVE.finditer(text):
            owner = (match["before"] or "").strip().lower()
            if owner not in OWNERS and self._looks_like_a_name(match["name"]):
                return match["name"]
        opening = OPENING.match(text)
        if opening and self._looks_like_a_name(opening["name"]):
            first = opening["name"].split()[0]
            if " " in opening["name"] or not self._is_english(first.lower()):
                return opening["name"]
        for match in CAPITALISED.finditer(text):
            name = match["name"]
            if not name.isupper() and self._looks_like_a_name(name):
                return name
        return ""

    def _looks_like_a_name(self, words: str) -> bool:
        return not any(
            word in STOP_WORDS or word in NOT_COMPANIES or self._is_word(word)
            for word in WORD.findall(fold(words))[:1]
        )

    def _is_word(self, word: str) -> bool:
        return next(iter(stems(word)), word) in self._known_words


def _parties(
    text: str, found: list[tuple[int, int, tuple[str, ...]]]
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Of several names, those of whom something is asked, and not of one they deal with."""
    if len({domains for _, _, domains in found}) < 2 or SET_BESIDE.search(text):
        return found
    kept = [name for name in found if not BYSTANDER.search(text[: name[0]])]
    return kept or found
