"""Misspelt words of a question → words that the policies use."""

import re
from collections.abc import Callable, Collection, Sequence

from rapidfuzz import fuzz, process

from index.words import STOP_WORDS, stems

WORD = re.compile(r"[a-z]{5,30}", re.IGNORECASE)
SIMILAR = 83  # 0…100, of stems; "encript" and "encrypt" have 86, "adress" and "address" 92


def correct(
    text: str,
    vocabulary: Collection[str],
    choices: Sequence[str],
    is_word: Callable[[str], bool],
) -> str:
    """``text`` with each misspelling replaced by the stem in ``choices`` that it is closest to.

    Only words that are neither in the vocabulary nor known to ``is_word`` can be misspelt;
    ``choices`` are the stems of the vocabulary that are made of letters.
    """

    def replaced(match: re.Match[str]) -> str:
        word = match.group()
        stem = next(iter(stems(word)), "")
        if not stem or word.lower() in STOP_WORDS or stem in vocabulary or is_word(word.lower()):
            return word
        best = process.extractOne(stem, choices, scorer=fuzz.ratio, score_cutoff=SIMILAR)
        return best[0] if best else word

    return WORD.sub(replaced, text)
