"""Misspelt words of a question → words that the policies use."""

import re
from collections.abc import Callable, Collection

from rapidfuzz import fuzz, process

from index.words import STOP_WORDS, stems

WORD = re.compile(r"[a-z]{5,30}", re.IGNORECASE)
SIMILAR = 83  # 0…100, of stems; "encript" and "encrypt" have 86, "adress" and "address" 92


def speller(vocabulary: Collection[str], is_word: Callable[[str], bool]) -> Callable[[str], str]:
    """A function that replaces each misspelling in a text by the stem that it is closest to.

    ``vocabulary`` are the terms of an index. Only words that are neither in it nor known to
    ``is_word`` can be misspelt.
    """
    choices = [stem for stem in vocabulary if stem.isalpha()]

    def replaced(match: re.Match[str]) -> str:
        word = match.group()
        stem = next(iter(stems(word)), "")
        if not stem or word.lower() in STOP_WORDS or stem in vocabulary or is_word(word.lower()):
            return word
        best = process.extractOne(stem, choices, scorer=fuzz.ratio, score_cutoff=SIMILAR)
        return best[0] if best else word

    return lambda text: WORD.sub(replaced, text)
