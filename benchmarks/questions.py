"""The labelled questions that weights are fitted on or judged by, beside what is read for them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chatbot.decide import OUTCOMES
from chatbot.evaluation.labelled import LabelledQuestion, match_fold, read_sets
from chatbot.evidence import READ_HITS, Evidence, find_evidence
from chatbot.names import Names
from chatbot.retrieve import retrieve
from chatbot.spelling import speller
from chatbot.understand import Understood, understand
from index.encode import Encoder
from index.policy_index import PolicyIndex
from index.sources import Source
from index.types import FloatMatrix

ROOT = Path(__file__).parent.parent
TRAINING = ROOT / "benchmarks" / "training"
DEVELOPMENT = ROOT / "tests" / "data" / "questions-dev.jsonl"
INVENTED_WEIGHT = 0.5  # of a question on an invented company's policy; real ones say more


@dataclass(frozen=True, slots=True)
class Read:
    """A question about one policy as the program reads it."""

    question: LabelledQuestion
    understood: Understood
    vector: FloatMatrix  # (384,), the question's
    evidence: list[Evidence]  # best first

    @property
    def company(self) -> str:
        """The company that it is about."""
        return self.question.company[0]

    def is_gold(self, evidence: Evidence) -> bool:
        """Whether the sentence stands in a gold quote, or holds one."""
        text = match_fold(evidence.text)
        gold = [match_fold(quote) for quote in self.question.quotes]
        return any(text in quote or quote in text for quote in gold)


def read(
    policy_index: PolicyIndex, encoder: Encoder, questions: Iterable[LabelledQuestion]
) -> Iterator[Read]:
    """Each question beside the sentences that are read for it."""
    vocabulary = policy_index.bm25.vocab_dict
    names = Names(policy_index.companies.values(), vocabulary, encoder.knows)
    spelling = speller(vocabulary, encoder.knows)
    for question in questions:
        understood = understand(question.question, names, question.history, spelling)
        (company,), (day,) = question.company, question.snapshot_date
        snapshot = policy_index.snapshot(company, date.fromisoformat(day))
        vector = encoder.encode([understood.embedded])[0]
        hits = retrieve(policy_index, understood.topic, vector, [snapshot], limit=READ_HITS)
        evidence = find_evidence(policy_index, understood, vector, hits)
        yield Read(question, understood, vector, evidence)


def sources() -> Iterator[Source]:
    for path in sorted((TRAINING / "policies").glob("*.md")):
        company, day = path.stem.split("_")
        yield Source(path, company, date.fromisoformat(day))


def training_questions() -> Iterator[LabelledQuestion]:
    lines = (TRAINING / "questions.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        row = json.loads(line)
        company, day = row["policy"].split("_")
        yield LabelledQuestion(
            id=str(number),
            question=row["question"],
            history=(),
            company=(company,),
            snapshot_date=(day,),
            behaviour=row["behaviour"],
            quotes=tuple(row["quotes"]),
            polarity=row["polarity"],
            missing=row["missing"],
        )


def development_questions() -> Iterator[LabelledQuestion]:
    """Those that one policy answers or leaves open, on which careful readers agree."""
    for question in read_sets([DEVELOPMENT])[0]:
        one = len(question.company) == len(question.snapshot_date) == 1
        if one and question.behaviour in OUTCOMES and not question.contested:
            yield question
