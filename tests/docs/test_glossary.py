"""The words of the API are words of the glossary, or plain English."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.api import install_api

GLOSSARY = Path(__file__).parents[2] / "docs" / "GLOSSARY.md"
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Words that need no entry: they mean in the API what they mean everywhere.
_PLAIN = """
    a accept account asks acknowledge acknowledged action actor add after alerted alike all any at attempt
    attempted audience author basis because before below broken bulk burning by calibrated calmed
    challenge change close closing code cost count country created day decided decides decline delay delivered
    detail digest done doubling doubt due earlier edited enabled ended ends error expected expects expires
    external factor failing failure fallback false few first follower forget from gain gained give good
    grain grew has heard high hole hour id in index instance item joined judging kept key known labelling
    lang language large last late leading learn learnt left like limit lost loudest low made make many minute
    mode month name need needed negative new next none note observed of opened out over page parameter
    payload per point pointer positive prefix press previewed probed problem proposed published pushed read
    reaching readiness ready receipt received recent rejected relay relaying remind repeated reply
    request reset retry revoked
    readiness ready receipt received rejected relay relaying remind repeated reply reset
    restored retry revoked spoken
    ring ringing say scored second secret seen sent setting share signature signed since slope snoozed spared
    spec start started state status stored subject summary take taken tally term text time timeline tipping
    title to today token total trend type typical unjudged until updated url used user usual view week
    what where why window wish word work worked write wrong zone
    about brand calendar called figure found hand ics instead lapse live matched median off on part people
    approved curve decision format host mark remark said send sending team
    every place suggestion tried whole within
"""
PLAIN = frozenset(_PLAIN.split())
# What the world calls so: protocols, products, and endpoints that machines know.
NAMES = frozenset(
    {"api", "healthz", "readyz", "metrics", "slack", "tocsin", "websub", "v", "q", "x", "hub", "lease"}
)
# Answers for one version more.
OLD = frozenset({"line", "quiet"})


def words_of_glossary() -> set[str]:
    table = GLOSSARY.read_text(encoding="utf-8").partition("## Words of before")[0]
    entries = re.findall(r"^\| \*\*(.+?)\*\* \|", table, re.MULTILINE)
    return {stem(word) for entry in entries for word in re.findall(r"[a-z]+", entry.lower().replace("-", ""))}


def stem(word: str) -> str:
    """The word without the ending of a plural.

    >>> [stem(word) for word in ("watches", "policies", "alarms", "voices", "status", "press")]
    ['watch', 'policy', 'alarm', 'voice', 'status', 'press']
    """
    if word.endswith("ies") and word != "series":
        return word[:-3] + "y"
    if word.endswith(("ches", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "ies", "is")) else word


def names(openapi: dict[str, Any]) -> Iterator[str]:
    for path, methods in openapi["paths"].items():
        yield path
        for operation in methods.values():
            yield from operation.get("tags", [])
            yield from (parameter["name"] for parameter in operation.get("parameters", []))
    for name, schema in openapi["components"]["schemas"].items():
        yield name
        yield from schema.get("properties", {})


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    app = FastAPI(title="Tocsin", version="0")
    install_api(app)
    return {stem(word.lower()): name for name in names(app.openapi()) for word in _PARTS.findall(name)}


def test_each_word_of_the_api_is_in_the_glossary_or_plain(used: dict[str, str]) -> None:
    known = words_of_glossary() | {stem(word) for word in (*PLAIN, *NAMES)} | OLD
    unknown = {word: name for word, name in used.items() if word not in known}
    assert not unknown, "explain these in docs/GLOSSARY.md, or use a word that is there"


def test_no_word_is_excused_that_nobody_uses(used: dict[str, str]) -> None:
    assert {stem(word) for word in (*PLAIN, *NAMES)} | OLD <= set(used) | words_of_glossary()


def test_no_word_is_explained_twice() -> None:
    entries = re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(entries) == len(set(entries))
    assert entries == sorted(entries, key=str.casefold)
