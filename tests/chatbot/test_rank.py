"""A sentence's score is a sum that can be taken apart."""

import numpy as np
import pytest

from chatbot.polarity import polarity
from chatbot.rank import SIGNS, score, signs, towards, weights
from chatbot.understand import OF_EVERYONE
from index.words import fold


def named(text: str, **given: float | bool) -> dict[str, float]:
    values: dict[str, float | bool] = {
        "cosine": 0.5,
        "words": 0.0,
        "concepts": 0.0,
        "gives": False,
        "asks_contact": False,
        "passage_score": 0.5,
    }
    return signs(text, **(values | given))  # type: ignore[arg-type]  # floats and flags by name


def test_the_weights_fit_the_signs_and_the_vectors() -> None:
    fitted = weights()
    assert fitted.signs.shape == (len(SIGNS),)
    assert fitted.sentence.shape == fitted.question.shape
    assert fitted.sentence.shape[0] == fitted.lean.shape[0] == 384


def test_the_score_is_the_signs_and_the_closeness() -> None:
    rng = np.random.default_rng(3)
    question, sentence = rng.normal(size=(2, 384)).astype(np.float32)
    found, fitted = named("We sell nothing to anybody at all."), weights()
    turn = fitted.sentence @ fitted.question.T
    expected = fitted.signs @ list(found.values()) + sentence @ (
        turn @ question + fitted.stretch * question + fitted.lean
    )
    assert score(found, sentence, towards(question)) == pytest.approx(expected, abs=1e-4)


def test_the_questions_words_count_for_a_sentence_and_a_fragment_against_it() -> None:
    nothing = np.zeros(384, np.float32)
    text = "We do not sell what we know about you."
    plain = score(named(text), nothing, nothing)
    assert score(named(text, words=1.0), nothing, nothing) > plain
    assert score(named("We may share with:"), nothing, nothing) < plain


@pytest.mark.parametrize(
    ("question", "of_everyone"),
    [
        ("which of these shops ask for a zip code?", True),
        ("do all of the companies here sell data?", True),
        ("which of them keep my card number?", True),
        ("which companies do you share my data with?", False),
        ("can I stop any of them?", False),
        ("what sites do they track me on?", False),
    ],
)
def test_every_company_is_asked_about_only_in_so_many_words(
    question: str, of_everyone: bool
) -> None:
    assert (OF_EVERYONE.search(fold(question)) is not None) == of_everyone


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("can I turn cookies off?", "We do not use cookies to gather any personal information."),
        ("do they share my data?", "If you do not want your information shared, e-mail us."),
    ],
)
def test_what_is_said_of_the_company_or_to_some_is_no_yes_and_no_no(
    question: str, sentence: str
) -> None:
    assert polarity(question, sentence) == ""
