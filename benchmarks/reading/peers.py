"""Libraries that judge the tone of a text, as they ship, where they are installed.

They are of the dependency group `bench`, not of the service.
"""

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Sequence

_AT = 0.05  # the threshold that VADER's authors give
_MODULES = {"en": ("vaderSentiment",), "fr": ("vaderSentiment_fr",)}


def peers(language: str) -> dict[str, Callable[[Sequence[str]], Sequence[str]] | None]:
    """The rules of others for a language; None for a library that is not installed."""
    return {name.replace("_", "-"): _vader(name) for name in _MODULES[language]}


def _vader(module: str) -> Callable[[Sequence[str]], Sequence[str]] | None:
    if importlib.util.find_spec(module) is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fuzzywuzzy misses a faster library
        analyser = importlib.import_module(f"{module}.vaderSentiment").SentimentIntensityAnalyzer()

    def judged(texts: Sequence[str]) -> list[str]:
        scores = (float(analyser.polarity_scores(text)["compound"]) for text in texts)
        return [
            "positive" if score >= _AT else "negative" if score <= -_AT else "neutral" for score in scores
        ]

    return judged
