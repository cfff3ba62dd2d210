"""Measure actions: what is extracted from whole policies, and what is offered for a question.

    python benchmarks/actions.py var/training

The index of the training policies is made in that folder. Extraction is measured on every contact
that they print (``training/contacts.csv``), the choice on the answered training questions
(``training/actions.jsonl`` says which of them want something done and what it takes; ``also`` is
what may be offered beside it; to all others nothing may be), once with the sentence that the gold
quote is, so that ranking plays no part, and once as the program answers. The rules were written
with both sets in view.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from questions import TRAINING, sources, training_questions

from chatbot.actions import find_actions
from chatbot.bot import CONTACT_HITS, CONTACT_TOPIC, Chatbot
from chatbot.contacts import Spot, printed_contacts, quote
from chatbot.evaluation.judge import same_action
from chatbot.evaluation.labelled import ExpectedAction, LabelledQuestion, match_fold
from chatbot.evidence import Evidence
from chatbot.retrieve import retrieve
from chatbot.types import Action, Hit
from chatbot.ways import offered, ways_to_act
from chatbot.wish import wish
from index.build import build_index
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder

SHORT = 12  # characters; a sentence no longer than that stands for no quote
Labels = dict[tuple[str, str], tuple[list[ExpectedAction], list[ExpectedAction]]]


def main() -> None:
    store = Path(sys.argv[1])
    build_index(store, list(sources()))
    bot = Chatbot.open(store)
    gold = Gold(store)
    show("extraction", list(extraction()))
    labels = read_labels()
    asked = [q for q in training_questions() if q.behaviour in ("answer", "partly")]
    show("choice, gold sentence", list(choice(asked, labels, gold.offered)))
    show("choice, as answered", list(choice(asked, labels, partial(offered_by, bot))))


Outcome = tuple[int, int, int, int]  # right of offered, found of expected


def show(title: str, outcomes: Sequence[Outcome]) -> None:
    right, given, found, wanted = (sum(column) for column in zip(*outcomes, strict=True))
    precision, recall = right / max(given, 1), found / max(wanted, 1)
    print(
        f"{title:24} precision {precision:.3f} ({right}/{given}) recall {recall:.3f} "
        f"({found}/{wanted})"
    )


def extraction() -> Iterator[Outcome]:
    expected: dict[str, list[ExpectedAction]] = {}
    with (TRAINING / "contacts.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            expected.setdefault(row["policy"], []).append(
                ExpectedAction(row["type"], row["text"])  # type: ignore[arg-type]  # checked by eye
            )
    for path in sorted((TRAINING / "policies").glob("*.md")):
        # Links of Markdown are plain; those of the real policies were not labelled.
        real = ".example" not in path.name
        actions = [
            action
            for action in find_actions(path.read_text("utf-8"), 1)
            if not (real and action.type == "link")
        ]
        yield outcome(actions, expected.get(path.stem, []), [])


def read_labels() -> Labels:
    labels: Labels = {}
    for line in (TRAINING / "actions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        both = [[ExpectedAction(a["type"], a["text"]) for a in row[k]] for k in ("actions", "also")]
        labels[row["policy"].partition("_")[0], row["question"]] = (both[0], both[1])
    return labels


def choice(
    asked: Sequence[LabelledQuestion],
    labels: Labels,
    actions_for: Callable[[LabelledQuestion], Sequence[Action]],
) -> Iterator[Outcome]:
    for question in asked:
        wanted, also = labels.get((question.company[0], question.question), ([], []))
        yield outcome(actions_for(question), wanted, also)


def outcome(
    actions: Sequence[Action], wanted: Sequence[ExpectedAction], also: Sequence[ExpectedAction]
) -> Outcome:
    right = [any(same_action(action, one) for one in wanted) for action in actions]
    idle = [
        any(
            same_action(action, one) or (one.text == "*" and action.type == one.type)
            for one in also
        )
        for action in actions
    ]
    given = sum(r or not i for r, i in zip(right, idle, strict=True))
    found = sum(any(same_action(action, one) for action in actions) for one in wanted)
    return sum(right), given, found, len(wanted)


def offered_by(bot: Chatbot, question: LabelledQuestion) -> list[Action]:
    answer = bot.ask(question.question, company=question.company[0])
    cited = {citation.id for citation in answer.citations}
    return [action for action in answer.actions if action.citation in cited]


class Gold:
    """Offers what it would be with the longest sentence of the first gold quote as evidence."""

    def __init__(self, store: Path) -> None:
        """Open the index in ``store`` and embed what contacts are looked for by."""
        self.index = open_index(store)
        encoder = Encoder(encoder_folder(store, self.index.manifest))
        self.contact_vector = encoder.encode([CONTACT_TOPIC])[0]
        self.sentences = cache(self._sentences)
        self.contacts = cache(self._contacts)

    def _hits(self, company: str, limit: int) -> list[Hit]:
        day = self.index.companies[company].days[-1]
        snapshots = [self.index.snapshot(company, day)]
        return retrieve(self.index, CONTACT_TOPIC, self.contact_vector, snapshots, limit=limit)

    def _sentences(self, company: str) -> list[tuple[Hit, int, str]]:
        """Every sentence of a policy: its passage, its place there, folded."""
        return [
            (hit, place, match_fold(hit.passage.text[sentence.start : sentence.end]))
            for hit in self._hits(company, sys.maxsize)
            for place, sentence in enumerate(hit.sentences)
        ]

    def _contacts(self, company: str) -> list[Spot]:
        return printed_contacts(self.index, self._hits(company, CONTACT_HITS))

    def offered(self, question: LabelledQuestion) -> Sequence[Action]:
        """The actions that would be offered for a question."""
        (company,) = question.company
        gold = match_fold(question.quotes[0]) if question.quotes else ""
        held = [
            (len(text), hit, place)
            for hit, place, text in self.sentences(company)
            if gold and len(text) > SHORT and (text in gold or gold in text)
        ]
        if not held:
            return ()
        _, hit, place = max(held, key=lambda one: one[0])
        evidence = Evidence(hit, place, 1.0, 0.0, 0.0, gives=False, score=1.0)
        wanted = wish(question.question)
        contacts = partial(self.contacts, company)
        return offered(
            wanted, quote(self.index, ways_to_act(self.index, wanted, [evidence], contacts))
        )


if __name__ == "__main__":
    main()
