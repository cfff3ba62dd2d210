"""What people and policies say in different words about the same thing.

``concepts.txt`` lists concepts of consumer privacy, each with the words and phrases that stand for
it, in the voice of the person who asks and in that of the policy that answers. They are matched on
folded text from the beginning of a word; a trailing ``$`` demands the whole word. A word is worth
adding when it holds for policies in general. About 600 entries were written with
``seeds/questions.jsonl`` and ``tests/data/questions-dev.jsonl`` at hand, which they therefore
flatter; the others by someone who had seen no question set.
"""

import re
from pathlib import Path

_WORD_BEGINNING = re.compile(r"\b\w")
_BEGINNINGS = (2, 3, 4)  # letters by which entries are looked up; longer ones share the last


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """Concept → entries. A line that ends with a colon names a concept; its entries follow."""
    lists: dict[str, str] = {}
    concept = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            concept = line.removesuffix(":")
            lists[concept] = ""
        else:
            lists[concept] += f" {line.strip()}"  # an entry may go on in the next line
    return {
        concept: tuple(entry.strip() for entry in entries.split(",") if entry.strip())
        for concept, entries in lists.items()
    }


def _by_beginning() -> dict[str, list[tuple[str, bool, str]]]:
    """The first letters of an entry → entry, whether it is a whole word, its concept."""
    table: dict[str, list[tuple[str, bool, str]]] = {}
    for concept, entries in WORDS.items():
        for entry in entries:
            text = entry.rstrip("$")
            row = (text, entry.endswith("$"), concept)
            table.setdefault(text[: _BEGINNINGS[-1]], []).append(row)
    return table


WORDS = _read((Path(__file__).parent / "concepts.txt").read_text("utf-8"))
_BY_BEGINNING = _by_beginning()


def concepts(folded: str) -> set[str]:
    """The concepts that a folded text speaks of."""
    found = set()
    for word in _WORD_BEGINNING.finditer(folded):
        start = word.start()
        for letters in _BEGINNINGS:
            for entry, whole, concept in _BY_BEGINNING.get(folded[start : start + letters], ()):
                if folded.startswith(entry, start):
                    end = start + len(entry)
                    if not whole or not folded[end : end + 1].isalnum():
                        found.add(concept)
    return found
