"""How well evidence is told from its absence, and the weights in ``chatbot/evidence.py``.

    python benchmarks/evidence.py

reads the policies and questions of ``tests/data`` (six companies, none of them in ``seeds/``),
prints how often the quotes hold a labelled one, fits the logistic regression of "support" and
prints its weights, its AUROC leaving one company out, and the errors at the bar in use.
"""

import json
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from chatbot.bot import READ_HITS, SUPPORT_NEEDED
from chatbot.evidence import choose_quotes, find_evidence
from chatbot.evaluate import match_fold
from chatbot.names import Names
from chatbot.retrieve import retrieve
from chatbot.types import Turn
from chatbot.understand import understand
from index.build import build_index
from index.encode import Encoder
from index.policy_index import open_index
from index.sources import Source
from index.store import encoder_folder

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
        names = Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)
        rows, labels, companies, firsts, thirds = [], [], [], [], []
        for line in (DATA / "questions-dev.jsonl").read_text("utf-8").splitlines():
            question = json.loads(line)
            history = [Turn(**turn) for turn in question["history"]]
            understood = understand(question["question"], names, history)
            snapshot = policy_index.snapshot(
                question["company"], date.fromisoformat(question["snapshot_date"])
            )
            vector = encoder.encode([understood.topic])[0]
            hits = retrieve(policy_index, understood.topic, vector, [snapshot], limit=READ_HITS)
            evidence = find_evidence(policy_index, understood, vector, hits)
            chosen = choose_quotes(evidence)
            if question["quotes"]:
                gold = [match_fold(quote) for quote in question["quotes"]]
                right = [any(match_fold(e.text) in g or g in match_fold(e.text) for g in gold) for e in chosen]
                firsts.append(right[0])
                thirds.append(any(right))
            rows.append(max(([e.cosine, e.concepts, e.gives] for e in chosen), key=lambda r: r[0]))
            labels.append(question["behaviour"] != "not_stated")
            companies.append(question["company"])
    features, answerable = np.array(rows, dtype=float), np.array(labels)
    print(f"sentence right at 1: {np.mean(firsts):.3f}, among the quotes: {np.mean(thirds):.3f} (n {len(firsts)})")
    held_out = np.zeros(len(labels))
    for company in sorted(set(companies)):
        here = np.array([c == company for c in companies])
        model = LogisticRegression(C=10, class_weight="balanced").fit(features[~here], answerable[~here])
        held_out[here] = model.predict_proba(features[here])[:, 1]
    model = LogisticRegression(C=10, class_weight="balanced").fit(features, answerable)
    print(f"AUROC leaving one company out: {roc_auc_score(answerable, held_out):.3f} (n {len(labels)})")
    print("bias, cosine, concepts, gives:", np.round([model.intercept_[0], *model.coef_[0]], 2))
    for bar in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        said = held_out >= bar
        print(f"bar {bar}: refused though answerable {np.mean(~said[answerable]):.2f}, answered though silent {np.mean(said[~answerable]):.2f}")
    print("bar in use:", SUPPORT_NEEDED)


if __name__ == "__main__":
    main()
