"""What is wrong with a query: the place, and the mend, in English and French."""

from contextvars import ContextVar
from dataclasses import dataclass

from app.errors import BadInput

# Who asks reads this language; a shell sets it, as the errors of a query pass through many hands.
LANGUAGE: ContextVar[str] = ContextVar("language of sentences about queries", default="en")
_AROUND = 24  # characters that are shown from a place on


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence about a query, in both languages; `start` and `end` are characters of it."""

    code: str
    en: str
    fr: str
    start: int = 0
    end: int = 0
    mend: str = ""  # the query as it was probably meant
    refused: bool = True  # else it is taken, with this warning

    def sentence(self, language: str | None = None) -> str:
        """What is doubtful and what to write, in the language of who asks if none is given.

        >>> Doubt("x", "nothing follows AND", "rien ne suit AND", 7, 10, "Orange").sentence()
        'nothing follows AND (characters 8 to 10). Write: Orange'
        """
        french = (language or LANGUAGE.get()).startswith("fr")
        text, write = (self.fr, "Écrivez : ") if french else (self.en, "Write: ")
        if self.end > self.start:
            first, last = self.start + 1, self.end
            if first == last:
                text += f" (caractère {first})" if french else f" (character {first})"
            else:
                text += f" (caractères {first} à {last})" if french else f" (characters {first} to {last})"
        stop = "" if text.endswith("?") else "."
        return f"{text}{stop} {write}{self.mend}" if self.mend else text


class BadQuery(BadInput):
    """A query that cannot be read, or can match nothing; `doubt` says it in both languages."""

    code = "bad_query"

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.sentence())
        self.doubt = doubt


def shown(text: str) -> str:
    """The text as it is quoted in a sentence: not too much of it."""
    text = " ".join(text.split())
    return text if len(text) <= _AROUND else f"{text[:_AROUND]}…"
