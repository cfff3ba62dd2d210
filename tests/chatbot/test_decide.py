"""Whether a policy answers is told by weights that can be read and made again."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from chatbot.bot import Chatbot
from chatbot.decide import FEATURES, OUTCOMES, WEIGHTS, decide, explained
from chatbot.evidence import find_evidence
from chatbot.names import Names
from chatbot.understand import understand
from index.encode import DIMENSIONS, Encoder
from index.policy_index import open_index

NOTHING = np.zeros(DIMENSIONS, np.float32)
UNDERSTOOD = understand("do they sell my name?", Names([], ()))


def test_the_weights_say_what_they_weigh_and_how_they_were_made() -> None:
    read = json.loads(WEIGHTS.read_text("utf-8"))
    assert tuple(read["features"]) == FEATURES
    assert read["made by"].startswith("python benchmarks/decision.py")
    assert len(read["mean"]) == len(read["scale"]) == len(FEATURES)
    for outcome in OUTCOMES:
        assert len(read["coefficients"][outcome]) == len(FEATURES) + 3 * DIMENSIONS


def test_without_any_sentence_a_policy_is_silent() -> None:
    decision = decide(UNDERSTOOD, NOTHING, [])
    assert decision.silent
    assert decision.not_stated == 1


@pytest.mark.parametrize(
    ("question", "company", "silent"),
    [
        pytest.param("does lumens use cookies?", "lumens.com", False, id="cookies"),
        pytest.param("do they rent their mailing list?", "helzberg.com", False, id="mailing-list"),
        pytest.param("do they record my phone calls?", "helzberg.com", True, id="recordings"),
        pytest.param("do they read my fingerprints?", "bellacor.com", True, id="fingerprints"),
    ],
)
def test_what_is_plain_is_decided_so(
    store: Path, bot: Chatbot, question: str, company: str, silent: bool
) -> None:
    index = open_index(store)
    encoder = Encoder(next((store / "encoders").iterdir()))
    understood = understand(question, Names(index.companies.values(), index.bm25.vocab_dict))
    vector = encoder.encode([understood.topic])[0]
    hits = bot.search(question, company=company)
    evidence = find_evidence(index, understood, vector, hits)
    assert tuple(explained(understood, vector, evidence)) == FEATURES
    decision = decide(understood, vector, evidence)
    assert math.isclose(decision.answer + decision.partly + decision.not_stated, 1)
    assert decision.silent is silent
