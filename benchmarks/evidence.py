"""How well evidence is told from its absence, and the weights in ``chatbot/evidence.py``.

    python benchmarks/evidence.py

reads the policies and questions of ``tests/data`` (six companies, none of them in ``seeds/``),
prints how often the quotes hold a labelled one, fits the logistic regression of "support" and
prints its weights, its AUROC leaving one company out, and the errors at the bar in use.
"""

import json
import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from chatbot.bot import READ_HITS, SUPPORT_NEEDED
from chatbot.evidence import choose_quotes, find_evidence
from chatbot.labelled import match_fold
from chatbot.names import Names
from chatbot.retrieve import retrieve
from chatbot.spelling import correct
from chatbot.types import Turn
from chatbot.understand import understand
from index.build import build_index
from index.encode import Encoder
from index.policy_index import open_index
from index.sources import Source
from index.store import encoder_folder

Matrix = NDArray[Any]
DATA = Path(__file__).parent.parent / "tests" / "data"


def sources() -> list[Source]:
    """The policies of ``tests/data``; their names say company and day."""
    found = []
    for path in sorted((DATA / "policies").glob("*.md")):
        company, day = path.stem.split("_")
        found.append(Source(path, company, date.fromisoformat(day)))
    return found


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        build_index(store, sources())
        policy_index = open_index(store)
        encoder = Encoder(encoder_folder(store, policy_index.manifest))
        vocabulary = policy_index.bm25.vocab_dict
        spelling = partial(correct, vocabulary=vocabulary, is_word=encoder.knows)
        names = Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)
        rows, labels, companies, firsts, thirds = [], [], [], [], []
        for line in (DATA / "questions-dev.jsonl").read_text("utf-8").splitlines():
            question = json.loads(line)
            history = [Turn(**turn) for turn in question["history"]]
            understood = understand(question["question"], names, history, spelling)
            snapshot = policy_index.snapshot(
                question["company"], date.fromisoformat(question["snapshot_date"])
            )
            vector = encoder.encode([understood.topic])[0]
            hits = retrieve(policy_index, understood.topic, vector, [snapshot], limit=READ_HITS)
            chosen = choose_quotes(find_evidence(policy_index, understood, vector, hits))
            if question["quotes"]:
                gold = [match_fold(quote) for quote in question["quotes"]]
                said = [match_fold(e.text) for e in chosen]
                right = [any(text in g or g in text for g in gold) for text in said]
                firsts.append(right[0])
                thirds.append(any(right))
            rows.append([chosen[0].cosine, chosen[0].concepts, chosen[0].gives])
            labels.append(question["behaviour"] != "not_stated")
            companies.append(question["company"])
    print(f"right sentence first: {np.mean(firsts):.3f} (n {len(firsts)})")
    print(f"right sentence among the quotes: {np.mean(thirds):.3f} (n {len(thirds)})")
    report_support(np.array(rows, dtype=float), np.array(labels), np.array(companies))


def report_support(features: Matrix, answerable: Matrix, companies: Matrix) -> None:
    """Fit, leave one company out, and print weights and errors."""
    held_out = np.zeros(len(answerable))
    for company in np.unique(companies):
        here = companies == company
        held_out[here] = fit(features[~here], answerable[~here]).predict_proba(features[here])[:, 1]
    model = fit(features, answerable)
    auroc = roc_auc_score(answerable, held_out)
    print(f"AUROC leaving one company out: {auroc:.3f} (n {len(answerable)})")
    print("bias, cosine, concepts, gives:", np.round([model.intercept_[0], *model.coef_[0]], 2))
    print("bar   refused though answerable   answered though silent")
    for bar in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        said = held_out >= bar
        in_use = "   in use" if bar == SUPPORT_NEEDED else ""
        refused, answered = np.mean(~said[answerable]), np.mean(said[~answerable])
        print(f"{bar:.2f}  {refused:25.2f} {answered:24.2f}{in_use}")


def fit(features: Matrix, answerable: Matrix) -> LogisticRegression:
    """As many questions with as without an answer would weigh the same."""
    return LogisticRegression(C=10, class_weight="balanced").fit(features, answerable)


if __name__ == "__main__":
    main()
