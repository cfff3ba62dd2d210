"""Fit ``chatbot/ranking.json``: which sentence answers a question.

    python tests/question_set.py index var/questions
    python benchmarks/ranking.py var/training var/questions [--write]

reads the answered questions of ``benchmarks/training`` (companies that no question set is about;
their index is made in the first folder), each with its sentences of the passages that are read,
and maximises the probability of the gold ones among them. Prints how often a gold sentence comes
first and among the first three, by the cosine alone, by the named signs alone and by all, on
companies left out and on the development questions; with ``--write`` it replaces the weights.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch
from decision import development_questions, sources, training_questions

from chatbot.evaluation.labelled import LabelledQuestion, match_fold
from chatbot.evidence import CONTACTS, READ_HITS, find_evidence
from chatbot.names import Names
from chatbot.rank import SIGNS, WEIGHTS, signs
from chatbot.retrieve import retrieve
from chatbot.spelling import correct
from chatbot.understand import understand
from index.build import build_index
from index.encode import DIMENSIONS, Encoder
from index.policy_index import open_index
from index.store import encoder_folder

RANK = 32  # of the fitted closeness; 16 and 64 fare alike on companies left out
SHRINK = 3.0  # weight decay of the fitted closeness; from 1 up it gains on companies left out
EPOCHS, BATCH, RATE = 8, 32, 0.003
SHARPNESS = 10.0  # scores are multiplied by it before the softmax
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question beside the sentences that are read for it."""

    company: str
    question: torch.Tensor  # (384,)
    sentences: torch.Tensor  # (sentences, 384)
    signs: torch.Tensor  # (sentences, len(SIGNS)), standardised
    gold: torch.Tensor  # (sentences,), whether it stands in a gold quote or holds one


class Ranking(torch.nn.Module):
    """What ``chatbot.rank`` computes, with the signs standardised."""

    def __init__(self, rank: int) -> None:
        """``rank`` 0 leaves the named signs alone."""
        super().__init__()
        self.signs = torch.nn.Parameter(torch.zeros(len(SIGNS)))
        self.question = torch.nn.Parameter(torch.randn(DIMENSIONS, rank) * 0.05)
        self.sentence = torch.nn.Parameter(torch.zeros(DIMENSIONS, rank))
        self.lean = torch.nn.Parameter(torch.zeros(DIMENSIONS))

    def forward(self, asked: Asked) -> torch.Tensor:
        """Scores, (sentences,), times SHARPNESS."""
        direction = self.sentence @ (self.question.T @ asked.question) + self.lean
        return SHARPNESS * (asked.signs @ self.signs + asked.sentences @ direction)


def main() -> None:
    torch.set_num_threads(2)
    training, development = Path(sys.argv[1]), Path(sys.argv[2])
    build_index(training, list(sources()))
    learnt = list(read(training, list(training_questions())))
    every = torch.cat([asked.signs for asked in learnt])
    mean, scale = every.mean(0), every.std(0)
    learnt = [standardised(asked, mean, scale) for asked in learnt]
    others = [
        standardised(asked, mean, scale)
        for asked in read(development, list(development_questions()))
    ]
    companies = sorted({asked.company for asked in learnt})
    order = np.random.default_rng(1).permutation(len(companies))
    fold = {company: int(place) % FOLDS for company, place in zip(companies, order, strict=True)}
    for title, rank in (("named signs", 0), ("all", RANK)):
        left_out = []
        for number in range(FOLDS):
            model = fit([a for a in learnt if fold[a.company] != number], rank)
            left_out += [found(model, a) for a in learnt if fold[a.company] == number]
        show(f"training, companies left out, {title}", left_out)
        model = fit(learnt, rank)
        show(f"development, {title}", [found(model, asked) for asked in others])
    if "--write" in sys.argv:
        raw = (model.signs / scale).tolist()
        rounded = {
            name: np.round(getattr(model, name).detach().numpy(), 4).tolist()
            for name in ("sentence", "question", "lean")
        }
        document = {
            "made by": "python benchmarks/ranking.py var/training var/questions --write",
            "signs": dict(zip(SIGNS, [round(weight, 4) for weight in raw], strict=True)),
            **rounded,
        }
        WEIGHTS.write_text(json.dumps(document) + "\n", encoding="utf-8")


