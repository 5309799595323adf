"""A fire in a few lines: the title of its report, and what stands first in it."""

from datetime import timedelta

from app.channels.document import Inline, Run
from app.channels.report.facts import StoryReport
from app.channels.report.told import noted
from app.channels.wording.sentences import name
from app.channels.wording.standing import VERDICTS
from app.channels.wording.words import Words, mark
from app.models import State, VerdictWord

_WORD = 40  # code points
_TITLES = {
    None: mark("Incident report · {watch} · {day}"),
    VerdictWord.fire: mark("Fire report · {watch} · {day}"),
    VerdictWord.false_alarm: mark("Report of a false alarm · {watch} · {day}"),
    VerdictWord.planned: mark("Report of a planned event · {watch} · {day}"),
}


def title(report: StoryReport, words: Words) -> str:
    """What it was, of which watch, and when."""
    if report.state is not State.out:
        what = mark("Interim report · {watch} · {day}")
    else:
        what = _TITLES[report.verdict]
    said = words.say(what, watch=name(report.watch), day=words.day(report.onset_at))
    return f"{words.say('DRILL')} · {said}" if report.drill else said


def summary(report: StoryReport, words: Words) -> tuple[Inline, ...]:
    """The whole of it in a few lines."""
    end = report.out_at or report.at
    mentions = words.count("{n} mention", "{n} mentions", report.mentions)
    if report.authors:
        authors = words.count("{n} author", "{n} authors", report.authors)
        mentions = words.say("{mentions} by {authors}", mentions=mentions, authors=authors)
    size = words.write(
        "*{mentions}* in {span} ({since} → {until})",
        mentions=mentions,
        span=words.span(max(end - report.onset_at, timedelta(0))),
        since=words.moment(report.onset_at),
        until=words.moment(end) if report.out_at else words.say("it is not over"),
    )
    peak = words.write(
        "At its peak *{peak} an hour* ({at}), against {usual} usual",
        peak=words.number(report.peak),
        at=words.moment(report.peak_at),
        usual=words.number(report.usual or 0),
    )
    return tuple(
        filter(
            None,
            [
                size,
                peak,
                _about(report, words),
                _tone(report, words),
                _speed(report, words),
                _verdict(report, words),
            ],
        )
    )


def _about(report: StoryReport, words: Words) -> Inline:
    if not report.topics:
        return ()
    first = words.all_of(
        [words.say("“{word}”", word=name(word, _WORD)) for word in report.topics[0].words[:3]]
    )
    return words.write(
        "Most said: {about} ({share} of the posts)",
        about=Run(first, foreign=True),
        share=words.share(report.topics[0].share, 1),
    )


def _tone(report: StoryReport, words: Words) -> Inline:
    if not report.mentions:
        return ()
    negative, relayed = (words.share(part, report.mentions) for part in (report.negative, report.amplified))
    if report.usual_negative_share is None:
        return words.write(
            "{negative} negative; {relayed} relayed in bulk", negative=negative, relayed=relayed
        )
    return words.write(
        "{negative} negative ({usual} usual); {relayed} relayed in bulk",
        negative=negative,
        usual=words.share(report.usual_negative_share, 1),
        relayed=relayed,
    )


def _speed(report: StoryReport, words: Words) -> Inline:
    if report.alert_at is None:
        return words.write("It was kept quiet: nobody was alerted")
    after = words.span(max(report.alert_at - report.onset_at, timedelta(0)))
    if report.acknowledged_at is None:
        return words.write("Alert {after} after the start; nobody took it in hand", after=after)
    return words.write(
        "Alert {after} after the start; {who} took it in hand {later} later",
        after=after,
        who=name(report.acknowledged_by),
        later=words.span(max(report.acknowledged_at - report.alert_at, timedelta(0))),
    )


def _verdict(report: StoryReport, words: Words) -> Inline:
    if report.verdict is None:
        return words.write("*No verdict yet:* say what it was, and the threshold learns from it")
    said = words.write(
        "Verdict of {who}: *{verdict}*",
        who=name(report.verdict_by),
        verdict=words.say(VERDICTS[report.verdict]),
    )
    note = noted(report.verdict_note)
    return words.write("{what}: {note}", what=said, note=note) if note else said
