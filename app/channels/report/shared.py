"""What the reports of a fire and of a period have in common, in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.channels.document import Inline, Run, inline
from app.channels.facts import Share
from app.channels.notices import Proposed
from app.channels.report.document import Items, Plot, Table, items, table
from app.channels.report.facts import Curve, CurvePoint, Precision, SourceHeard, VoiceCount
from app.channels.report.told import MARKS
from app.channels.wording.bulletins import proposal
from app.channels.wording.sentences import name
from app.channels.wording.words import Words

_ROWS = 24  # of the table beside a curve
_WELL = 0.95  # part of the time, from which on a source counts as heard
_LETTERS = "ABCDEFGH"
_DAY = 1440  # minutes


def plot(curve: Curve, words: Words) -> Plot | None:
    """The curve with its words; None below two points that were observed."""
    seen = [point for point in curve.points if point.observed is not None]
    if len(seen) < 2:
        return None
    highest = max(seen, key=lambda point: point.observed or 0)
    step = words.span(timedelta(minutes=curve.step_minutes))
    if curve.step_minutes >= _DAY:
        title = words.say("Mentions by day")
    else:
        title = words.say("Mentions in {span}", span=step)
    says = words.say(
        "{title}, from {since} to {until}: at most {peak} ({at}), against {usual} usual.",
        title=title,
        since=_label(curve, curve.points[0].at, words),
        until=_label(curve, curve.points[-1].at, words),
        peak=words.number(highest.observed or 0),
        at=_label(curve, highest.at, words),
        usual="?" if highest.expected is None else words.number(highest.expected),
    )
    marks = tuple(
        (letter, f"{words.say(MARKS[mark.kind])} {words.moment(mark.at)}")
        for letter, mark in zip(_LETTERS, curve.marks, strict=False)
        if mark.kind in MARKS
    )
    return Plot(
        curve=curve,
        alternative=says,
        observed=words.say("observed"),
        usual=words.say("usual"),
        band=words.say("from the lowest to the highest usual"),
        labels=(_label(curve, curve.points[0].at, words), _label(curve, curve.points[-1].at, words)),
        marks=marks,
    )


def in_figures(curve: Curve, words: Words) -> Table | None:
    """The curve as a table of at most 24 rows, for who cannot see it."""
    head = (words.say("From"), words.say("Mentions"), words.say("Usual"), words.say("Highest usual"))
    return table(
        head,
        (_row(point, _label(curve, point.at, words), words) for point in _in_few(curve.points)),
        (1, 2, 3),
    )


def _label(curve: Curve, at: datetime, words: Words) -> str:
    moment = words.moment(at)
    return moment.rpartition(" ")[0] if curve.step_minutes >= _DAY else moment


def _in_few(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """The points, several made one where there are too many for a table."""
    width = -(-len(points) // _ROWS)
    parts = [points[start : start + width] for start in range(0, len(points), width)]
    return [_one(part) for part in parts]


def _one(part: Sequence[CurvePoint]) -> CurvePoint:
    if len(part) == 1:
        return part[0]
    seen = [point.observed for point in part if point.observed is not None]
    usual = [point.expected for point in part if point.expected is not None]
    high = [
        point.high - point.expected for point in part if point.high is not None and point.expected is not None
    ]
    whole = sum(usual)
    # As neighbouring steps hardly move together, widths add up as those of independent ones.
    wide = sum(width**2 for width in high) ** 0.5
    return CurvePoint(
        part[0].at,
        sum(seen) if seen else None,
        whole if usual else None,
        None,
        whole + wide if usual else None,
    )


def _row(point: CurvePoint, label: str, words: Words) -> tuple[Inline, ...]:
    unseen = words.say("not heard")
    values = (point.expected, point.high)
    return (
        inline(label),
        inline(unseen if point.observed is None else words.number(point.observed)),
        *(inline("–" if value is None else words.number(value)) for value in values),
    )


def voices(found: Sequence[VoiceCount], words: Words) -> Table | None:
    """The accounts that were heard the widest and most often."""
    head = (
        words.say("Account"), words.say("Source"), words.say("Posts"), words.say("Followers"), "",
    )  # fmt: skip
    return table(
        head,
        (
            (
                (Run(name(one.name, 60), foreign=True),),
                inline(name(one.source, 40)),
                inline(words.number(one.posts)),
                inline("–" if one.followers is None else words.number(one.followers)),
                inline(words.say("only passes on") if one.relays else ""),
            )
            for one in found
        ),
        (2, 3),
    )


def hosts(found: Sequence[Share], words: Words) -> Inline:
    """The hosts that the posts stand on."""
    if not found:
        return ()
    names = words.all_of([f"{name(one.name, 60)} ({words.number(one.mentions)})" for one in found])
    return words.write("*Where the posts stand:* {names}.", names=Run(names, foreign=True))


def heard(found: Sequence[SourceHeard], words: Words) -> Table | None:
    """Each source: what it brought, and how well it was heard."""
    head = (words.say("Source"), words.say("Mentions"), words.say("Heard"), words.say("Came late"))
    return table(
        head,
        (
            (
                inline(name(one.name, 60)),
                inline(words.number(one.mentions)),
                inline(words.share(one.heard, 1)),
                inline(words.number(one.late) if one.late else "–"),
            )
            for one in found
        ),
        (1, 2, 3),
    )


def not_heard(found: Sequence[SourceHeard], words: Words) -> list[Inline]:
    """What of the sources was missed, a sentence for each."""
    said = [
        words.write(
            "*{source}* was heard {share} of the time: what was said there meanwhile may be missing.",
            source=name(one.name, 60),
            share=words.share(one.heard, 1),
        )
        for one in found
        if one.heard < _WELL
    ]
    late = sum(one.late for one in found)
    if late:
        said.append(
            words.write_count(
                "{n} post came more than an hour after it was written.",
                "{n} posts came more than an hour after they were written.",
                late,
            )
        )
    return said


def set_aside(count: int, words: Words) -> Inline:
    """How many posts were not counted, as they are not about the watch."""
    if not count:
        return ()
    return words.write_count(
        "{n} post was set aside as not about the watch, and does not count here.",
        "{n} posts were set aside as not about the watch, and do not count here.",
        count,
    )


def reliability(found: Precision, words: Words) -> Inline:
    """How many of the alerts were right."""
    judged = found.fires + found.false_alarms
    parts = [
        words.count("{n} fire", "{n} fires", found.fires) if found.fires else "",
        words.count("{n} false alarm", "{n} false alarms", found.false_alarms) if found.false_alarms else "",
        words.count("{n} planned", "{n} planned", found.planned) if found.planned else "",
        words.count("{n} not judged", "{n} not judged", found.unjudged) if found.unjudged else "",
    ]
    counted = words.count("{n} alert", "{n} alerts", found.alarms)
    said = words.write("*{counted}*", counted=counted)
    if any(parts):
        said += (Run(f" ({words.all_of([part for part in parts if part])})"),)
    if judged and found.low is not None and found.high is not None:
        right = words.write_count(
            "{n} alert of {of} was right.",
            "{n} alerts of {of} were right.",
            found.fires,
            of=words.number(judged),
        )
        sure = words.say(
            "With so few, the true rate lies between {low} and {high}.",
            low=words.share(found.low, 1),
            high=words.share(found.high, 1),
        )
        return (*said, Run(". "), *right, Run(f" {sure}"))
    return (*said, Run("."))


def proposed(change: Proposed | None, words: Words) -> Items | None:
    """The change that was proposed and waits for an answer."""
    return items([proposal(change, words, acts=False)]) if change is not None else None
