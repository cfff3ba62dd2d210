"""Fit ``chatbot/ranking.json``: which sentence answers a question.

    python tests/question_set.py index var/questions
    python benchmarks/ranking.py var/training var/questions [--write]

reads the matters of ``benchmarks/training``, each with questions, sentences that settle it and ones
that only come near, and the questions on whole policies there (companies that no question set is
about; their index is made in the first folder), each with the sentences of the passages that are
read. The closeness is fitted so that it tells which sentences settle a question. Prints how often a
gold sentence comes first and among the first three, by the named signs alone and by all, on
companies left out and on the development questions; with ``--write`` it replaces the weights.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matters import Matter, embedded_matters
from questions import INVENTED_WEIGHT, development_questions, read, sources, training_questions

from chatbot.evaluation.labelled import LabelledQuestion
from chatbot.evidence import CONTACTS
from chatbot.rank import SIGNS, WEIGHTS, signs
from index.build import build_index
from index.encode import DIMENSIONS, Encoder
from index.policy_index import open_index
from index.store import encoder_folder

RANK = 64  # of the turn; 32 fares a little worse on companies left out
STEPS, RATE, DECAY, DROPPED = 800, 0.002, 0.05, 0.2
MATTERS, ASKED, OTHERS, QUESTIONS = 4, 8, 8, 16  # of each in a step
ALIKE = 0.6  # cosine from which a sentence on another matter may settle this one too
STRETCH = 4.0  # unit rows of 384 small numbers; so stretched, they learn at the rate above
# What the closeness weighs beside the named signs; from 0.06 to 0.1 companies left out fare alike.
CLOSENESS = 0.08
# Those who wrote the training questions kept off the policies' words, which others do not, so what
# the named signs are worth cannot be learnt from them: chosen on 162 development questions.
GIVEN = {
    "cosine": 1.0,
    "words": 0.4,
    "concepts": 0.4,
    "gives": 0.25,
    "gives a contact": 0.55,
    "passage score": 0.6,
    "fragment": -0.3,
    "is a question": -0.3,
}
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question beside the sentences that are read for it."""

    company: str
    question: torch.Tensor  # (384,)
    sentences: torch.Tensor  # (sentences, 384)
    signs: torch.Tensor  # (sentences, len(SIGNS))
    gold: torch.Tensor  # (sentences,), whether it stands in a gold quote or holds one
    silent: bool  # whether the policy does not say


class Closeness(torch.nn.Module):
    """The log-odds that a sentence settles a question, from their vectors."""

    def __init__(self) -> None:
        """Start from what MiniLM itself finds close."""
        super().__init__()
        self.question = torch.nn.Parameter(torch.randn(DIMENSIONS, RANK) * 0.25)
        self.sentence = torch.nn.Parameter(torch.randn(DIMENSIONS, RANK) * 0.05)
        self.stretch = torch.nn.Parameter(torch.full((DIMENSIONS,), 0.5))
        self.lean = torch.nn.Parameter(torch.zeros(DIMENSIONS))
        # These hold for all sentences of a question: they do not rank, but let the rest be fitted.
        self.unanswered = torch.nn.Parameter(torch.zeros(DIMENSIONS))
        self.bias = torch.nn.Parameter(torch.tensor(-5.0))
        self.dropout = torch.nn.Dropout(DROPPED)

    def forward(self, questions: torch.Tensor, sentences: torch.Tensor) -> torch.Tensor:
        """(questions, sentences), from (questions, 384) and (sentences, 384)."""
        asked = self.dropout(questions * STRETCH)
        said = self.dropout(sentences * STRETCH)
        turned = asked @ self.question @ self.sentence.T + asked * self.stretch + self.lean
        value: torch.Tensor = turned @ said.T + (asked @ self.unanswered)[:, None] + self.bias
        return value

    def weights(self) -> dict[str, torch.Tensor]:
        """What ranks, as ``chatbot.rank`` computes it from unit rows."""
        return {
            "sentence": self.sentence * CLOSENESS * STRETCH,
            "question": self.question * STRETCH,
            "stretch": self.stretch * CLOSENESS * STRETCH**2,
            "lean": self.lean * CLOSENESS * STRETCH,
        }


