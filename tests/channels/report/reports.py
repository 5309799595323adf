"""A report for tests of its words and its formats: each test changes what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.facts import Share
from app.channels.report.facts import (
    CalledPerson,
    Curve,
    CurveMark,
    CurvePoint,
    Event,
    IncidentLine,
    PeriodReport,
    Precision,
    SourceHeard,
    StoryReport,
    TeamWords,
    TopicShare,
    Unreached,
    VoiceCount,
)
from app.models import IncidentKind, State, VerdictWord
from tests.channels.factory import sample

ONSET = datetime(2026, 11, 22, 8, 55, tzinfo=UTC)
ALERT, OUT = ONSET + timedelta(minutes=25), ONSET + timedelta(hours=5)
CURVE = Curve(
    15,
    tuple(
        CurvePoint(
            ONSET + timedelta(minutes=15 * n), None if n == 3 else float(n * n % 50), 6.0 + n / 4, 2.0, 14.0
        )
        for n in range(24)
    ),
    (CurveMark(ALERT, "alert"), CurveMark(OUT, "out")),
)
STORY = StoryReport(
    incident_id=7, watch_id=1, watch="Nimbus", objective="Hear of it first", time_zone="Europe/Paris",
    drill=False, at=OUT + timedelta(days=1), state=State.out, kind=IncidentKind.fire, alerted=True,
    verdict=VerdictWord.fire, verdict_by="Léa", verdict_note="a jar with glass", first_post_at=ONSET,
    onset_at=ONSET, alert_at=ALERT, acknowledged_at=ALERT + timedelta(minutes=8), acknowledged_by="Léa",
    out_at=OUT, peak=74.0, peak_at=ONSET + timedelta(hours=1), usual=6.0, mentions=4417, negative=1400,
    usual_negative_share=0.1, amplified=900, authors=2012, press=3,
    timeline=(
        Event(ALERT, "alert", observed=48.0, expected=6.0),
        Event(ALERT + timedelta(minutes=8), "acknowledged", by="Léa"),
        Event(OUT, "judged", by="Léa", names=("fire",), note="a jar with glass"),
    ),
    left_out=2, curve=CURVE, voices=(VoiceCount("@ana", "Mastodon", 12, 9000, relays=True),),
    hosts=(Share(name="social.example", mentions=40),),
    sources=(SourceHeard("Mastodon", 4000, 1.0, 3), SourceHeard("Forum", 0, 0.25, 0)),
    topics=(TopicShare(("lot 4417", "verre"), 0.46),), samples=(sample(), sample(post_id=8, lang="ar-EG")),
    forgotten=1, set_aside=5, called=(CalledPerson("Léa", 2, ALERT, ALERT),),
    unreached=(Unreached("mail", "refused"),),
    companions=(), precision=Precision(4, 3, 1, 0, 0, 0.35, 0.95), proposed=None, words=TeamWords(),
)  # fmt: skip
WEEK = PeriodReport(
    watch_id=1, watch="Nimbus", objective="", time_zone="Europe/Paris", kind="week", period="2026-W47",
    since=datetime(2026, 11, 15, 23, tzinfo=UTC), until=datetime(2026, 11, 22, 23, tzinfo=UTC),
    at=datetime(2026, 11, 23, 8, tzinfo=UTC), mentions=40, mentions_before=30, negative=10, negative_before=3,
    authors=7, curve=CURVE,
    incidents=(IncidentLine(7, ALERT, ALERT + timedelta(minutes=8), "Léa", OUT, 74.0, 40, VerdictWord.fire),),
    precision=Precision(1, 1, 0, 0, 0, 0.2, 1.0), budget=0.5, alert_minutes=25.0, acknowledge_minutes=8.0,
    unanswered=0, loads=(), voices=(), sources=(), set_aside=0, planned=("Launch",), proposed=None,
)  # fmt: skip


def story_of(text: str) -> StoryReport:
    """The fire, with the text wherever a stranger's or a person's words may stand."""
    shown = text.encode("utf-8", "replace").decode()
    hostile: dict[str, Any] = {
        "watch": text[:120],
        "objective": text,
        "verdict_by": text,
        "verdict_note": text,
        "acknowledged_by": text,
        "timeline": tuple(replace(event, by=text, note=text) for event in STORY.timeline),
        "voices": (VoiceCount(text, text, 1, 1, relays=False),),
        "hosts": (Share(name=shown, mentions=1),),
        "sources": (SourceHeard(text, 1, 0.1, 0),),
        "topics": (TopicShare((text, text), 0.5),),
        "samples": (sample(text=shown, author=shown, source=shown, title=shown, lang=shown[:20], url=shown),),
        "called": (CalledPerson(text, 1, ALERT, ALERT),),
        "unreached": (Unreached(text, text),),
        "words": TeamWords(text, text, text, text, OUT),
    }
    return replace(STORY, **hostile)
