"""``Chatbot``: an opened index, its encoder, and the five things that can be asked of them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from chatbot.types import Answer, Hit, Turn
from index.encode import Encoder
from index.store import encoder_folder, open_index, PolicyIndex
from index.types import Company, Snapshot

MAX_QUESTION = 1000  # characters


class QuestionError(ValueError):
    """A question cannot be taken; ``code`` names the reason for programs, the message for people.

    The message never repeats the question.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownPolicyError(LookupError):
    """There is no policy of that company, or none on that day."""


class Chatbot:
    """Holds what is loaded once: the verified index and the encoder. Safe to use from threads."""

    @classmethod
    def open(cls, store: str | Path) -> "Chatbot":
        """Open the generation that is current in ``store``.

        Raises StoreError when there is none or any of its files is damaged.
        """
        raise NotImplementedError

    @property
    def generation(self) -> str:
        """The name of the generation that answers, such as ``gen-819ea10bf77b767e``."""
        raise NotImplementedError

    def ask(
        self,
        question: str,
        *,
        company: str | None = None,
        as_of: date | None = None,
        only_company: bool = False,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Answer from the policies. Raises QuestionError when the question is empty or too long."""
        raise NotImplementedError

    def search(
        self,
        question: str,
        *,
        company: str | None = None,
        as_of: date | None = None,
        history: Sequence[Turn] = (),
        limit: int = 10,
    ) -> list[Hit]:
        """The passages that ``ask`` would read, best first; whole index without a company."""
        raise NotImplementedError

    def compare(
        self,
        company: str,
        first: date | None = None,
        second: date | None = None,
        *,
        topic: str = "",
    ) -> Answer:
        """What the policy says on two days, by default its oldest and newest."""
        raise NotImplementedError

    def policies(self) -> list[Company]:
        """Every company with its days."""
        raise NotImplementedError

    def policy(self, company: str, day: date | None = None) -> Snapshot:
        """The policy in force that day, by default the newest. Raises UnknownPolicyError."""
        raise NotImplementedError