def main() -> None:
    torch.set_num_threads(1)  # small matrices: a second thread only waits
    training, development = Path(sys.argv[1]), Path(sys.argv[2])
    build_index(training, list(sources()))
    matters = embedded_matters(Encoder(encoder_folder(training, open_index(training).manifest)))
    learnt = list(beside_sentences(training, training_questions()))
    others = list(beside_sentences(development, development_questions()))
    companies = sorted({asked.company for asked in learnt})
    order = np.random.default_rng(1).permutation(len(companies))
    fold = {company: int(place) % FOLDS for company, place in zip(companies, order, strict=True)}
    show("training, named signs", [found(None, asked) for asked in learnt])
    show("development, named signs", [found(None, asked) for asked in others])
    left_out: list[tuple[bool, bool] | None] = []
    for number in range(FOLDS):
        model = fit(matters, [a for a in learnt if fold[a.company] != number])
        left_out += [found(model, a) for a in learnt if fold[a.company] == number]
    show("training, companies left out, all", left_out)
    model = fit(matters, learnt)
    show("development, all", [found(model, asked) for asked in others])
    if "--write" in sys.argv:
        document = {
            "made by": "python benchmarks/ranking.py var/training var/questions --write",
            "signs": GIVEN,
            **{
                name: np.round(weight.detach().numpy().astype(float), 4).tolist()
                for name, weight in model.weights().items()
            },
        }
        WEIGHTS.write_text(json.dumps(document) + "\n", encoding="utf-8")


def beside_sentences(store: Path, questions: Iterable[LabelledQuestion]) -> Iterator[Asked]:
    """The questions, each with the sentences that are read for it."""
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    for asked in read(policy_index, encoder, questions):
        detail = asked.understood.detail
        rows = [
            signs(
                e.text,
                cosine=e.cosine,
                words=e.words,
                concepts=e.concepts,
                gives=e.gives,
                asks_contact=detail is not None and detail.name in CONTACTS,
                passage_score=e.hit.score,
            )
            for e in asked.evidence
        ]
        yield Asked(
            asked.company,
            torch.tensor(asked.vector),
            torch.tensor(np.array([e.vector for e in asked.evidence])),
            torch.tensor([list(row.values()) for row in rows], dtype=torch.float32),
            torch.tensor([asked.is_gold(e) for e in asked.evidence]),
            silent=asked.question.behaviour == "not_stated",
        )


def fit(matters: list[Matter], learnt: list[Asked]) -> Closeness:
    """Fit the closeness to some matters and some questions at a time, all of them many times."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    usable = [asked for asked in learnt if asked.silent or asked.gold.any()]
    model = Closeness()
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS)
    for _ in range(STEPS):
        places = rng.choice(len(matters), MATTERS, replace=False)
        losses = [matter_loss(model, matters, int(place), rng) / MATTERS for place in places]
        for place in rng.choice(len(usable), QUESTIONS, replace=False):
            losses.append(question_loss(model, usable[int(place)]) / QUESTIONS)
        optimiser.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]  # torch has none
        optimiser.step()
        schedule.step()
    return model.eval()


def matter_loss(
    model: Closeness, matters: list[Matter], place: int, rng: np.random.Generator
) -> torch.Tensor:
    """Cross-entropy of some questions on one matter with its sentences and some of others."""
    headed = int(rng.integers(2))
    matter = matters[place]
    own = matter.settling[headed]
    chosen = [int(n) for n in rng.choice(len(matters), OTHERS, replace=False) if n != place]
    other = np.vstack(
        [matters[n].settling[headed] for n in chosen] + [matters[n].near[headed] for n in chosen]
    )
    questions = matter.questions[rng.choice(len(matter.questions), ASKED, replace=False)]
    sentences = np.vstack([own, matter.near[headed], other])
    value = model(torch.tensor(questions), torch.tensor(sentences))
    gold = torch.zeros_like(value)
    gold[:, : len(own)] = 1
    counts = torch.ones(len(sentences))
    counts[-len(other) :] = torch.tensor((other @ own.T).max(axis=1) < ALIKE).float()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(value, gold, reduction="none")
    return (loss * counts).sum(dim=1).mean() / len(own)


def question_loss(model: Closeness, asked: Asked) -> torch.Tensor:
    """Of the choice between all sentences and none: it falls on gold, or where silent on none."""
    value = model(asked.question[None], asked.sentences)[0]
    every = torch.cat([value, torch.zeros(1)]).logsumexp(dim=0)
    weight = INVENTED_WEIGHT if asked.company.endswith(".example") else 1.0
    chosen = torch.zeros(()) if asked.silent else value[asked.gold].logsumexp(dim=0)
    return weight * (every - chosen)


def found(model: Closeness | None, asked: Asked) -> tuple[bool, bool] | None:
    """Whether a gold sentence comes first, and among the first three; None where none is asked."""
    if asked.silent:
        return None
    with torch.inference_mode():
        scores = asked.signs @ torch.tensor([GIVEN[name] for name in SIGNS])
        if model is not None:
            scores += CLOSENESS * model(asked.question[None], asked.sentences)[0]
        order = scores.argsort(descending=True)
    return bool(asked.gold[order[0]]), bool(asked.gold[order[:3]].any())


def show(title: str, outcomes: Sequence[tuple[bool, bool] | None]) -> None:
    told = [outcome for outcome in outcomes if outcome is not None]
    first, third = np.mean(told, axis=0)
    print(f"{title}: first {first:.3f}, among three {third:.3f} (n {len(told)})")


if __name__ == "__main__":
    main()
