"""What kind of stir an incident is, from what is known beside its volume at that instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import bindparam, extract, func, literal_column, select
from sqlalchemy.orm import Session

from app.clock import STEP
from app.models import Bucket, Watch
from app.pipeline.incidents.said_before import UsualShares
from app.pipeline.incidents.swings import SourceSwing, swing_of
from app.pipeline.scoring.scored_series import ScoredSeries
from app.reading.glance import Glance
from app.reading.kind import Evidence, Judgement, all_up, kind_of
from app.reading.share import ShareChange, changed

_DAY = timedelta(days=1)
_USUAL_DAYS = 28
_UP = 0.75  # of the threshold: another watch is up too
_SECOND = extract("epoch", Bucket.at)
_MIDNIGHT = _SECOND - _SECOND % literal_column("86400")
# What was usual before, by day. Written down once: putting it together takes longer than asking.
_BEFORE = (
    select(func.sum(Bucket.negative), func.sum(Bucket.mentions))
    .where(
        Bucket.watch_id == bindparam("watch"),
        Bucket.at >= bindparam("since"),
        Bucket.at < bindparam("until"),
    )
    .group_by(_MIDNIGHT)
    .order_by(_MIDNIGHT)
)


@dataclass(frozen=True, slots=True)
class IncidentCounts:
    """What was counted of an incident, since its onset."""

    mentions: int
    pushed: float  # part of what was read that repeats others in a way that honest people do not
    loudest: int  # mentions of the author with the most
    rings_alone: bool  # what is not pushed would have crossed the threshold as well
    planned: bool
    agree: int  # sources that each bring a tenth of it or more
    signed: int  # posts that tell whose they are, of those that were read
    accounts: int  # that wrote these
    common: float  # part of the posts that speak of the largest topic
    beyond: float = 1.0  # its score, in thresholds
    kept_quiet: bool = False  # it was taken for no fire until now
    others_ring: bool = False  # what others than the loudest account wrote would have crossed it


def tone_of(session: Session, watch: Watch, negative: int, mentions: int, began: datetime) -> ShareChange:
    """The negative share since the onset, against that of the days before it."""
    params = {"watch": watch.id, "since": began - _USUAL_DAYS * _DAY, "until": began}
    days = session.execute(_BEFORE, params)
    return changed(negative, mentions, [(int(bad), int(of)) for bad, of in days])


@dataclass(frozen=True, slots=True)
class SwingProof:
    """That a source swings with all watches that hear it."""

    swing: SourceSwing
    watches: int  # that are up, itself included


def prove_swing(
    session: Session,
    scored: ScoredSeries,
    watch: Watch,
    last: int,
    threshold: float,
    *,
    began: datetime,
) -> SwingProof | None:
    """The proof, where all watches are up and a source swings as much."""
    others, up = _others(scored, watch, last, threshold)
    if not all_up(others, up):
        return None
    swing = swing_of(session, watch, began=began, at=scored.series.start + last * STEP)
    return SwingProof(swing, up + 1) if swing else None


def judge_kind(
    scored: ScoredSeries,
    watch: Watch,
    last: int,
    threshold: float,
    seen: Glance,
    usual: UsualShares,
    counts: IncidentCounts,
    tone: ShareChange,
    proof: SwingProof | None = None,
) -> Judgement:
    """The kind where column `last` begins.

    `seen` is what was read of the incident's newest posts, `usual` what was said of the watch before it.
    """
    harm, launch, feast = seen.parts
    others, up = _others(scored, watch, last, threshold)
    return kind_of(
        Evidence(
            read=len(seen.harm),
            harm=harm,
            launch=launch,
            feast=feast,
            positive=int(seen.positive.sum()),
            negative=int(seen.negative.sum()),
            risen=tone.risen,
            beyond=counts.beyond,
            kept_quiet=counts.kept_quiet,
            planned=counts.planned,
            amplified=counts.pushed,
            rings_alone=counts.rings_alone,
            others_ring=counts.others_ring,
            loudest=counts.loudest / max(1, counts.mentions),
            mentions=counts.mentions,
            agree=counts.agree,
            signed=counts.signed,
            accounts=counts.accounts,
            common=counts.common,
            others=others,
            others_up=up,
            swings=proof is not None,
            usual_harm=usual.harm,
            usual_launch=usual.launch,
            usual_feast=usual.feast,
            usual_praise=usual.praise,
            usual_common=usual.topic,
        )
    )


def _others(scored: ScoredSeries, watch: Watch, last: int, threshold: float) -> tuple[int, int]:
    """Other watches that hear the same sources and say something now, and how many of them are up."""
    own = watch.source_ids
    others = up = 0
    for other in scored.watches:
        theirs = other.source_ids
        if other.id == watch.id or other.query == watch.query or (own and theirs and not own & theirs):
            continue  # the same watch under another policy, or one that listens elsewhere
        score = scored.newest_score(scored.row(other.id), last)
        others += not np.isnan(score)
        up += score >= _UP * threshold
    return others, up
