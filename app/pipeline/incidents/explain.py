"""Why it rings: what was said, by whom and where, as it was known at that instant and not later."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import metrics
from app.channels.facts import Facts, Swing, Tipping, Window
from app.clock import STEP
from app.logs import log
from app.models import IncidentKind, PlannedEvent, Source, Watch
from app.pipeline.incidents.advice import AdviceInput, AdviceLimits, advise
from app.pipeline.incidents.analyse_posts import PostAnalysis, analyse_posts
from app.pipeline.incidents.kinds import IncidentCounts, judge_kind, prove_swing, tone_of
from app.pipeline.incidents.lookalikes import alikes
from app.pipeline.incidents.set_aside import apart
from app.pipeline.incidents.tally import Mine, Tally
from app.pipeline.scoring.counts import HEARD
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.hours import HOUR_STEPS, hour_before, points, window_before
from app.pipeline.scoring.scored_series import ScoredSeries
from app.reading.kind import Judgement

_DEAF_FOR = timedelta(minutes=30)

# Asked at each transition. Written down once: putting it together takes longer than asking.
_PLANNED = (
    select(PlannedEvent.name)
    .where(
        PlannedEvent.starts_at < bindparam("at"),
        PlannedEvent.ends_at >= bindparam("at"),
        or_(PlannedEvent.watch_id == bindparam("watch"), PlannedEvent.watch_id.is_(None)),
    )
    .order_by(PlannedEvent.name)
)


def explain(
    session: Session,
    scoring: ScoringEngine,
    scored: ScoredSeries,
    watch: Watch,
    *,
    began: datetime,
    last: int,
    threshold: float,
    seen_until: int | None = None,
    known: Facts | None = None,
    reread: bool = True,
    kept_quiet: bool = False,
) -> Facts:
    """The facts of the watch's incident that began at `began`, known where column `last` begins.

    `kept_quiet`: it burns, and was taken for no fire until now. `seen_until`: the end of the hour that is
    told, if posts came late; else it is the last one.
    With the facts `known` before, the posts that somebody is looking at stay where they are; if nothing is to
    be read again, only the numbers are new.
    """
    row = scored.row(watch.id)
    at = scored.series.start + last * STEP
    end = last if seen_until is None else seen_until
    hour, score = hour_before(scored, row, end), float(scored.scores(row, end - 1, end)[0][0])
    hours, seen_in = window_before(scored, row, end)
    mine = Mine.of(session, watch.id, began=began, at=at)
    tally = Tally.of(session, mine)
    mentions, sources, most = tally.mentions, tally.sources, tally.loudest_mentions
    # Of a long one only the newest are read: it does not get fewer authors by that.
    authors = max(tally.authors, known.authors) if known and tally.recent else tally.authors
    analysis = (
        PostAnalysis.of(known) if known is not None and not reread else _read(session, watch, mine, known)
    )
    repeats = max(round(analysis.copies * mentions), tally.amplified)
    planned = _planned(session, watch.id, at)
    tone = tone_of(session, watch, tally.negative, mentions, began)
    excess = max(0.0, hour.observed - hour.expected)
    learning = scored.learning.get(watch.id)
    if learning is not None and learning.per_hour is not None:
        quiet_below = float(min(learning.per_hour, hour.observed))
    else:
        quiet_below = hour.expected + excess * scoring.quiet_factor(session, row, end, threshold)
    kind, kind_because, swing = analysis.kind, analysis.kind_because, known.swing if known else None
    second_key = known.second_key if known else False
    if analysis.seen is not None:
        rings_alone = (1 - analysis.pushed) * hour.observed >= quiet_below
        counts = IncidentCounts(
            mentions=mentions,
            pushed=analysis.pushed,
            loudest=most,
            rings_alone=rings_alone,
            others_ring=(1 - most / max(1, mentions)) * hour.observed >= quiet_below,
            planned=bool(planned),
            beyond=score / threshold,
            agree=sum(source.mentions >= 0.1 * mentions for source in sources),
            signed=analysis.voices.signed if analysis.voices else 0,
            accounts=analysis.voices.accounts if analysis.voices else 0,
            common=analysis.topics[0].share if analysis.topics else 0.0,
            kept_quiet=kept_quiet,
        )
        proof = prove_swing(session, scored, watch, last, threshold, began=began)
        judgement = judge_kind(
            scored, watch, last, threshold, analysis.seen, analysis.usual, counts, tone, proof
        )
        kind, kind_because, swing = judgement.kind, _weightiest(judgement), None
        second_key = judgement.second_key
        if proof is not None and kind is IncidentKind.artefact:
            source = proof.swing
            swing = Swing(source=source.source, times=source.times, watches=proof.watches)
    voices = analysis.voices
    advice_input = AdviceInput(
        mentions=mentions,
        authors=authors,
        loudest=most,
        amplified=repeats,
        sources=tuple(s.mentions for s in sources),
        observed=hour.observed,
        before=hour_before(scored, row, max(0, end - HOUR_STEPS)).observed,
        high=hour.high,
        negative=tone.risen,
        audience=max((voice.followers for voice in voices.leading), default=0) if voices else 0,
        press=voices.press if voices else 0,
        thresholds=AdviceLimits.model_validate(watch.policy.advice),
    )
    facts = Facts(
        observed=hour.observed,
        expected=hour.expected,
        low=hour.low,
        high=hour.high,
        score=score,
        threshold=threshold,
        quiet_below=quiet_below,
        onset_at=began,
        window=Window(hours=hours, observed=seen_in.observed, expected=seen_in.expected)
        if hours > 1 and end == last
        else None,
        seen_at=scored.series.start + end * STEP if end < last else None,
        heard=hour.heard if hour.heard < HEARD else None,
        mentions=mentions,
        apart=apart(session, watch, mine),
        recent=tally.recent,
        authors=authors,
        loudest=tally.loudest,
        sources=sources[:10],
        amplified=repeats,
        repeated=analysis.repeated,
        picture=analysis.picture,
        negative=tally.negative,
        usual_negative_share=tone.usual,
        kind=kind,
        kind_because=kind_because,
        second_key=second_key,
        swing=swing,
        topics=analysis.topics,
        voices=analysis.voices,
        new_words=analysis.new_words,
        trend=advice_input.trend,
        doubling_minutes=advice_input.doubling_minutes,
        planned=planned,
        learning=learning,
        deaf=_deaf(session, scored, watch.id, at),
        points=points(scored, row, last, began),
        samples=analysis.samples,
    )
    alike = alikes(session, watch.id, facts, at=at)
    if alike is not None:
        advice_input = replace(advice_input, calmed=alike.calmed, grew=alike.grew)
    advice, because = advise(advice_input)
    return facts.model_copy(update={"alike": alike, "advice": advice, "advice_because": because})


def _read(session: Session, watch: Watch, mine: Mine, known: Facts | None) -> PostAnalysis:
    """What the posts say. Where that fails, the figures are told without it: no fire waits for it."""
    try:
        with session.begin_nested():
            return analyse_posts(session, watch, mine, shown=known.samples if known else ())
    except OperationalError:
        raise  # the database fails: there would be no figures either
    except Exception:  # noqa: BLE001 - whatever a stranger wrote
        log().exception("posts could not be read", watch=watch.name)
        metrics.count(metrics.faults, "explain", "watch")
        return PostAnalysis.of(known) if known else PostAnalysis((), (), (), None, 0.0)


def _weightiest(judgement: Judgement) -> tuple[Tipping, ...]:
    terms = sorted(judgement.terms, key=lambda term: -abs(term[1]))
    return tuple(Tipping(term=term, weight=weight) for term, weight in terms)


def _planned(session: Session, watch_id: int, at: datetime) -> tuple[str, ...]:
    return tuple(session.scalars(_PLANNED, {"watch": watch_id, "at": at}))


def _deaf(session: Session, scored: ScoredSeries, watch_id: int, at: datetime) -> tuple[str, ...]:
    ids = scored.series.coverage_model.deaf(session, watch_id, at - _DEAF_FOR, at)
    query = select(Source.name).where(Source.id.in_(ids)).order_by(Source.name)
    return tuple(session.scalars(query)) if ids else ()
