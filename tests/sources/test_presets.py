"""Known feeds by name: each makes a source, and what is missing or wrong is told."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from app.admin.specs import SourceSpec
from app.sources import kind
from app.sources.presets import PRESETS

ASKED: dict[str, dict[str, Any]] = {
    "": {}, "forum": {"forum": "forum.example.org/talk/"}, "number": {"number": 51},
}  # fmt: skip


def spec(**given: Any) -> SourceSpec:  # noqa: ANN401 - whatever somebody writes
    return SourceSpec.model_validate({"name": "x"} | given)


def refused(**given: Any) -> str:  # noqa: ANN401 - as above
    with pytest.raises(ValidationError) as caught:
        spec(**given)
    return str(caught.value)


def test_every_preset_makes_a_source_of_its_kind_and_says_what_it_is_in_both_languages() -> None:
    names = [one.name for one in PRESETS]
    assert names == sorted(set(names))
    for one in PRESETS:
        made = spec(preset=one.name, settings=ASKED[one.asks])
        assert made.kind == one.kind
        kind(made.kind).settings.model_validate(made.settings)
        assert re.fullmatch(r"[a-z0-9-]{3,40}", one.name)
        assert re.fullmatch(r"[A-Z].{10,140}\.", one.summary), one.name
        assert re.fullmatch(r"[A-ZÀ-Ý].{10,140}\.", one.summary_fr), one.name


def test_a_forum_is_given_by_its_address_however_it_is_written() -> None:
    for written in ("https://forum.example.org/talk", "forum.example.org/talk/", " Forum.Example.org/talk "):
        assert spec(preset="phpbb", settings={"forum": written}).settings == {
            "url": "https://forum.example.org/talk/app.php/feed"
        }
    assert spec(preset="jeuxvideo-forum", settings={"number": "51"}).settings == {
        "url": "https://www.jeuxvideo.com/rss/forums/51.xml"
    }


def test_what_is_missing_or_wrong_is_told_with_the_mend() -> None:
    assert "there is no preset 'cert-de'; there are: bonjour-la-fuite, cert-fr" in refused(preset="cert-de")
    assert "wants the address of the forum" in refused(preset="xenforo")
    assert "not the address of a site" in refused(preset="xenforo", settings={"forum": "no address"})
    assert "holds a password" in refused(preset="xenforo", settings={"forum": "https://me:pw@forum.example"})
    for number in (None, "", "x", "5/../1", True, -1, "9" * 20):
        assert "wants the number" in refused(preset="jeuxvideo-forum", settings={"number": number})
    assert "leave the kind out" in refused(preset="cnil", kind="mastodon")
    assert "names with values" in refused(preset="cnil", settings=["url"])
    assert "kind" in refused()


def test_without_a_preset_a_source_is_as_it_was_given() -> None:
    assert spec(kind="rss", preset=None, settings={"url": "https://a.example/f"}).kind == "rss"
    assert spec(preset="cnil", kind="rss", cadence_seconds=600).cadence_seconds == 600


def test_the_schema_asks_for_a_kind_or_a_preset() -> None:
    schema = SourceSpec.model_json_schema()
    assert schema["required"] == ["name"]
    assert schema["anyOf"] == [{"required": ["kind"]}, {"required": ["preset"]}]
