"""An alert as a document: its story's message, and what goes into the thread of that."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from app.channels.base import Alert
from app.channels.document import (
    Document,
    Heading,
    Inline,
    Link,
    Quote,
    Quotes,
    compose,
    join,
    paragraph,
    plain,
    small,
)
from app.channels.facts import Sample
from app.channels.text import clean, cut, isolate, line, link
from app.channels.wording.actions import actions, by_links, not_about
from app.channels.wording.advice import advice
from app.channels.wording.chart import chart_of
from app.channels.wording.figures import figures
from app.channels.wording.news import first_words, news
from app.channels.wording.sentences import headline, name, objective, sentence, situation, words_of
from app.channels.wording.standing import standing
from app.channels.wording.why import why
from app.channels.wording.words import Words, mark
from app.models import Reason, State

SAMPLES = 5
NO_LINKS: Mapping[str, str] = MappingProxyType({})
QUOTE = 400  # code points
_SUMMARY, _HEADING = 600, 150
_ENOUGH = 4000  # of a post that is cut to a quote anyway: some of it may be cleaned away
_NEAR = timedelta(hours=12)
_SAYS = {
    "harm": mark("tells of harm"),
    "negative": mark("negative"),
    "launch": mark("of something new"),
    "feast": mark("of a match or a feast"),
    "positive": mark("positive"),
}
_WHY_SHOWN = {
    "first": mark("the first that was heard"),
    "most_relayed": mark("the most relayed"),
    "most_followed": mark("from the widest audience"),
    "most_negative": mark("the most negative"),
    "typical": mark("typical of what is said"),
    "latest": mark("one of the latest"),
}

_NO_TEXT = mark("(no text)")
_FORGOTTEN = {
    "author": mark("(deleted by its author)"),
    "request": mark("(removed on request)"),
    "age": mark("(removed because of its age)"),
}


def root(
    alert: Alert,
    *,
    acts: bool = False,
    links: Mapping[str, str] = NO_LINKS,
    samples: int = SAMPLES,
    quote: int = QUOTE,
    chart: bool = True,
) -> Document:
    """The story's message as it is now; less of it for a channel with less room.

    `acts`: the channel can be pressed; `links`: by which the reader can act, by act; `quote`: code points of
    each of the samples.
    """
    words = words_of(alert)
    plot, left_out = chart_of(alert, words) if chart else (None, 0)
    return compose(
        cut(f"{headline(alert, words)} · {_plain_situation(alert, words)}", _SUMMARY),
        # What a phone shows at first must do to decide: what it is, in whose hands, what to do. Then why.
        Heading(cut(headline(alert, words), _HEADING)),
        paragraph(sentence(alert, words)),
        small(standing(alert, words)),
        paragraph(advice(alert, words)),
        actions(alert, words) if acts else by_links(alert, words, links),
        figures(alert, words),
        plot,
        _quotes(alert, words, alert.facts.samples[:samples], quote),
        not_about(alert, words, alert.facts.samples[:samples]) if acts else None,
        small([*why(alert, words, left_out=left_out), *objective(alert, words)]),
        None if acts else small(_open(alert, words)),
    )


def reply(alert: Alert, *, links: Mapping[str, str] = NO_LINKS) -> Document:
    """The news of the transition, for the thread of its story; `links`: by which the reader can act."""
    words = words_of(alert)
    # What is new stands behind what people have seen already.
    latest = tuple(s for s in alert.facts.samples if s.why == "latest")[-2:] or alert.facts.samples[:1]
    # Empty unless it burns: at the end nobody needs more posts to read.
    calls = advice(alert, words, brief=True)
    marked = f"{words.say('DRILL')} · " if alert.drill else ""
    what = words.say("{watch}: {what}", watch=name(alert.watch), what=_plain_situation(alert, words))
    return compose(
        cut(f"{marked}{first_words(alert, words)} · {what}", _SUMMARY),
        paragraph(news(alert, words)),
        _quotes(alert, words, latest, QUOTE) if calls else None,
        paragraph(calls),
        by_links(alert, words, links),
    )


def call(alert: Alert) -> Inline:
    """What whoever is on call is told first, behind their name."""
    words = words_of(alert)
    if alert.reason is Reason.lapsed:
        return words.write("is it still in your hands?")
    if alert.reason is not Reason.reminded:
        return words.write("you are on call for this.")
    if alert.called is not None and len(alert.called) > 1:
        return words.write(
            "nobody has taken this in hand for {span}: whoever reads this, take it.",
            span=words.span(alert.at - (alert.burning_at or alert.opened_at)),
        )
    return words.write(
        "nobody has taken this in hand for {span}: it is yours now.",
        span=words.span(alert.at - (alert.burning_at or alert.opened_at)),
    )


def status(alert: Alert) -> Inline:
    """How the incident stands with the people, in a line; empty where there is nothing to say."""
    return join(" ", standing(alert, words_of(alert)))


def subject(alert: Alert, *, follows: bool) -> str:
    """What the message is called in a list of messages; `follows`: it is not its story's first."""
    words = words_of(alert)
    title = headline(alert, words)
    return f"{first_words(alert, words)} · {title}" if follows and alert.state is State.burning else title


def _plain_situation(alert: Alert, words: Words) -> str:
    return plain(situation(alert, words), zones=False)


def _open(alert: Alert, words: Words) -> list[Inline]:
    there = link(alert.link)
    return [(Link(there[0], words.say("Open in Tocsin")),)] if there else []


def _quotes(alert: Alert, words: Words, samples: tuple[Sample, ...], limit: int) -> Quotes | None:
    if not samples:
        return None
    return Quotes(tuple(quote_of(sample, words, seen_from=alert.at, limit=limit) for sample in samples))


def quote_of(sample: Sample, words: Words, *, seen_from: datetime, limit: int = QUOTE) -> Quote:
    """The post as it is shown to who reads of it at that instant, cut to so many code points."""
    whole = "\n".join(filter(None, (sample.title[:_ENOUGH], sample.text[:_ENOUGH])))
    shown = words.say(_WHY_SHOWN[sample.why])
    if sample.alike:
        shown += words.count(", and {n} alike", ", and {n} alike", sample.alike)
    if sample.spoken and sample.spoken != words.language and not sample.forgotten:
        # No translation is promised: in which language it is, and what it is like.
        shown += f" · {words.in_language(sample.spoken)}"
        shown += f", {words.say(_SAYS[sample.says])}" if sample.says else ""
    near = abs(seen_from - sample.published_at) < _NEAR
    there = link(sample.url)
    return Quote(
        author=isolate(cut(line(sample.author or ""), 60)) or words.say("unknown author"),
        source=isolate(cut(line(sample.source), 60)),
        at=words.instant(sample.published_at, seen_from=seen_from, near=near),
        link=Link(*there) if there else None,
        why=shown,
        text=cut(clean(whole), limit) or words.say(_FORGOTTEN.get(sample.forgotten, _NO_TEXT)),
        lang=(sample.lang or sample.spoken or "") if clean(whole) else "",
    )
