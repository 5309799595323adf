"""HTML of feed items to text, beside the standard library's parser, which only gathers what it finds.

    python -m benchmarks.markup [--items 10000]

An item is a standfirst, or an article with links, a list, a picture, a script and entities, as feeds bring
them: about 300 and 3,000 characters. Wanted: not slower than half the speed of the standard library's parser
alone, which is in Python and knows nothing of how a page is nested.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

from app.sources.toolkit.markup import plain

_WORDS = (
    "rappel",
    "Vélinor",
    "lot",
    "client",
    "l&#8217;usine",
    "d&eacute;but",
    "service",
    "R&amp;D",
    "panne",
)


class _Bare(HTMLParser):
    """All text that the standard library finds, whatever it belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def bare(markup: str) -> str:
    """The text as the standard library gives it."""
    parser = _Bare()
    parser.feed(markup)
    parser.close()
    return "".join(parser.pieces)


def items(many: int, rng: random.Random) -> list[str]:
    """Half of them standfirsts, half articles."""
    return [_article(rng) if number % 2 else _standfirst(rng) for number in range(many)]


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=14)).capitalize() + "."


def _standfirst(rng: random.Random) -> str:
    link = f'<a href="https://press.example/{rng.randrange(10**6)}">la suite</a>'
    return f"<p>{_sentence(rng)} {_sentence(rng)}<br>{link}</p>"


def _article(rng: random.Random) -> str:
    picture = f'<figure><img src="/{rng.randrange(99)}.jpg" alt="{_sentence(rng)}"></figure>'
    listed = "".join(f"<li><b>{rng.choice(_WORDS)}</b> {_sentence(rng)}" for _ in range(5))
    paragraphs = "".join(
        f'<p class="x">{_sentence(rng)} <a href="https://a.example/{n}"><em>ici</em></a> {_sentence(rng)}</p>'
        for n in range(8)
    )
    return f"<div>{picture}{paragraphs}<ul>{listed}</ul><script>if (a < b) x()</script></div>"


def measured(read: Callable[[str], str], markup: Sequence[str]) -> float:
    """Items a second, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for one in markup:
            read(one)
        best = min(best, time.perf_counter() - began)
    return len(markup) / best


def main(argv: Sequence[str] | None = None) -> None:
    """Print both rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    args = parser.parse_args(argv)
    markup = items(args.items, random.Random(7))
    rate, peer = measured(plain, markup), measured(bare, markup)
    print(
        f"HTML to text: {rate:,.0f} items/s; html.parser alone {peer:,.0f} items/s ({rate / peer:.1f} times)"
    )


if __name__ == "__main__":
    main()
