"""Alerts for tests: one realistic fire, each test changing what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.base import Alert
from app.channels.crisis import Decided, SaidOnce, StakeholderUpdate
from app.channels.facts import Facts, Point, Sample, Share, Topic, Voice, Voices
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    HandOver,
    News,
    Outage,
    Restore,
    SetAside,
    Standstill,
    Trial,
)
from app.models import Reason, State

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ONSET = NOW - timedelta(minutes=35)
_OBSERVED = (3, 2, 4, 3, 2, 3, 5, 4, 3, 4, 6, None, 5, 9, 21, 34, 48, 61, 70, 74)


def points() -> tuple[Point, ...]:
    """Twenty points of a quarter of an hour, one of them not observed."""
    start = NOW - timedelta(minutes=15) * len(_OBSERVED)
    return tuple(
        Point(at=start + timedelta(minutes=15) * n, observed=value, expected=3.4 + n * 0.1, high=8.0)
        for n, value in enumerate(_OBSERVED)
    )


def sample(**changes: Any) -> Sample:  # noqa: ANN401 - any field
    """The first post of the fire, unless changed."""
    values: dict[str, Any] = {
        "post_id": 7,
        "source": "Mastodon",
        "author": "claire_m",
        "title": "",
        "text": "Toujours aucun remboursement de Nimbus après trois semaines. Qui d'autre ?",
        "url": "https://mastodon.example/@claire_m/109",
        "lang": "fr",
        "published_at": ONSET,
        "why": "first",
        "alike": 0,
    }
    return Sample(**{**values, **changes})


def facts(**changes: Any) -> Facts:  # noqa: ANN401 - any field
    """What was known when the alarm rang, unless changed."""
    values: dict[str, Any] = {
        "observed": 253,
        "expected": 14.2,
        "low": 4,
        "high": 31,
        "score": 9.4,
        "threshold": 5,
        "quiet_below": 47,
        "onset_at": ONSET,
        "mentions": 312,
        "authors": 187,
        "loudest": Share(name="bad_buzz_fr", mentions=9),
        "sources": (
            Share(name="Mastodon", mentions=201),
            Share(name="Le Fil RSS", mentions=80),
            Share(name="Forum", mentions=31),
        ),
        "amplified": 54,
        "negative": 198,
        "usual_negative_share": 0.18,
        "topics": (
            Topic(words=("aucun remboursement", "trois semaines"), share=0.46, slope=1.3),
            Topic(words=("panne", "#NimbusEnPanne"), share=0.31, slope=-0.1),
        ),
        "voices": Voices(
            posts=312, accounts=187, new=164, relaying=40, press=6,
            leading=(Voice(name="Le Veilleur", posts=2, followers=84_200, known=True, relays=False),),
        ),
        "new_words": ("remboursement", "panne", "#NimbusEnPanne"),
        "trend": "growing",
        "doubling_minutes": 25.0,
        "advice": "prepare",
        "advice_because": ("growing", "many_authors"),
        "points": points(),
        "samples": (
            sample(),
            sample(post_id=8, author="Le Veilleur", why="most_relayed", alike=41, text="Panne chez Nimbus."),
            sample(post_id=9, author="sam", why="typical", text="Nimbus is down again", lang="en"),
            sample(post_id=10, author=None, why="latest", url=None, text="Le service client ne répond pas."),
        ),
    }  # fmt: skip
    return Facts(**{**values, **changes})


def alert(**changes: Any) -> Alert:  # noqa: ANN401 - any field
    """The alarm itself, unless changed; `facts` may be a dict of changes."""
    about = changes.pop("facts", {})
    values: dict[str, Any] = {
        "delivery_id": 31,
        "transition_id": 17,
        "incident_id": 5,
        "story_id": 5,
        "watch_id": 2,
        "watch": "Nimbus",
        "objective": "Know of an outage before the press does",
        "language": "en",
        "time_zone": "Europe/Paris",
        "reason": Reason.ignited,
        "state": State.burning,
        "level": 0,
        "at": NOW,
        "by": "tocsin",
        "opened_at": NOW - timedelta(minutes=20),
        "burning_at": NOW,
        "out_at": None,
        "peak": 253,
        "peak_at": NOW,
        "link": "https://tocsin.example/incidents/5",
        "facts": facts(**about) if isinstance(about, dict) else about,
    }
    return Alert(**{**values, **changes})


def story(language: str = "en", **changes: Any) -> list[Alert]:  # noqa: ANN401 - any field
    """A whole fire: it ignites, is acknowledged, grows, is contained, flares, goes out, is judged."""
    later = {"level": 1, "peak": 612.0, "peak_at": NOW + timedelta(minutes=90)}
    seen = {"acknowledged_by": "Léa", "acknowledged_at": NOW + timedelta(minutes=6)}
    calm = {"observed": 17, "score": 0.4, "trend": "slowing", "mentions": 2210, "doubling_minutes": None}
    end = NOW + timedelta(hours=7)
    steps: list[dict[str, Any]] = [
        {"reason": Reason.ignited},
        {"reason": Reason.acknowledged, "by": "Léa", **seen, "at": NOW + timedelta(minutes=6)},
        {"reason": Reason.grew, **seen, **later, "at": NOW + timedelta(minutes=70),
         "facts": {"observed": 612, "mentions": 1480, "advice": "convene",
                   "advice_because": ("large", "several_sources", "growing")}},
        {"reason": Reason.snoozed, "by": "Léa", **seen, **later, "at": NOW + timedelta(minutes=80),
         "snoozed_until": NOW + timedelta(minutes=140), "note": "ask the <legal> team", "facts": calm},
        {"reason": Reason.contained, "state": State.contained, **seen, **later,
         "at": NOW + timedelta(hours=4), "facts": calm},
        {"reason": Reason.flared, **seen, **later, "at": NOW + timedelta(hours=5)},
        {"reason": Reason.went_out, "state": State.out, **seen, **later, "at": end,
         "out_at": end, "facts": calm},
        {"reason": Reason.judged, "state": State.out, "verdict": "fire", "by": "Léa", **seen, **later,
         "at": end, "out_at": end, "facts": calm},
    ]  # fmt: skip
    return [
        alert(delivery_id=31 + n, transition_id=17 + n, language=language, **{**step, **changes})
        for n, step in enumerate(steps)
    ]


def announcements() -> tuple[Announcement, ...]:
    """One of each kind of thing that is told and belongs to no incident."""
    about: dict[str, Any] = {
        "at": NOW, "since": ONSET, "language": "en", "time_zone": "UTC",
    }  # fmt: skip
    bulletin = {name: value for name, value in about.items() if name != "since"}
    return (
        News(notice_id=1, delivery_id=1, source_id=1, source="La Presse", kind="rss", health="down", **about),
        ClockJump(notice_id=2, delivery_id=2, seconds=-3600, **about),
        Outage(
            notice_id=3, delivery_id=3, channel_id=2, channel="on call", kind="slack", works=False, **about
        ),
        Standstill(notice_id=4, delivery_id=4, **about),
        Restore(notice_id=5, delivery_id=5, **about),
        SetAside(
            notice_id=6,
            delivery_id=6,
            watch_id=2,
            watch="Nimbus",
            begins=False,
            observed=40,
            usual=3.0,
            **about,
        ),
        Bulletin(notice_id=7, delivery_id=7, kind="month", period="2026-10", **bulletin),
        HandOver(
            notice_id=8, delivery_id=8, rota="comms", on_duty="Léa", until=NOW + timedelta(days=7), **about
        ),
        StakeholderUpdate(
            notice_id=10,
            delivery_id=10,
            incident_id=5,
            watch="Nimbus",
            number=2,
            state=State.burning,
            began_at=NOW - timedelta(hours=2),
            mentions=812,
            last_hour=253,
            peak=301.0,
            about=("lot 4417", "<malade>"),
            with_it=("Nimbus Kids",),
            taken_by="Léa",
            decided=(Decided(at=NOW - timedelta(hours=1), text="We *answer* by <noon> & no sooner"),),
            said=(SaidOnce(text="We look into it.", where="website"),),
            next_at=NOW + timedelta(hours=1),
            **about,
        ),
        Trial(notice_id=9, delivery_id=9, channel="on call", by="Max", **bulletin),
    )
