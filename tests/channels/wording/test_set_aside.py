"""What is told of posts that are set aside as not about a watch, in both languages."""

from typing import Literal

from app.channels.document import plain
from app.channels.facts import Apart
from app.channels.notices import SetAside
from app.channels.wording.health import told
from app.channels.wording.set_aside import apart
from app.channels.wording.words import Words
from tests.channels.factory import NOW, facts


def notice(language: Literal["en", "fr"], **given: object) -> str:
    made = {"notice_id": 1, "delivery_id": 1, "watch_id": 3, "watch": "Pomelo", "at": NOW, "since": NOW,
            "language": language, "time_zone": "UTC"}  # fmt: skip
    return plain(told(SetAside.model_validate(made | given))).replace("\xa0", " ")


def test_a_model_that_begins_to_act_is_told_with_its_worth() -> None:
    begins = {"begins": True, "found": 0.85, "lost": 0.0}
    assert "85% of them, and 0% of those that are about it" in notice("en", **begins)
    assert "85 % d’entre eux, et 0 %" in notice("fr", **begins).replace("\u202f", " ")


def test_a_swing_is_told_with_what_to_do_about_it() -> None:
    swing = {"begins": False, "observed": 60, "usual": 5.0}
    assert "60 posts in the hour to" in notice("en", **swing)
    assert "tocsin relevance 3 --aside" in notice("en", **swing)
    assert "60 dans l’heure" in notice("fr", **swing)


def test_what_is_set_aside_is_said_where_something_is() -> None:
    def said(given: Apart | None, language: str = "en") -> list[str]:
        lines = apart(facts().model_copy(update={"mentions": 312, "apart": given}), Words(language, "UTC"))
        return [plain(line).replace("\xa0", " ") for line in lines]

    assert said(None) == []
    assert said(Apart(posts=48)) == [
        "312 mentions since the start, 48 more posts set aside as not about you."
    ]
    assert said(Apart(posts=1), "fr") == [
        "312 mentions depuis le début, et 1 message mis de côté, qui ne parle pas de vous."
    ]
    again, aside = said(Apart(posts=2, again=120))
    assert again.startswith("Counted again: 120 of the mentions")
    assert aside.startswith("312 mentions")
