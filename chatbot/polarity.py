"""Whether a quoted sentence says yes or no to a question that asks for one."""

import re
from typing import Literal

from index.words import terms

CLAUSE = re.compile(
    r"[;:]|,\s+(?=(?:but|although|though|and|however|unless|except|which|you|we)\b)|\s+but\s+"
)
NEGATION = re.compile(
    r"\b(?:not|never|neither|nor|cannot|without exception|no longer|none|nobody|prohibit\w*)\b"
    r"|n['’]t\b|\bno (?:personal|personally|individual|information|data|one|third|other|such)\b",
    re.IGNORECASE,
)
ENOUGH = 0.4  # share of the question's terms that a clause must hold to speak for it


def polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What the clause of ``sentence`` nearest to the question says; "" where none is near."""
    asked = set(terms(topic))
    if not asked:
        return ""
    clauses = [clause for clause in CLAUSE.split(sentence) if clause.strip()]
    shared = {clause: len(asked & set(terms(clause))) / len(asked) for clause in clauses}
    nearest = max(clauses, key=lambda clause: shared[clause])
    if shared[nearest] < ENOUGH:
        return ""
    question_negated = NEGATION.search(topic) is not None
    return "no" if (NEGATION.search(nearest) is not None) != question_negated else "yes"
