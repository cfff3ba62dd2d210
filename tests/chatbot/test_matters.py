"""Matters: which one a question is on, which ones sentences settle."""

import json
from pathlib import Path

import numpy as np
import pytest

from chatbot.matters import WEIGHTS, Floats, asked, settled, weights
from index.encode import DIMENSIONS, Encoder

MATTERS = json.loads(WEIGHTS.read_text("utf-8"))["matters"]


@pytest.fixture(scope="module")
def encoder(store: Path) -> Encoder:
    return Encoder(next((store / "encoders").iterdir()))


def likeliest(likely: Floats) -> list[str]:
    """The three likeliest matters: one sentence may settle several."""
    return [MATTERS[place] for place in np.argsort(-likely)[:3]]


def test_each_matter_has_a_row_and_there_is_one_more_for_none() -> None:
    fitted = weights()
    assert fitted.question.shape == (len(MATTERS) + 1, DIMENSIONS)
    assert fitted.sentence.shape == (len(MATTERS) + 1, DIMENSIONS)
    assert len(set(MATTERS)) == len(MATTERS)


def test_likelihoods_of_a_question_add_up_to_nearly_one(encoder: Encoder) -> None:
    likely = asked(encoder.encode(["do they sell what they know about me"])[0])
    assert 0.99 < likely.sum() <= 1
    assert "selling personal data" in likeliest(likely)


def test_a_question_about_something_else_is_on_no_matter(encoder: Encoder) -> None:
    assert asked(encoder.encode(["how long do I boil an egg"])[0]).sum() < 0.2


@pytest.mark.parametrize(
    ("sentence", "matter"),
    [
        ("We do not sell personal information to anyone.", "selling personal data"),
        ("We do not store card numbers after a purchase.", "storing payment card numbers"),
        ("We retain nothing in our backups for more than 30 days.", "copies in backups"),
    ],
)
def test_a_sentence_settles_its_matter(encoder: Encoder, sentence: str, matter: str) -> None:
    (likely,) = settled(encoder.encode([sentence]))
    assert matter in likeliest(likely)


def test_a_sentence_on_nothing_that_is_asked_settles_nothing(encoder: Encoder) -> None:
    (likely,) = settled(encoder.encode(["Our shop in Leeds opens at nine every morning."]))
    assert likely.max() < 0.5
    assert 0 <= likely.sum() <= 1 + 1e-9
    assert np.all(likely >= 0)
