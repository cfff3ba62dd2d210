"""A question as typed → one that can be taken, without orders to the bot."""

import re

from index.errors import UserError

MAX_QUESTION = 1000  # characters, of a topic too
MAX_TURNS = 50  # of a history
MAX_CONTENT = 4000  # characters of one of its turns
# Orders to the bot are no question; what stands beside them may be one.
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)(?: (?:all|any|the|your|my|about|previous|prior|above"
    r"|earlier|these|those|every|of))* (?:instructions?|rules?|prompts?|policies|everything"
    r"|directions?|guidelines?)\b|\bsystem prompt\b|\byou are (?:now )?(?:a|an|no longer)\b"
    r"|\bpretend (?:to be|you|that you|we)\b|\bfrom now on\b|\bjailbreak\b|\brole-?play\b"
    r"|(?:^|\b(?:and|then|please|now) )act as (?:a|an|if|though)\b"
    r"|\b(?:only|just) (?:reply|answer|say)(?: that| with|:| [\"“])",
    re.IGNORECASE,
)
# A question may follow an order within one sentence.
CLAUSES = re.compile(
    r"(?<=[.!?])\s+|\n+|,\s+(?=(?:how|what|who|when|where|why|which|do|does|did|is|are|can|could"
    r"|will|would)\b)",
    re.IGNORECASE,
)


class QuestionError(UserError):
    """A question cannot be taken; ``code`` names the reason for programs, the message for people.

    The message never repeats the question.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


def checked(question: str) -> str:
    """The question without surrounding white space; QuestionError when it cannot be taken."""
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            "question_too_long",
            f"That question is over {MAX_QUESTION:,} characters; please shorten it.",
        )
    if "\0" in question or question != question.encode(errors="ignore").decode():
        raise QuestionError("question_not_text", "That question holds characters that are no text.")
    if not any(character.isalnum() for character in question):
        raise QuestionError("question_empty", "Please type a question.")
    return question.strip()


def checked_topic(topic: str) -> str:
    """The topic of a comparison; QuestionError when it is too long."""
    if len(topic) > MAX_QUESTION:
        raise QuestionError(
            "topic_too_long", f"That topic is over {MAX_QUESTION:,} characters; please shorten it."
        )
    return topic


def without_orders(question: str) -> str:
    """The sentences of a question that are no orders to the bot; "" when all are."""
    return " ".join(part for part in CLAUSES.split(question) if not ORDER.search(part))
