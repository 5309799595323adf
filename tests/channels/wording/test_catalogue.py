"""Every sentence of the code has its French, and nothing in the catalogue is left over."""

import ast
import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from app import channels, sources
from app.channels.wording.words import LOCALE, Words
from app.console.forms import fields_of

Ids = tuple[str, ...]
SAYING = {
    "say": 1,
    "write": 1,
    "mark": 1,
    "count": 2,
    "write_count": 2,
}  # how many of the first arguments are message ids


def spoken() -> set[Ids]:
    """The message ids that stand in the code."""
    found: set[Ids] = set()
    for path in Path(LOCALE.parent).rglob("*.py"):
        source = path.read_text()
        says = "app.channels.wording.words" in source or path.name == "words.py" or "console" in path.parts
        if not says:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                arguments = node.args[: SAYING.get(called, 0)]
                texts = [str(arg.value) for arg in arguments if isinstance(arg, ast.Constant)]
                if texts and len(texts) == SAYING[called]:
                    found.add(tuple(texts))
    return found | on_pages() | of_kinds()


def of_kinds() -> set[Ids]:
    """What the forms of sources and channels say of a kind, and of each of its fields."""
    found: set[str] = set()
    for source in sources.KINDS:
        found |= {source.summary, source.needs, *(one.hint for one in fields_of(source.settings, {}))}
    for channel in channels.KINDS:
        found |= {channel.summary, *(one.hint for one in fields_of(channel.settings, {}))}
    return {(text,) for text in found if text}


def on_pages() -> set[Ids]:
    """Those that stand in the templates of the console."""
    found: set[Ids] = set()
    for path in Path(LOCALE.parent, "console", "templates").glob("*.html"):
        for call in Environment(autoescape=True).parse(path.read_text()).find_all(nodes.Call):
            number = SAYING.get(getattr(call.node, "attr", ""), 0)
            texts = [str(arg.value) for arg in call.args[:number] if isinstance(arg, nodes.Const)]
            if texts and len(texts) == number:
                found.add(tuple(texts))
    return found


def french() -> dict[Ids, tuple[Ids, bool]]:
    """(the French, whether it is doubtful) of each message."""
    with (LOCALE / "fr.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    return {
        all_of(message.id): (all_of(message.string), message.fuzzy) for message in catalogue if message.id
    }


def all_of(texts: str | list[str] | tuple[str, ...] | None) -> Ids:
    return (texts or "",) if isinstance(texts, str | None) else tuple(texts)


def test_every_sentence_has_its_french_and_every_french_its_sentence() -> None:
    assert len(spoken()) > 80
    assert spoken() == french().keys()


def test_no_sentence_has_two_french_ones() -> None:
    ids = re.findall(r'^msgid ((?:".*"\n)+)', (LOCALE / "fr.po").read_text(), re.MULTILINE)
    assert [one for one, times in Counter(ids).items() if times > 1] == []


def test_the_french_is_there_and_has_the_same_places(subtests: pytest.Subtests) -> None:
    for ids, (said, doubtful) in french().items():
        with subtests.test(ids=ids):
            assert not doubtful
            assert len(said) == len(ids)
            for english, translated in zip(ids, said, strict=True):
                assert translated
                assert places(english) == places(translated)
                assert english.count("*") == translated.count("*")
                assert english.count("*") % 2 == 0, "what begins in bold ends in it"
                assert not any(f" {sign}" in translated for sign in ":;!?»%"), "it needs a no-break space"


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("language", "n", "text"),
    [
        ("en", 0, "0 mentions"),
        ("en", 1, "1 mention"),
        ("en", 1.4, "1.4 mentions"),
        ("en", 1912, "1,912 mentions"),
        ("fr", 0, "0 mention"),
        ("fr", 1, "1 mention"),
        ("fr", 2, "2 mentions"),
        ("fr", 1912, "1\u202f912 mentions"),
    ],
)
def test_numbers_agree_in_each_language(language: str, n: float, text: str) -> None:
    assert Words(language, "UTC").count("{n} mention", "{n} mentions", n) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0%"), (1, 1000, "1%"), (999, 1000, "99%"), (10, 10, "100%"), (0, 0, "0%")],
)
def test_a_share_is_none_or_all_only_if_it_is(part: int, whole: int, text: str) -> None:
    assert Words("en", "UTC").share(part, whole) == text
