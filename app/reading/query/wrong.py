"""What is wrong with a query: the place, and the mend, in English and French."""

from dataclasses import dataclass
from typing import Literal

from app.errors import BadInput

Language = Literal["en", "fr"]
_AROUND = 24  # characters that are shown from a place on


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence about a query, in both languages; `start` and `end` are characters of it."""

    code: str
    en: str
    fr: str
    start: int = 0
    end: int = 0
    mend: str = ""  # the query, or the part of it, as it was probably meant

    def sentence(self, language: str = "en") -> str:
        """What is doubtful and what to write, in English unless French is asked for.

        >>> Doubt("x", "nothing follows AND", "rien ne suit AND", 7, 10, "Orange").sentence()
        'nothing follows AND (characters 8 to 10). Write: Orange'
        """
        french = language.startswith("fr")
        text, write = (self.fr, "Écrivez : ") if french else (self.en, "Write: ")
        if self.end > self.start:
            first, last = self.start + 1, self.end
            if first == last:
                text += f" (caractère {first})" if french else f" (character {first})"
            else:
                text += f" (caractères {first} à {last})" if french else f" (characters {first} to {last})"
        return f"{text}. {write}{self.mend}" if self.mend else text


class BadQuery(BadInput):
    """A query that cannot be read, or can match nothing; its sentence is English, `doubt` has both."""

    code = "bad_query"

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.sentence())
        self.doubt = doubt


def shown(text: str) -> str:
    """The text as it is quoted in a sentence: not too much of it."""
    text = " ".join(text.split())
    return text if len(text) <= _AROUND else f"{text[:_AROUND]}…"
