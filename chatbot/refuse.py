"""Answers that quote nothing: which company is meant, none of that name, nothing about a policy."""

from collections.abc import Sequence

from chatbot.answer import follow_ups
from chatbot.types import Answer, Choice
from chatbot.wording import LISTED, listed, possessive
from index.types import Company

MAX_NAME = 60  # characters of a company's name as typed


def which_company(question: str, companies: Sequence[Company]) -> Answer:
    """Ask which of ``companies``, the likeliest first, is meant; repeats are left out."""
    choices = dict.fromkeys(Choice(company.company, company.name) for company in companies)
    return Answer(
        question=question,
        behaviour="which_company",
        answer="Which company do you mean?",
        choices=tuple(choices)[:LISTED],
        confidence=1.0,
    )


def no_policy_of(name: str) -> str:
    """That there is no policy of a company, whose name is as typed."""
    return f"There is no policy of {name[:MAX_NAME]} here."


def unknown_company(question: str, name: str, companies: Sequence[Company]) -> Answer:
    """Say that there is no policy of ``name``, and whose there are, if that may be told."""
    here = listed([company.name for company in companies])
    here = f" Here now: {here}." if here else ""
    return Answer(
        question=question,
        behaviour="unknown_company",
        answer=no_policy_of(name) + here,
        confidence=1.0,
    )


def only_company_here(question: str, name: str) -> Answer:
    """Say that only the policy of ``name`` is spoken of, as in a shop's widget."""
    return Answer(
        question=question,
        behaviour="unknown_company",
        answer=f"This page answers about {possessive(name)} policy only.",
        confidence=1.0,
    )


def off_topic(question: str, companies: Sequence[Company]) -> Answer:
    """Say what is answered here, with an example."""
    example = follow_ups("", companies[0].name)[0]
    return Answer(
        question=question,
        behaviour="off_topic",
        answer=f"This page answers questions about privacy policies. For example: {example}",
        followups=(example,),
        confidence=1.0,
    )
