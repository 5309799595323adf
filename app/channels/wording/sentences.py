"""What an alert says: its headline, its one sentence, its figures, and why it rang."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.channels.base import Alert, Share
from app.channels.text import cut, escape, isolate, line
from app.channels.wording.about import about, carried
from app.channels.wording.kinds import LABELS, repeated, taken_for
from app.channels.wording.words import Words, mark
from app.models import Reason, State

VERDICTS = {
    "fire": mark("fire"),
    "false_alarm": mark("false alarm"),
    "planned": mark("planned"),
}
_TRENDS = {
    "growing": mark("and growing"),
    "steady": mark("and steady"),
    "slowing": mark("and slowing"),
}
_NAME = 80  # code points of a name, of whatever it is
_SHOWN = 3  # names in a row


def words_of(alert: Alert) -> Words:
    """The words of the alert's watch."""
    return Words(alert.language, alert.time_zone)


def name(text: str, limit: int = _NAME) -> str:
    """A name that somebody gave, on one line and not too long."""
    return isolate(cut(line(text[: 10 * limit]), limit))


def safe(text: str, limit: int = _NAME) -> str:
    """The same for mrkdwn."""
    return escape(name(text, limit))


def headline(alert: Alert, words: Words) -> str:
    """The state in words, the watch, and the one figure that matters then."""
    return f"{words.say('DRILL')} · {_headline(alert, words)}" if alert.drill else _headline(alert, words)


def _headline(alert: Alert, words: Words) -> str:
    watch = name(alert.watch)
    if alert.verdict in {"false_alarm", "planned"}:
        label = words.say("FALSE ALARM") if alert.verdict == "false_alarm" else words.say("PLANNED")
        return f"{label} · {watch}"
    if alert.state is State.out:
        return words.say("OUT · {watch} · after {span}", watch=watch, span=words.span(lasted(alert)))
    if alert.state is State.contained:
        return words.say(
            "CONTAINED · {watch} · peak {peak} an hour", watch=watch, peak=words.number(alert.peak)
        )
    if alert.facts.kind in LABELS:
        label = words.say(LABELS[alert.facts.kind])
    else:
        label = (
            words.say("FIRE, level {n}", n=str(alert.level)) if alert.level else words.say("FIRE STARTING")
        )
    return f"{label} · {watch} · {times(alert, words)}"


def times(alert: Alert, words: Words) -> str:
    """How large it is against the usual, in two or three words."""
    facts = alert.facts
    if facts.expected < 0.5:  # "200 times the usual" says nothing where nothing is usual
        return words.count("{n} mention in an hour", "{n} mentions in an hour", facts.observed)
    return words.say("{times} times the usual", times=words.number(facts.observed / facts.expected))


def lasted(alert: Alert) -> timedelta:
    """How long it burned, or burns."""
    return max((alert.out_at or alert.at) - alert.facts.onset_at, timedelta(0))


def usual(alert: Alert, words: Words) -> str:
    """The usual and its interval."""
    facts = alert.facts
    return words.say(
        "{expected} usual, {low} to {high}",
        expected=words.number(facts.expected),
        low=words.number(facts.low),
        high=words.number(facts.high),
    )


def last_hour(alert: Alert, words: Words) -> str:
    """The mentions of the last hour in bold, against the usual."""
    counted = words.count(
        "{n} mention in the last hour", "{n} mentions in the last hour", alert.facts.observed
    )
    return f"*{counted}* ({usual(alert, words)})"


def told(alert: Alert, words: Words, when: Callable[[datetime], str]) -> str:
    """The mentions, the usual and the time, as fits the state; `when` writes an instant."""
    onset = when(alert.facts.onset_at)
    if alert.state is State.out:
        mentions = words.count("{n} mention", "{n} mentions", alert.facts.mentions)
        return words.say(
            "{mentions} in {span} ({since} → {until})",
            mentions=f"*{mentions}*",
            span=words.span(lasted(alert)),
            since=onset,
            until=when(alert.out_at or alert.at),
        )
    if alert.state is State.contained:
        return words.say(
            "{last_hour}, after a fire ({since})", last_hour=last_hour(alert, words), since=onset
        )
    return words.say("{last_hour}, since {since}", last_hour=last_hour(alert, words), since=onset)


