"""A company's name as people write it, read off its domain and its own pages."""

import re
from collections import Counter

from index.words import STOP_WORDS

# Words that follow any company's name; they are no part of it.
GENERIC = frozenset("Platform Service Services Website Site App Privacy Policy Terms Inc".split())
ABBREVIATION = 4  # letters of a domain, and times that the longer word is used, to trust it
MAX_WORDS = 4  # of a name spelt out in the domain, such as "Betsey Johnson"


def company_name(company: str, title: str, text: str) -> str:
    """The name that a policy uses for a company, such as "Helzberg Diamonds" for helzberg.com.

    Word sequences are sought that spell the domain's first label. One of several words tells where
    the label's words part ("Betsey Johnson"); else the commonest spelling counts. The capitalised
    word that follows the name more often than not belongs to it ("Helzberg Diamonds"). A policy
    that never writes its name gets the label, capitalised.
    """
    label = company.split(".")[0].lower()
    words = re.findall(r"[^\W_]+", f"{title}\n{text}")
    spellings: Counter[tuple[str, ...]] = Counter()
    for start, first in enumerate(words):
        if not (first[0].isupper() and label.startswith(first.lower())):
            continue
        for length in range(1, MAX_WORDS + 1):
            spelling = tuple(words[start : start + length])
            if "".join(spelling).lower() == label and all(word[0].isupper() for word in spelling):
                spellings[spelling] += 1
                break
    if not spellings:
        # "npm" for npmjs.com: the word that the policy uses most among those the label begins with.
        beginnings = Counter(
            word
            for word in words
            if len(word) > 2 and label.startswith(word.lower()) and word.lower() not in STOP_WORDS
        )
        beginning, times = beginnings.most_common(1)[0] if beginnings else (label.capitalize(), 0)
        if beginning == label:  # as in an address, privacy@shop.com
            beginning = label.capitalize()
        spelt_out = _spelt_out(label, words)
        return spelt_out if words.count(spelt_out) > times else beginning
    # More words first, then more often, then spellings that are not all capitals.
    spelling = max(spellings, key=lambda s: (len(s), not "".join(s).isupper(), spellings[s], s))
    name = " ".join(spelling)
    followers = Counter(re.findall(rf"\b{re.escape(name)}(?: ([A-Z][a-z]+))?", text))
    follower, times = followers.most_common(1)[0] if followers else ("", 0)
    if follower in GENERIC:
        return name
    if times > 1 and times * 2 > followers.total():
        name = f"{name} {follower}".strip()
    return name.capitalize() if name.isupper() and len(name) > 4 else name


def _spelt_out(label: str, words: list[str]) -> str:
    """The commonest capitalised word that a label abbreviates, "Bluesky" for "bsky", or ""."""
    letters = re.compile(".*".join(map(re.escape, label)), re.IGNORECASE)
    candidates = Counter(
        word
        for word in words
        if word[0].isupper() and len(word) <= 2 * len(label) and letters.match(word)
    )
    word, times = candidates.most_common(1)[0] if candidates else ("", 0)
    return word if len(label) >= ABBREVIATION and times >= ABBREVIATION else ""
