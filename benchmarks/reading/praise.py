"""How far praise is believed: fitted on sentences of our own, and measured on those it was not fitted on."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from app.reading import semantic
from app.reading.folding import fold
from app.reading.irony import names, signs
from app.reading.language import language
from app.reading.lexicon import tokens
from app.reading.negativity import CLASSES, heard, judge
from app.reading.readable import readable

MEANT = Path("tests/reading/meant")
FITTED = ("first", "second", "third", "fourth")  # the sets that may be fitted on
UNSEEN = ("fifth",)
Floats = npt.NDArray[np.float64]
_KINDS = ("irony", "praise", "plain")
_REINS = 0.3
_TALK = 5.0


def sentences() -> list[tuple[str, bool, bool]]:
    """Posts that praise, each with whether it is meant as blame, and whether it is talk of no service."""
    found, heading = [], ""
    for line in (MEANT / "praise.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, heading == "blame", heading == "talk"))
    for text, tone in semantic.sentences():
        if tone != "neutral":
            found.append((text, tone == "negative", tone == "positive"))
    for name in FITTED:
        for line in (MEANT / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            _, kind, _, text = line.split("\t")
            if kind in _KINDS:
                found.append((text, kind == "irony", False))
    return found


def numbers(text: str) -> list[float]:
    """What is weighed of a post."""
    clean = readable(text)
    words = tokens(fold(clean))
    bad, good = heard(words, "fr" if language(clean, None) == "fr" else "en")
    return signs(words, bad, good)


def fit() -> str:
    """The weights, as JSON: what `irony.json` holds."""
    x, blamed, weights, model = _model()
    model.fit(x, blamed, weights)
    fitted = zip(names(), model.coef_[0], strict=True)
    held = {"always": model.intercept_[0], **dict(fitted)}
    return json.dumps({name: round(float(weight), 3) for name, weight in held.items()}, indent=1) + "\n"


def table() -> str:
    """Of each set what is heard as praise, fitted on and unseen."""
    lines = ["| set | of | sentences | positive | neutral | negative |", "| --- " * 6 + "|"]
    for name in (*FITTED, *UNSEEN):
        rows = [line.split("\t") for line in (MEANT / f"{name}.tsv").read_text("utf-8").splitlines()]
        texts = [readable(text) for *_, text in rows]
        heard_as = judge(texts, [language(text, row[0]) for text, row in zip(texts, rows, strict=True)])
        tones = [CLASSES[i] for i in heard_as.argmax(axis=1)]
        for of in ("fr", "en"):
            for kind in ("irony", "praise"):
                found = [
                    tone for tone, row in zip(tones, rows, strict=True) if row[0] == of and row[1] == kind
                ]
                if found:
                    shares = " | ".join(f"{found.count(tone)}" for tone in reversed(CLASSES))
                    lines.append(f"| {name} | {kind}, {of} | {len(found)} | {shares} |")
    return "\n".join(lines)


def _model() -> tuple[Floats, Floats, Floats, LogisticRegression]:
    """Numbers, whether each is blame, and the weight of each: most of what people post is of no service."""
    said = sentences()
    x = np.asarray([numbers(text) for text, *_ in said])
    blamed = np.asarray([blame for _, blame, _ in said], float)
    weights = np.asarray([_TALK if talk else 1.0 for *_, talk in said])
    weights[blamed > 0] *= weights[blamed == 0].sum() / blamed.sum()
    return x, blamed, weights, LogisticRegression(C=_REINS, max_iter=3_000)
