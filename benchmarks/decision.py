"""Fit ``chatbot/decision.json``: whether a policy answers, speaks of the matter, or does not say.

    python tests/question_set.py index var/questions
    python benchmarks/decision.py var/training var/questions [--write]

reads the questions of ``benchmarks/training`` (companies that no question set is about; their
index is made in the first folder), prints how often the sentences that would be quoted hold a gold
one, how well the fit does on companies left out and on the development questions, at several bars
of silence, and with ``--write`` replaces the weights.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from questions import INVENTED_WEIGHT, development_questions, read, sources, training_questions
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from chatbot.decide import FEATURES, OUTCOMES, WEIGHTS, explained, vector_features
from chatbot.evaluation.labelled import LabelledQuestion
from chatbot.evidence import choose_quotes
from index.build import build_index
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder

STRENGTH = 0.03  # of the fit (C); from 0.01 to 0.1 companies left out fare alike
BARS = (0.3, 0.35, 0.4, 0.45, 0.5)
Matrix = NDArray[np.float64]


def main() -> None:
    training, development = Path(sys.argv[1]), Path(sys.argv[2])
    build_index(training, list(sources()))
    named, vectors, outcomes, companies = features(training, list(training_questions()))
    mean, scale = named.mean(axis=0), named.std(axis=0)
    rows = np.hstack([(named - mean) / scale, vectors])
    likely = np.zeros((len(rows), len(OUTCOMES)))
    for others, these in GroupKFold(6).split(rows, outcomes, companies):
        model = fit(rows[others], outcomes[others], companies[others])
        likely[these] = model.predict_proba(rows[these])
    model = fit(rows, outcomes, companies)
    show("training, companies left out", likely, outcomes)
    named, vectors, outcomes, _ = features(development, list(development_questions()))
    asked = np.hstack([(named - mean) / scale, vectors])
    show("development", model.predict_proba(asked), outcomes)
    if "--write" in sys.argv:
        WEIGHTS.write_text(
            json.dumps(
                {
                    "made by": "python benchmarks/decision.py var/training var/questions --write",
                    "features": FEATURES,
                    "mean": np.round(mean, 5).tolist(),
                    "scale": np.round(scale, 5).tolist(),
                    "coefficients": {
                        outcome: np.round(row, 4).tolist()
                        for outcome, row in zip(OUTCOMES, model.coef_, strict=True)
                    },
                    "intercepts": dict(
                        zip(OUTCOMES, np.round(model.intercept_, 4).tolist(), strict=True)
                    ),
                }
            )
            + "\n",
            encoding="utf-8",
        )


def fit(
    rows: Matrix, outcomes: NDArray[np.int64], companies: NDArray[np.str_]
) -> LogisticRegression:
    invented = np.char.endswith(companies, ".example")
    weight = np.where(invented, INVENTED_WEIGHT, 1.0)
    return LogisticRegression(C=STRENGTH, max_iter=2000).fit(rows, outcomes, weight)


def show(title: str, likely: Matrix, outcomes: NDArray[np.int64]) -> None:
    """AUROC of silence, and errors at each bar."""
    silent = outcomes == OUTCOMES.index("not_stated")
    print(f"{title}: n {len(outcomes)}, AUROC of silence {roc_auc_score(silent, likely[:, 2]):.3f}")
    print("bar   right behaviour   refused though answerable   answered though silent")
    for bar in BARS:
        said = np.where(likely[:, 2] > bar, 2, likely[:, :2].argmax(axis=1))
        right, refused = np.mean(said == outcomes), np.mean(said[~silent] == 2)
        print(f"{bar:.2f} {right:17.3f} {refused:27.3f} {np.mean(said[silent] == 0):24.3f}")


def features(
    store: Path, questions: list[LabelledQuestion]
) -> tuple[Matrix, Matrix, NDArray[np.int64], NDArray[np.str_]]:
    """Explained features, vectors, outcomes and companies of ``questions``, a row each."""
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    named, vectors, firsts, thirds = [], [], [], []
    for asked in read(policy_index, encoder, questions):
        features_of = explained(asked.understood, asked.vector, asked.evidence)
        named.append(list(features_of.values()))
        vectors.append(vector_features(asked.vector, asked.evidence[0]))
        right = [asked.is_gold(e) for e in choose_quotes(asked.evidence)]
        firsts += [right[0]] if asked.question.quotes else []
        thirds += [any(right)] if asked.question.quotes else []
    print(
        f"right sentence first: {np.mean(firsts):.3f}, among those quoted: {np.mean(thirds):.3f} "
        f"(n {len(firsts)})"
    )
    return (
        np.array(named),
        np.array(vectors),
        np.array([OUTCOMES.index(str(question.behaviour)) for question in questions]),
        np.array([question.company[0] for question in questions]),
    )


if __name__ == "__main__":
    main()