def sentence(alert: Alert, words: Words) -> str:
    """What burns, how much against the usual, since when, where, and whether it grows: mrkdwn."""
    facts = alert.facts
    what = told(alert, words, lambda at: words.date(at, seen_from=alert.at))
    parts = [words.say("{watch}: {what}", watch=f"*{safe(alert.watch)}*", what=what)]
    if facts.sources:
        parts.append(where(facts.sources, words))
    if alert.state is State.burning:
        parts.append(_trend(alert, words))
    said = ", ".join(parts) + "."
    if alert.drill:
        said = f"*{words.say('This is a drill: nothing burns.')}* {said}"
    return said


def objective(alert: Alert, words: Words) -> list[str]:
    """Why the watch is there, where somebody said so: mrkdwn."""
    given = alert.objective.strip()
    return [words.say("Why we listen: {objective}", objective=safe(given, 300))] if given else []


def where(sources: tuple[Share, ...], words: Words) -> str:
    """On which sources, the one with most mentions first."""
    first = safe(sources[0].name)
    if len(sources) == 1:
        return words.say("all on {source}", source=first)
    whole = sum(source.mentions for source in sources)
    share = words.share(sources[0].mentions, whole)
    if sources[0].mentions * 2 < whole:
        count = words.number(len(sources))
        return words.say("on {n} sources, {source} first ({share})", n=count, source=first, share=share)
    return words.say("most of it on {source} ({share})", source=first, share=share)


def _trend(alert: Alert, words: Words) -> str:
    facts = alert.facts
    if facts.trend == "growing" and facts.doubling_minutes:
        span = words.span(timedelta(minutes=facts.doubling_minutes))
        return words.say("and growing: it doubles every {span}", span=span)
    return words.say(_TRENDS[facts.trend])


def fields(alert: Alert, words: Words) -> list[tuple[str, str]]:
    """(label, value) of the figures since the onset: plain text, of which strangers wrote some."""
    facts = alert.facts
    mentions = words.count("{n} mention", "{n} mentions", facts.mentions)
    authors = words.count("{n} author", "{n} authors", facts.authors)
    rows = [(words.say("Since the start"), f"{mentions}, {authors}")]
    if alert.peak > facts.observed:  # else the headline has it
        rows.append((words.say("Peak"), _peak(alert, words)))
    if facts.negative is not None:
        rows.append((words.say("Negative"), _negative(alert, words)))
    rows.append((words.say("Relayed in bulk"), _relayed(alert, words)))
    if facts.loudest is not None:
        share = words.share(facts.loudest.mentions, facts.mentions)
        who = words.say("{author}: {share} of the mentions", author=name(facts.loudest.name, 60), share=share)
        rows.append((words.say("Loudest voice"), who))
    if len(facts.sources) > 1:
        rows.append((words.say("Where"), _shares(facts.sources, words)))
    carriers = carried(facts, words)
    if carriers:
        rows.append((words.say("Voices"), carriers))
    if facts.topics:
        rows.append((words.say("What it is about"), about(facts, words)))
    elif facts.new_words:
        rows.append((words.say("New words"), ", ".join(name(word, 40) for word in facts.new_words[:8])))
    return rows


def _peak(alert: Alert, words: Words) -> str:
    at = words.clock(alert.peak_at, seen_from=alert.at)
    return words.say("{peak} an hour ({at})", peak=words.number(alert.peak), at=at)


def _negative(alert: Alert, words: Words) -> str:
    facts = alert.facts
    share = words.share(facts.negative or 0, facts.mentions)
    if facts.usual_negative_share is None:
        return share
    return words.say("{share} (usual {usual})", share=share, usual=words.share(facts.usual_negative_share, 1))


def _relayed(alert: Alert, words: Words) -> str:
    facts = alert.facts
    share = words.share(facts.amplified, facts.mentions)
    said = words.say(
        "{relayed} ({share}); {organic} spontaneous",
        relayed=words.number(facts.amplified),
        share=share,
        organic=words.number(max(facts.mentions - facts.amplified, 0)),
    )
    return " · ".join([said, *(how for one in facts.repeated[:1] if (how := repeated(one, words)))])


