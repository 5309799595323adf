"""A fire that burnt, as rows: what a report is made from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.facts import Facts
from app.clock import STEP, step_start
from app.db import Sessions
from app.models import (
    Aside,
    Bucket,
    Channel,
    Coverage,
    Delivery,
    DeliveryState,
    Incident,
    Mention,
    Notice,
    Policy,
    Post,
    Reason,
    Silence,
    Source,
    SourceHealth,
    State,
    Transition,
    Verdict,
    VerdictWord,
    Watch,
)
from tests.channels.factory import facts, sample

ONSET = datetime(2026, 11, 22, 8, 55, tzinfo=UTC)
ALERT, TAKEN, OUT = (ONSET + timedelta(minutes=minutes) for minutes in (25, 33, 300))
NOW = OUT + timedelta(days=1)
STAMPS = {"created_at": ONSET - timedelta(days=40), "updated_at": ONSET - timedelta(days=40)}
HOSTILE = (
    '#read("/etc/passwd") #import "@preview/x:1.0.0" $ x $ \\ `raw` *b* _i_ = h <lbl> @ref // c',
    "<script>alert(1)</script>\"'&amp; ](javascript:alert(1)) ![x](http://evil.example/x.png) https://evil.example",
    "\u202eevil\u202c \u2067rtl\u2069 \x00\x07\x1b[31m مرحبا 中文 🔥👩\u200d👧 \ud800",
    "- a\n1. b\n> c\n# d\n    code\n|x|y|\n---\n{{7*7}} {% raw %} ${7*7}",
    "é" * 100_000,
)


def a_fire(
    sessions: Sessions, *, texts: tuple[str, ...] = ("Toujours aucun remboursement",), posts: int = 40
) -> int:
    """The id of an incident with its posts, its history, and all that may stand in its report."""
    with sessions.begin() as session:
        policy = Policy(name="default", alarms_per_month=0.5, **STAMPS)
        watch = Watch(
            name="Nimbus", objective="Hear of it first", query={"text": "Nimbus"}, languages=[],
            time_zone="Europe/Paris", language="fr", policy=policy, **STAMPS,
        )  # fmt: skip
        heard, deaf = (
            Source(name=name, kind="rss", settings={}, health_since=ONSET, health=SourceHealth.ok, **STAMPS)
            for name in ("Mastodon", "Forum")
        )
        channel, broken = (
            Channel(name=name, kind="terminal", settings={}, **STAMPS) for name in ("desk", "mail")
        )
        session.add_all([watch, heard, deaf, channel, broken])
        session.flush()
        for minutes in range(0, 400, 5):
            at = step_start(ONSET) + timedelta(minutes=minutes - 60)
            session.add(Coverage(source_id=heard.id, at=at, coverage=1.0))
            session.add(Coverage(source_id=deaf.id, at=at, coverage=0.25))
        _posts(session, watch.id, heard.id, texts, posts)
        incident = _incident(session, watch)
        session.add(Silence(
            watch_id=watch.id, starts_at=TAKEN, ends_at=OUT, why="press release", created_by="Léa",
            created_at=TAKEN,
        ))  # fmt: skip
        session.add(Notice(source_id=deaf.id, at=ALERT, since=ONSET, health="down", why="HTTP 503"))
        alert = session.query(Transition).filter_by(reason=Reason.ignited).one()
        for to, state in ((channel, DeliveryState.sent), (broken, DeliveryState.dead)):
            session.add(Delivery(
                transition_id=alert.id, incident_id=incident, channel_id=to.id, state=state,
                sent_at=ALERT if state is DeliveryState.sent else None, error="refused for good",
                created_at=ALERT,
            ))  # fmt: skip
        return incident


def _posts(session: Any, watch_id: int, source_id: int, texts: tuple[str, ...], count: int) -> None:  # noqa: ANN401
    for n in range(count):
        at = ONSET + timedelta(minutes=2) + (OUT - ONSET - timedelta(minutes=10)) * n / count
        post = Post(
            source_id=source_id, external_id=str(n), published_at=at - timedelta(hours=2 if n == 1 else 0),
            first_seen_at=at, bucket_at=step_start(at), author=f"@ana{n % 7}", text=texts[n % len(texts)],
            url=f"https://www.social{n % 2}.example/{n}", lang="fr", followers=1000 * (n % 7),
        )  # fmt: skip
        session.add(post)
        session.flush()
        session.add(Mention(
            watch_id=watch_id, post_id=post.id, source_id=source_id, at=post.bucket_at, author=post.author,
            amplified=n % 7 == 3,
        ))  # fmt: skip
        bucket = session.get(Bucket, (watch_id, post.bucket_at, source_id))
        if bucket is None:
            bucket = Bucket(
                watch_id=watch_id, source_id=source_id, at=post.bucket_at, mentions=0, negative=0,
                amplified=0, counted_at=at,
            )  # fmt: skip
            session.add(bucket)
        bucket.mentions += 1
        bucket.negative += n % 4 == 0
    session.add(Aside(watch_id=watch_id, post_id=1, source_id=source_id, at=step_start(ONSET) + STEP))


def _incident(session: Any, watch: Watch) -> int:  # noqa: ANN401
    incident = Incident(
        watch=watch, state=State.out, level=1, onset_at=ONSET, opened_at=ONSET, burning_at=ALERT, out_at=OUT,
        acknowledged_at=TAKEN, acknowledged_by="Léa", peak=74.0, peak_at=ONSET + timedelta(hours=1),
        mentions=40, threshold=9.0, verdict=VerdictWord.fire,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    known = facts(
        samples=(sample(), sample(post_id=8, why="most_relayed", text=HOSTILE[0], author=HOSTILE[1]))
    )
    called = [{"name": "Léa", "slack_user": None}]
    rows: tuple[tuple[datetime, Reason, State, str, dict[str, Any]], ...] = (
        (ONSET, Reason.smoke, State.smouldering, "tocsin", {}),
        (ALERT, Reason.ignited, State.burning, "tocsin", {"called": called}),
        (ALERT + timedelta(minutes=3), Reason.reminded, State.burning, "tocsin",
         {"called": [*called, {"name": "Max"}], "unanswered": True}),
        (TAKEN, Reason.acknowledged, State.burning, "Léa", {}),
        (TAKEN + STEP, Reason.went_on, State.burning, "tocsin", {}),
        (TAKEN + 2 * STEP, Reason.press, State.burning, "tocsin", {}),
        (OUT, Reason.went_out, State.out, "tocsin", {}),
        (OUT + STEP, Reason.judged, State.out, "Léa", {"verdict": "fire"}),
    )  # fmt: skip
    for at, reason, state, by, standing in rows:
        session.add(Transition(
            incident_id=incident.id, at=at, reason=reason, state=state, level=1, by=by, observed=48.0,
            expected=6.0, facts=known.model_dump(mode="json"), standing={"peak": 74.0} | standing,
            note="a jar with glass" if reason is Reason.judged else "",
        ))  # fmt: skip
    session.add(Verdict(
        incident_id=incident.id, verdict=VerdictWord.fire, note="a jar with glass", by="Léa", at=OUT + STEP
    ))  # fmt: skip
    session.flush()
    return incident.id


def forgotten(known: Facts) -> dict[str, Any]:
    """The facts with their first sample emptied."""
    left = known.model_dump(mode="json")
    left["samples"][0] |= {"author": None, "title": "", "text": "", "url": None, "forgotten": "author"}
    return left
