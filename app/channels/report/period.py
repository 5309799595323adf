"""The report of a week or a month in words."""

from datetime import timedelta

from app.channels.document import Inline, Paragraph, inline, paragraph
from app.channels.report.document import (
    Part,
    ReportDocument,
    Table,
    items,
    section,
    table,
)
from app.channels.report.facts import IncidentLine, PeriodReport
from app.channels.report.shared import (
    heard,
    in_figures,
    not_heard,
    plot,
    proposed,
    reliability,
    set_aside,
    voices,
)
from app.channels.text import cut
from app.channels.wording.sentences import name
from app.channels.wording.standing import VERDICTS
from app.channels.wording.words import Words

_MINUTE = timedelta(minutes=1)


def period_document(report: PeriodReport, language: str) -> ReportDocument:
    """The report in the language, its times on the watch's clock."""
    words = Words(language, report.time_zone)
    short = _short(report, words)
    found = (
        section(words.say("In short"), [items(short), *_objective(report, words)]),
        section(words.say("Day by day"), [plot(report.curve, words)]),
        section(words.say("Alerts"), [_incidents(report, words)]),
        section(words.say("Who was called"), [_loads(report, words)]),
        section(words.say("Who spoke of it"), [voices(report.voices, words)]),
        section(
            words.say("How well it was listened to"),
            [
                heard(report.sources, words),
                items([*not_heard(report.sources, words), set_aside(report.set_aside, words)]),
            ],
        ),
        section(words.say("What to change"), [proposed(report.proposed, words)]),
        section(words.say("The curve in figures"), [in_figures(report.curve, words)]),
    )
    return ReportDocument(
        language=language,
        title=cut(f"{period_title(report.period, words)} · {name(report.watch)}", 150),
        subtitle=words.write(
            "{since} – {until}, as known on {day} at {clock}. Times of {zone}.",
            since=words.day(report.since),
            until=words.day(report.until - _MINUTE),
            day=words.day(report.at),
            clock=words.clock(report.at, seen_from=report.at),
            zone=report.time_zone,
        ),
        short=short,
        sections=tuple(one for one in found if one is not None),
        note=words.write(
            "Made by Tocsin from what it heard. It names people: what they delete later stays in this copy, "
            "and is gone when the report is made again."
        ),
    )


def period_title(period: str, words: Words) -> str:
    """A week or a month by its name: 2026-W48, 2026-11.

    >>> period_title("2026-W08", Words("en", "UTC"))
    'Week 8 of 2026'
    """
    if "W" not in period:
        month = words.month(period)
        return month[:1].upper() + month[1:]
    year, _, number = period.partition("-W")
    return words.say("Week {number} of {year}", number=str(int(number)), year=year)


def _objective(report: PeriodReport, words: Words) -> list[Part | None]:
    why = report.objective.strip()
    return [paragraph(words.write("Why we listen: {objective}", objective=name(why, 300)))] if why else []


def _short(report: PeriodReport, words: Words) -> tuple[Inline, ...]:
    said = [_size(report, words), _tone(report, words), reliability(report.precision, words)]
    if report.alert_minutes is not None:
        said.append(
            words.write(
                "Half of the alerts came within {span} of the start",
                span=words.span(report.alert_minutes * _MINUTE),
            )
        )
    if report.acknowledge_minutes is not None:
        said.append(
            words.write(
                "Half of those that somebody took were in hand within {span}",
                span=words.span(report.acknowledge_minutes * _MINUTE),
            )
        )
    if report.unanswered:
        said.append(
            words.write_count(
                "*{n} alert that nobody took at first, or at all*",
                "*{n} alerts that nobody took at first, or at all*",
                report.unanswered,
            )
        )
    said.append(words.write("You accept {rate}.", rate=words.rate(report.budget)))
    if report.planned:
        planned = words.all_of([name(one) for one in report.planned])
        said.append(words.write("Planned: {names}", names=planned))
    if report.until > report.at:
        said.append(words.write("It is not over: the figures are those so far"))
    return tuple(filter(None, said))


def _size(report: PeriodReport, words: Words) -> Inline:
    mentions = words.count("{n} mention", "{n} mentions", report.mentions)
    if report.authors:
        authors = words.count("{n} author", "{n} authors", report.authors)
        mentions = words.say("{mentions} by {authors}", mentions=mentions, authors=authors)
    if report.mentions_before is None or report.until > report.at:
        return words.write("*{mentions}*", mentions=mentions)
    return words.write(
        "*{mentions}*, after {before} in the period before",
        mentions=mentions,
        before=words.number(report.mentions_before),
    )


def _tone(report: PeriodReport, words: Words) -> Inline:
    if not report.mentions:
        return ()
    share = words.share(report.negative, report.mentions)
    if report.negative_before is None or not report.mentions_before:
        return words.write("{share} negative", share=share)
    before = words.share(report.negative_before, report.mentions_before)
    return words.write("{share} negative, after {before}", share=share, before=before)


def _incidents(report: PeriodReport, words: Words) -> Part:
    head = (
        words.say("Alert"), words.say("Incident"), words.say("Peak an hour"), words.say("Mentions"),
        words.say("Taken in hand"), words.say("Lasted"), words.say("Verdict"),
    )  # fmt: skip
    rows = (_row(one, words) for one in report.incidents)
    return table(head, rows, (2, 3)) or Paragraph(words.write("None."))


def _row(one: IncidentLine, words: Words) -> tuple[Inline, ...]:
    taken = "–"
    if one.acknowledged_at is not None:
        later = words.span(max(one.acknowledged_at - one.alert_at, timedelta(0)))
        taken = words.say("{who}, {span} later", who=name(one.acknowledged_by, 40), span=later)
    lasted = words.say("not over") if one.out_at is None else words.span(one.out_at - one.alert_at)
    verdict = words.say(VERDICTS[one.verdict]) if one.verdict is not None else "–"
    return (
        inline(words.moment(one.alert_at)),
        inline(f"#{one.incident_id}"),
        inline(words.number(one.peak)),
        inline(words.number(one.mentions)),
        inline(taken),
        inline(lasted),
        inline(verdict),
    )


def _loads(report: PeriodReport, words: Words) -> Table | None:
    head = (words.say("Name"), words.say("Calls"), words.say("At night"), words.say("Fires taken"))
    return table(
        head,
        (
            (
                inline(name(one.name)),
                inline(words.number(one.calls)),
                inline(words.number(one.at_night)),
                inline(words.number(one.taken)),
            )
            for one in report.loads
        ),
        (1, 2, 3),
    )
