"""A first look at what is said of an armed watch, cheap enough for each bucket that brings posts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Mention, Post, Watch
from app.pipeline.incidents.analyse_posts import LEAST_NOW, NOW, tone_for
from app.pipeline.incidents.said_before import said_before
from app.reading.glance import glance_of
from app.reading.kind import Evidence, turns

_MOST = 100  # posts; the explanation that follows reads more


def may_turn(session: Session, watch: Watch, *, began: datetime, at: datetime) -> bool:
    """Whether the second key may turn, by what the newest posts of what `began` then tell.

    All else that is known of a crowd can only speak against it: who writes, what is copied, what was planned.
    """
    newest = (
        select(Post.title, Post.text, Post.lang, Mention.at)
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.watch_id == watch.id, Mention.at >= began, Mention.at < at)
        .order_by(Mention.at.desc(), Post.id)
        .limit(_MOST)
    )
    rows = session.execute(newest).all()
    now = [row for row in rows if row.at >= at - NOW]
    said = now if len(now) >= LEAST_NOW else rows
    seen = glance_of(
        tone_for(watch, [f"{row.title} {row.text}".strip() for row in said], [r.lang for r in said])
    )
    before = said_before(session, watch.id, began)
    usual = before.shares(glance_of(tone_for(watch, before.texts, before.languages)), ())
    harm, launch, feast = seen.parts
    return turns(
        Evidence(
            read=len(said),
            harm=harm,
            launch=launch,
            feast=feast,
            positive=int(seen.positive.sum()),
            negative=int(seen.negative.sum()),
            usual_harm=usual.harm,
            usual_launch=usual.launch,
            usual_feast=usual.feast,
            usual_praise=usual.praise,
        )
    )
