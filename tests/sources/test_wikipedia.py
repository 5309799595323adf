"""The edits of a page of Wikipedia: what each says, who made it, and what it took back."""

from typing import Any

import pytest

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.wikipedia import KIND, WikipediaSettings
from tests.sources.far_ends.base import NOW, later
from tests.sources.street import ReceivedRequest, Reply, says, street

EDIT = {
    "revid": 12, "parentid": 11, "minor": False, "user": "Ana", "timestamp": "2026-11-22T08:30:00Z",
    "size": 900, "comment": "/* Scandales */ ajout du rappel de 2026", "tags": [],
}  # fmt: skip
BEFORE = EDIT | {"revid": 11, "parentid": 10, "timestamp": "2026-11-22T08:20:00Z", "size": 4_900}


def run(
    *edits: dict[str, Any], pages: tuple[str, ...] = ("fr:Vélinor",), bots: bool = False, **page: object
) -> tuple[Batch, list[ReceivedRequest]]:
    """What the first run brings, and what it asked."""

    def answer(request: ReceivedRequest) -> Reply:
        if request.query.get("list") == "users":
            names = request.query["ususers"].split("|")
            return says(
                {"query": {"users": [{"name": n, "groups": ["bot"] * (n == "FixBot")} for n in names]}}
            )
        held = {"title": request.query["titles"], "revisions": list(edits)} | page
        if request.query["titles"] == "Rien":
            held = {"title": "Rien", "missing": True}
        return says({"query": {"pages": [held]}})

    assert KIND.build
    with street(answer) as (server, client):
        settings = WikipediaSettings(pages=list(pages), bots=bots)
        return KIND.build(settings, client, None).fetch({}, now=NOW), server.asked


def test_an_edit_has_its_page_its_comment_its_author_and_a_link_to_what_changed() -> None:
    batch, requests = run(EDIT, BEFORE)
    item = batch.items[0]
    assert (item.external_id, item.title, item.author, item.lang) == ("fr:12", "Vélinor", "Ana", "fr")
    assert item.text == "Scandales: ajout du rappel de 2026"
    assert item.published_at == later(-30)
    assert item.url == "https://fr.wikipedia.org/w/index.php?title=V%C3%A9linor&diff=12&oldid=11"
    assert item.extra == {"characters": -4_000}
    assert requests[0].host == "fr.wikipedia.org"
    assert "tocsin" in requests[0].headers["user-agent"].lower()


def test_an_edit_without_a_comment_is_told_by_its_page() -> None:
    for comment, text in (("", ""), ("/* Histoire */", "Histoire"), (None, "")):
        (item,) = run(EDIT | {"comment": comment})[0].items
        assert (item.title, item.text) == ("Vélinor", text)


def test_every_language_is_asked_at_its_own_wiki() -> None:
    batch, requests = run(EDIT, pages=("fr:Vélinor", "en:Velinor", "fr:Discussion:Vélinor"))
    assert [(one.host, one.query["titles"]) for one in requests] == [
        ("fr.wikipedia.org", "Vélinor"), ("en.wikipedia.org", "Velinor"),
        ("fr.wikipedia.org", "Discussion:Vélinor"),
    ]  # fmt: skip
    assert {item.external_id for item in batch.items} == {"fr:12", "en:12"}


def test_bots_are_left_out_or_marked_and_a_person_with_such_a_name_is_none() -> None:
    edits = [EDIT, EDIT | {"revid": 13, "user": "FixBot"}, EDIT | {"revid": 14, "user": "Robot Abbot"}]
    assert [item.author for item in run(*edits)[0].items] == ["Ana", "Robot Abbot"]
    marked = run(*edits, bots=True)[0].items
    assert [(item.author, (item.extra or {}).get("bot")) for item in marked] == [
        ("Ana", None), ("FixBot", True), ("Robot Abbot", None),
    ]  # fmt: skip


def test_reverts_are_told_and_many_in_a_day_are_an_edit_war() -> None:
    def reverts(*hours: int) -> list[dict[str, Any]]:
        return [
            EDIT | {"revid": 50 - n, "tags": ["mw-undo"], "timestamp": later(-60 * n).isoformat()}
            for n in hours
        ]

    def newest(*edits: dict[str, Any]) -> dict[str, Any]:
        return run(*edits)[0].items[0].extra or {}

    assert newest(*reverts(1, 2)) == {"reverts_another": True}
    assert newest(*reverts(1, 2, 3)) == {"reverts_another": True, "edit_war": 3}
    assert newest(*reverts(1, 2, 30)) == {"reverts_another": True}
    assert newest(EDIT, *reverts(1, 2, 3)) == {}


def test_an_edit_whose_words_were_hidden_is_taken_back() -> None:
    batch, _ = run(EDIT, BEFORE | {"commenthidden": True, "comment": None, "userhidden": True, "user": None})
    assert [item.external_id for item in batch.items] == ["fr:12"]
    assert batch.deleted == ["fr:11"]


def test_a_page_that_is_not_there_is_told_and_the_others_are_heard() -> None:
    batch, _ = run(EDIT, pages=("fr:Vélinor", "fr:Rien"))
    assert len(batch.items) == 1
    assert "there is no page fr:Rien" in batch.note
    with pytest.raises(SourceError, match="no page fr:Rien") as caught:
        run(pages=("fr:Rien",))
    assert caught.value.permanent


def test_pages_are_written_with_their_language() -> None:
    for page in ("Danone", "fr:", "FR:Danone", "fr:A|B", "fr:A#b", "https://brand.example/wiki/Danone"):
        with pytest.raises(ValueError, match="pages"):
            WikipediaSettings(pages=[page])
    address = "https://fr.wikipedia.org/wiki/Groupe_V%C3%A9linor#Histoire"
    assert WikipediaSettings(pages=[address]).pages == ["fr:Groupe Vélinor"]


def test_a_saved_address_says_which_page() -> None:
    assert KIND.from_url
    url = "https://fr.wikipedia.org/w/api.php?action=query&titles=V%C3%A9linor"
    assert KIND.from_url(url) == {"pages": ["fr:Vélinor"]}