def read(store: Path, questions: list[LabelledQuestion]) -> Iterator[Asked]:
    """The questions of which a gold sentence stands in a passage that is read."""
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    vocabulary = policy_index.bm25.vocab_dict
    names = Names(policy_index.companies.values(), vocabulary, encoder.knows)
    spelling = partial(correct, vocabulary=vocabulary, is_word=encoder.knows)
    for question in questions:
        if not question.quotes:
            continue
        understood = understand(question.question, names, question.history, spelling)
        (company,), (day,) = question.company, question.snapshot_date
        snapshot = policy_index.snapshot(company, date.fromisoformat(day))
        vector = encoder.encode([understood.embedded])[0]
        hits = retrieve(policy_index, understood.topic, vector, [snapshot], limit=READ_HITS)
        evidence = find_evidence(policy_index, understood, vector, hits)
        detail = understood.detail
        rows = [
            signs(
                e.text,
                cosine=e.cosine,
                words=e.words,
                concepts=e.concepts,
                gives=e.gives,
                asks_contact=detail is not None and detail.name in CONTACTS,
                passage_score=e.hit.score,
                passage_cosine=e.hit.cosine,
                opens=e.place == 0,
            )
            for e in evidence
        ]
        gold = [match_fold(quote) for quote in question.quotes]
        texts = [match_fold(e.text) for e in evidence]
        right = [any(text in quote or quote in text for quote in gold) for text in texts]
        yield Asked(
            company,
            torch.tensor(vector),
            torch.tensor(np.array([e.vector for e in evidence])),
            torch.tensor([list(row.values()) for row in rows], dtype=torch.float32),
            torch.tensor(right),
        )


def standardised(asked: Asked, mean: torch.Tensor, scale: torch.Tensor) -> Asked:
    named = (asked.signs - mean) / scale
    return Asked(asked.company, asked.question, asked.sentences, named, asked.gold)


def fit(learnt: list[Asked], rank: int) -> Ranking:
    """Maximise the probability that the softmax over a question's sentences gives to gold."""
    torch.manual_seed(0)
    answered = [asked for asked in learnt if asked.gold.any()]
    model = Ranking(rank)
    fitted = [{"params": [model.signs], "weight_decay": 0.0}]
    if rank:
        closeness = [model.question, model.sentence, model.lean]
        fitted.append({"params": closeness, "weight_decay": SHRINK})
    optimiser = torch.optim.AdamW(fitted, lr=RATE)
    generator = torch.Generator().manual_seed(0)
    for _ in range(EPOCHS):
        order = torch.randperm(len(answered), generator=generator).tolist()
        for first in range(0, len(order), BATCH):
            batch = [answered[place] for place in order[first : first + BATCH]]
            losses = [
                -torch.log_softmax(model(asked), dim=0)[asked.gold].logsumexp(dim=0)
                for asked in batch
            ]
            optimiser.zero_grad()
            torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]  # torch has none
            optimiser.step()
    return model


def found(model: Ranking, asked: Asked) -> tuple[bool, bool]:
    """Whether a gold sentence comes first, and among the first three."""
    with torch.inference_mode():
        order = model(asked).argsort(descending=True)
    return bool(asked.gold[order[0]]), bool(asked.gold[order[:3]].any())


def show(title: str, outcomes: list[tuple[bool, bool]]) -> None:
    first, third = np.mean(outcomes, axis=0)
    print(f"{title}: first {first:.3f}, among three {third:.3f} (n {len(outcomes)})")


if __name__ == "__main__":
    main()
