"""The report of a fire in words."""

from datetime import datetime

from app.channels.document import Run, inline, paragraph
from app.channels.facts import Sample
from app.channels.report.document import (
    Items,
    Part,
    Post,
    Posts,
    ReportDocument,
    Table,
    items,
    prose,
    section,
    table,
)
from app.channels.report.facts import StoryReport
from app.channels.report.shared import (
    hosts,
    in_figures,
    not_heard,
    plot,
    proposed,
    reliability,
    set_aside,
    voices,
)
from app.channels.report.summary import summary, title
from app.channels.report.told import noted, told
from app.channels.text import cut
from app.channels.wording.crisis import log_word
from app.channels.wording.documents import quote_of
from app.channels.wording.sentences import name
from app.channels.wording.standing import STATES
from app.channels.wording.words import Words

_QUOTE, _WORD = 600, 40  # code points


def story_document(report: StoryReport, language: str) -> ReportDocument:
    """The report in the language, its times on the watch's clock."""
    words = Words(language, report.time_zone)
    found = (
        section(words.say("In short"), _in_short(report, words)),
        section(words.say("How fast"), [_milestones(report, words)]),
        section(words.say("The curve"), [plot(report.curve, words)]),
        section(words.say("What happened"), [_timeline(report, words), _left_out(report, words)]),
        section(words.say("What it was about"), [_topics(report, words)]),
        section(words.say("Who carried it"), _carriers(report, words)),
        section(words.say("Posts that show it"), [_posts(report, words), _forgotten(report, words)]),
        section(words.say("Who was called"), [_called(report, words)]),
        section(words.say("Decisions"), [_decisions(report, words)]),
        section(words.say("Statements"), [_statements(report, words)]),
        section(words.say("What was missed"), [_missed(report, words)]),
        section(words.say("What to change"), _to_change(report, words)),
        section(words.say("Remarks"), [prose(report.words.remarks)]),
        section(words.say("The curve in figures"), [in_figures(report.curve, words)]),
    )
    return ReportDocument(
        language=language,
        title=cut(title(report, words), 150),
        subtitle=words.write(
            "Incident {n}, as known on {day} at {clock}. Times of {zone}.",
            n=str(report.incident_id),
            day=words.day(report.at),
            clock=words.clock(report.at, seen_from=report.at),
            zone=report.time_zone,
        ),
        short=summary(report, words),
        sections=tuple(one for one in found if one is not None),
        note=words.write(
            "Made by Tocsin from what it heard. It names people and shows what they wrote: what they delete "
            "later stays in this copy, and is gone when the report is made again."
        ),
    )


def _in_short(report: StoryReport, words: Words) -> list[Part | None]:
    why = report.objective.strip()
    return [
        prose(report.words.summary),
        items(summary(report, words)),
        paragraph(words.write("Why we listen: {objective}", objective=name(why, 300))) if why else None,
    ]


def _milestones(report: StoryReport, words: Words) -> Table | None:
    steps: list[tuple[str, datetime | None]] = [
        (words.say("First post"), report.first_post_at),
        (words.say("Alert"), report.alert_at),
        (words.say("Taken in hand"), report.acknowledged_at),
        (words.say("First statement"), report.statement_at),
        (words.say("Peak"), report.peak_at),
        (words.say("End"), report.out_at),
    ]
    happened = sorted(((at, what) for what, at in steps if at is not None), key=lambda pair: pair[0])
    start = happened[0][0]
    head = ("", words.say("When"), words.say("After the first"))
    return table(
        head,
        (
            (inline(what), inline(words.moment(at)), inline(words.span(at - start) if at > start else "–"))
            for at, what in happened
        ),
        (2,),
    )


def _timeline(report: StoryReport, words: Words) -> Table | None:
    head = (words.say("When"), words.say("What"))
    return table(head, ((inline(words.moment(one.at)), told(one, words)) for one in report.timeline))


