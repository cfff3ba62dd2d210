"""How well evidence is told from its absence, and the weights in ``chatbot/evidence.py``.

    python tests/question_set.py index var/questions
    python benchmarks/evidence.py var/questions

reads the development questions, prints how often the quotes hold a labelled one, fits the logistic
regression of "support" and prints its weights, its AUROC leaving one company out, and the errors at
the bar in use. Only questions that one policy answers or leaves open are used, and none that
careful readers disagree about.
"""

import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from chatbot.bot import READ_HITS, SUPPORT_NEEDED
from chatbot.evaluation.labelled import match_fold, read_sets
from chatbot.evidence import choose_quotes, find_evidence
from chatbot.names import Names
from chatbot.retrieve import retrieve
from chatbot.spelling import correct
from chatbot.understand import understand
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder

Matrix = NDArray[Any]
QUESTIONS = Path(__file__).parent.parent / "tests" / "data" / "questions-dev.jsonl"


def main() -> None:
    """Print the tables."""
    store = Path(sys.argv[1])
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    vocabulary = policy_index.bm25.vocab_dict
    spelling = partial(correct, vocabulary=vocabulary, is_word=encoder.knows)
    names = Names(policy_index.companies.values(), vocabulary)
    rows, labels, companies, firsts, thirds = [], [], [], [], []
    for question in read_sets([QUESTIONS])[0]:
        if len(question.company) != 1 or len(question.snapshot_date) != 1 or question.contested:
            continue
        if question.behaviour not in ("answer", "partly", "not_stated"):
            continue
        understood = understand(question.question, names, question.history, spelling)
        (company,), (day,) = question.company, question.snapshot_date
        snapshot = policy_index.snapshot(company, date.fromisoformat(day))
        vector = encoder.encode([understood.topic])[0]
        hits = retrieve(policy_index, understood.topic, vector, [snapshot], limit=READ_HITS)
        chosen = choose_quotes(find_evidence(policy_index, understood, vector, hits))
        if question.quotes:
            gold = [match_fold(quote) for quote in question.quotes]
            said = [match_fold(e.text) for e in chosen]
            right = [any(text in g or g in text for g in gold) for text in said]
            firsts.append(right[0])
            thirds.append(any(right))
        rows.append([chosen[0].cosine, chosen[0].concepts, chosen[0].gives])
        labels.append(question.behaviour != "not_stated")
        companies.append(company)
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