def _shares(shares: tuple[Share, ...], words: Words) -> str:
    whole = sum(share.mentions for share in shares)
    return ", ".join(f"{name(s.name, 40)} {words.share(s.mentions, whole)}" for s in shares[:_SHOWN])


def why(alert: Alert, words: Words, *, left_out: int) -> list[str]:
    """Why it rang, what would have kept it quiet, and what could not be heard: mrkdwn."""
    facts = alert.facts
    score, over = words.number(facts.score), words.number(facts.line)
    said: list[str] = []
    if alert.state is State.burning and facts.score >= facts.line:
        said.append(
            words.say(
                "*Why it rang:* an excess that lasts, not a burst (evidence {score}; the line is {line}).",
                score=score,
                line=over,
            )
        )
        said.append(
            words.count(
                "Fewer than {n} mention in that hour would have kept it quiet.",
                "Fewer than {n} mentions in that hour would have kept it quiet.",
                facts.quiet_below,
            )
        )
    else:
        said.append(words.say("*Evidence now:* {score}; the line is {line}.", score=score, line=over))
    taken = taken_for(alert, words)
    if taken and alert.state is State.burning:
        said.append(taken)
    if facts.alike is not None and alert.state is State.burning:
        said.append(
            words.count(
                "*Looked like this before:* {n} fire; {calmed} died down, {grew} grew.",
                "*Looked like this before:* {n} fires; {calmed} died down, {grew} grew.",
                facts.alike.fires,
                calmed=words.number(facts.alike.calmed),
                grew=words.number(facts.alike.grew),
            )
        )
    if facts.planned:
        names = words.all_of([safe(planned) for planned in facts.planned[:_SHOWN]])
        said.append(words.say("More than usual was expected: {names}.", names=names))
    if facts.deaf:
        names = words.all_of([safe(deaf) for deaf in facts.deaf[:_SHOWN]])
        if len(facts.deaf) > _SHOWN:
            names += f" (+{len(facts.deaf) - _SHOWN})"
        said.append(words.say("*Could not be heard:* {names}. It may be larger than it looks.", names=names))
    if left_out:
        said.append(
            words.count(
                "{n} point of the chart could not be heard and is left out.",
                "{n} points of the chart could not be heard and are left out.",
                left_out,
            )
        )
    return said


def stands_in(channel: str, words: Words) -> str:
    """Why it is told here: the name of the channel is somebody's."""
    return words.say("Told here because “{channel}” cannot be told.", channel=safe(channel))


def standing(alert: Alert, words: Words) -> list[str]:
    """How it stands with the people: acknowledged, snoozed, closed, judged: mrkdwn."""
    said: list[str] = []
    if alert.instead_of:
        said.append(stands_in(alert.instead_of, words))
    by, at = safe(alert.by), words.date(alert.at, seen_from=alert.at)
    if alert.acknowledged_by and alert.acknowledged_at:
        when = words.date(alert.acknowledged_at, seen_from=alert.at)
        said.append(words.say("Acknowledged by {who} ({at}).", who=safe(alert.acknowledged_by), at=when))
    if alert.snoozed_until and alert.snoozed_until > alert.at and alert.state is not State.out:
        said.append(
            words.say("Snoozed until {until}.", until=words.date(alert.snoozed_until, seen_from=alert.at))
        )
    if alert.reason is Reason.closed:
        said.append(words.say("Closed by {who} ({at}).", who=by, at=at))
    elif alert.state is State.out and alert.out_at:
        said.append(words.say("Out ({at}).", at=words.date(alert.out_at, seen_from=alert.at)))
    elif alert.reason is Reason.contained:
        said.append(words.say("Contained ({at}).", at=at))
    if alert.verdict:
        known = VERDICTS.get(alert.verdict)
        verdict = words.say(known) if known else safe(alert.verdict)
        if alert.reason is Reason.judged:
            said.append(words.say("Verdict: {verdict}, says {who}.", verdict=verdict, who=by))
        else:
            said.append(words.say("Verdict: {verdict}.", verdict=verdict))
    if alert.note.strip() and said:
        said.append(words.say("“{note}”", note=safe(alert.note, 300)))
    return said