def _left_out(report: StoryReport, words: Words) -> Part | None:
    if not report.left_out:
        return None
    return paragraph(
        words.write_count(
            "{n} event of less weight is left out.",
            "{n} events of less weight are left out.",
            report.left_out,
        )
    )


def _topics(report: StoryReport, words: Words) -> Items | None:
    return items(
        (
            Run(f"{words.share(one.share, 1)} ", bold=True),
            Run(", ".join(name(word, _WORD) for word in one.words[:5]), foreign=True),
        )
        for one in report.topics
    )


def _carriers(report: StoryReport, words: Words) -> list[Part | None]:
    companions = items(
        words.write(
            "{watch} burnt in the same fire, from {since} (incident {n}, {state})",
            watch=name(one.watch),
            since=words.moment(one.onset_at),
            n=str(one.incident_id),
            state=words.say(STATES[one.state]),
        )
        for one in report.companions
    )
    press = (
        words.write_count(
            "{n} post from feeds and the press.", "{n} posts from feeds and the press.", report.press
        )
        if report.press
        else ()
    )
    return [
        voices(report.voices, words),
        paragraph(hosts(report.hosts, words)),
        paragraph(press),
        companions,
    ]


def _posts(report: StoryReport, words: Words) -> Posts | None:
    posts = tuple(_post(report, sample, words) for sample in report.samples)
    return Posts(posts) if posts else None


def _post(report: StoryReport, sample: Sample, words: Words) -> Post:
    quote = quote_of(sample, words, seen_from=report.onset_at, limit=_QUOTE)
    return Post(quote, sample.lang or "")


def _forgotten(report: StoryReport, words: Words) -> Part | None:
    if not report.forgotten:
        return None
    return paragraph(
        words.write_count(
            "{n} post that was shown then is forgotten since, and is not told here.",
            "{n} posts that were shown then are forgotten since, and are not told here.",
            report.forgotten,
        )
    )


def _called(report: StoryReport, words: Words) -> Part | None:
    if not report.called:
        return paragraph(words.write("Nobody was called by name.")) if report.alerted else None
    head = (words.say("Name"), words.say("Calls"), words.say("First"), words.say("Last"))
    return table(
        head,
        (
            (
                inline(name(one.name)),
                inline(words.number(one.calls)),
                inline(words.moment(one.first_at)),
                inline(words.moment(one.last_at)),
            )
            for one in report.called
        ),
        (1,),
    )


def _decisions(report: StoryReport, words: Words) -> Table | None:
    head = (words.say("When"), words.say("Who"), words.say("What"))
    return table(
        head,
        (
            (
                inline(words.moment(one.at)),
                inline(name(one.by)),
                words.write(
                    "*{what}:* {text}", what=log_word(one.kind, one.state, words), text=noted(one.text)
                ),
            )
            for one in report.decisions
        ),
    )


def _statements(report: StoryReport, words: Words) -> Items | None:
    return items(
        words.write(
            "*{at}*, written by {who}, approved by {approved}: “{text}”",
            at=words.moment(one.said_at or one.at),
            who=name(one.by),
            approved=name(one.approved_by) if one.approved_by else words.say("nobody yet"),
            text=noted(one.text),
        )
        for one in report.statements
    )


def _missed(report: StoryReport, words: Words) -> Items | None:
    said = [*not_heard(report.sources, words), set_aside(report.set_aside, words)]
    said += [
        words.write(
            "*{channel}* was reached by no message: {why}", channel=name(one.channel), why=noted(one.why)
        )
        for one in report.unreached
    ]
    return items(said) or items([words.write("Nothing that we know of: all sources were heard.")])


def _to_change(report: StoryReport, words: Words) -> list[Part | None]:
    learnt = reliability(report.precision, words)
    return [
        prose(report.words.to_change) or paragraph(words.write("The team has written nothing here yet.")),
        proposed(report.proposed, words),
        paragraph(words.write("The last twelve months of this watch: {what}", what=learnt))
        if report.precision.alarms
        else None,
    ]
