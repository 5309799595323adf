"""What holds for every kind of source."""

import re
from typing import Any

import pytest

from app.errors import NotFound
from app.http_client import open_client
from app.settings import Settings
from app.sources import KINDS, kind
from app.sources.base import Kind

SETTINGS: dict[str, dict[str, Any]] = {
    "app_store": {"app": "284882215"},
    "archive": {"path": "posts.csv"},
    "bluesky": {"query": "velinor", "handle": "brand.bsky.social"},
    "discourse": {"forum": "https://forum.example.org"},
    "facebook_page": {"page": "10158000", "about": "Velinor"},
    "gdelt": {"query": "velinor"},
    "google_news": {"query": "velinor"},
    "google_play": {"package": "com.velinor.app"},
    "google_reviews": {"account": "111", "locations": ["222"], "about": "Velinor"},
    "hackernews": {"query": "velinor"},
    "instagram": {"account": "17841400", "about": "Velinor"},
    "jetstream": {},
    "lemmy": {"instance": "lemmy.world", "query": "velinor"},
    "mastodon": {"instance": "mastodon.social", "hashtag": "velinor"},
    "push": {},
    "rappelconso": {},
    "reddit": {"subreddits": ["france"]},
    "rss": {"url": "https://news.example/feed"},
    "stackexchange": {"query": "velinor"},
    "telegram": {"channels": ["velinor"]},
    "threads": {"query": "velinor"},
    "trustpilot": {"business": "4bdbee2800006400050a8b12", "about": "Velinor"},
    "wikipedia": {"pages": ["fr:Velinor", "en:Velinor"]},
    "x": {"query": "velinor"},
    "youtube": {"query": "velinor"},
}
every_kind = pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in KINDS])


def test_names_are_unique_and_in_order() -> None:
    names = [one.name for one in KINDS]
    assert names == sorted(set(names))


def test_a_kind_is_found_by_its_name_and_an_unknown_one_is_told_what_there_is() -> None:
    assert all(kind(one.name) is one for one in KINDS)
    with pytest.raises(NotFound, match="no kind of source 'fax'; there are: app_store, archive, "):
        kind("fax")


@every_kind
def test_a_kind_says_what_it_is_in_one_sentence(one: Kind) -> None:
    assert re.fullmatch(r"[a-z][a-z_]{0,29}", one.name)
    assert re.fullmatch(r"[A-Z][^.\n]{10,120}\.", one.summary)
    assert 60 <= one.cadence.total_seconds() <= 86_400


@every_kind
def test_a_kind_that_waits_for_a_person_says_for_what(one: Kind) -> None:
    assert one.starts or one.needs
    assert not one.needs or re.fullmatch(r"[A-Z][^\n]{10,300}\.", one.needs)


@every_kind
def test_every_setting_is_described(one: Kind) -> None:
    assert all(field.description for field in one.settings.model_fields.values())
    assert one.settings.__doc__


@every_kind
def test_settings_that_nobody_knows_are_refused(one: Kind) -> None:
    with pytest.raises(ValueError, match="wrong_name"):
        one.settings.model_validate(SETTINGS[one.name] | {"wrong_name": 1})


@every_kind
def test_settings_go_to_the_database_and_back(one: Kind) -> None:
    settings = one.settings.model_validate(SETTINGS[one.name])
    assert one.settings.model_validate(settings.model_dump(mode="json")) == settings


@every_kind
def test_a_source_is_built_without_calling_anybody(one: Kind) -> None:
    with open_client(Settings()) as client:
        settings = one.settings.model_validate(SETTINGS[one.name])
        assert one.build is None or callable(one.build(settings, client, None).fetch)


@every_kind
def test_an_address_of_no_kind_gives_no_settings(one: Kind) -> None:
    if one.from_url is not None and one.name != "rss":
        for url in ("https://brand.example/", "not an address", ""):
            assert one.from_url(url) is None
