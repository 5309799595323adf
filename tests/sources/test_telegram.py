"""A message on the page of a channel: its own words, who saw it, what it shows."""

import pytest

from app.errors import SourceError
from app.sources.base import Item
from app.sources.telegram import KIND, TelegramSettings
from tests.sources.far_ends.base import NOW, later
from tests.sources.street import says, street

MESSAGE = """<div class="tgme_widget_message" data-post="Velinor/7">
 <a class="tgme_widget_message_reply">
 <div class="tgme_widget_message_text js-message_reply_text">Avant</div></a>
 <a class="tgme_widget_message_photo_wrap" style="background-image:url('https://cdn.example/1.jpg')"></a>
 <a class="tgme_widget_message_owner_name"><span>Vélinor &amp; co</span></a>
 <a class="tgme_widget_message_forwarded_from_name">Autre</a>
 <div class="tgme_widget_message_text js-message_text">Rappel<br/>de <b>yaourts</b> 🧪</div>
 <span class="tgme_widget_message_views">12.5K</span>
 <a class="tgme_widget_message_date"><time datetime="2026-11-22T09:30:00+01:00">9:30</time></a></div>"""


def run(*messages: str, history: bool = True) -> list[Item]:
    """What the first run brings of such a page."""
    inner = "".join(messages)
    page = f'<section class="tgme_channel_history">{inner}</section>' if history else inner
    assert KIND.build
    with street(lambda _asked: says(f"<html><body>{page}</body></html>")) as (_, client):
        settings = TelegramSettings(channels=["velinor"])
        return KIND.build(settings, client, None).fetch({}, now=NOW).items


def test_a_message_has_its_own_words_its_views_and_its_picture() -> None:
    (item,) = run(MESSAGE)
    assert (item.external_id, item.text) == ("velinor/7", "Rappel\nde yaourts 🧪")
    assert (item.author, item.reach, item.url) == ("Vélinor & co", 12_500, "https://t.me/Velinor/7")
    assert item.published_at == later(-30)
    assert item.extra == {
        "channel": "Velinor", "forwarded_from": "Autre", "pictures": ["https://cdn.example/1.jpg"],
    }  # fmt: skip


def test_odd_messages_cost_no_others() -> None:
    odd = (
        MESSAGE.replace('data-post="Velinor/7"', 'data-post="x"'), MESSAGE.replace("js-message_text", "x", 1),
        '<div class="tgme_widget_message" data-post="Velinor/8"></div>', "<div><div>",
        MESSAGE.replace("/7", "/9").replace("2026-11-22T", "x").replace("12.5K", "many"),
    )  # fmt: skip
    found = {item.external_id: item for item in run(*odd, MESSAGE)}
    assert set(found) >= {"velinor/7", "velinor/9"}
    assert (found["velinor/9"].published_at, found["velinor/9"].reach) == (None, None)


def test_a_channel_that_shows_nothing_to_everybody_is_told() -> None:
    with pytest.raises(
        SourceError, match=r"t\.me/s/velinor shows no messages.*whether the channel is public"
    ):
        run(MESSAGE, history=False)


def test_a_channel_is_named_or_given_by_its_address() -> None:
    for written in (
        "velinor",
        "@Velinor",
        "t.me/velinor",
        "https://t.me/s/Velinor/",
        " https://t.me/velinor ",
    ):
        assert TelegramSettings(channels=[written]).channels == ["velinor"]
    for wrong in ("", "a b", "https://t.me/+AbCdEf", "../x", "https://velinor.example"):
        with pytest.raises(ValueError, match="channels"):
            TelegramSettings(channels=[wrong])
