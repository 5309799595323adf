"""What stakeholders are told of a fire, from when somebody asked for it until it is out."""

from app.channels.crisis import Decided, SaidOnce, StakeholderUpdate
from app.channels.document import (
    Document,
    Heading,
    Inline,
    Link,
    Run,
    compose,
    inline,
    join,
    paragraph,
    plain,
    small,
)
from app.channels.text import cut, link
from app.channels.wording.crisis import team_text
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.words import Words, mark
from app.models import State

_SUMMARY, _HEADING, _QUOTE = 600, 150, 500
_STANDS = {
    State.smouldering: mark("*{watch}:* smoke since {since}, no fire yet."),
    State.burning: mark("*{watch}:* a fire since {since}, still burning."),
    State.contained: mark("*{watch}:* a fire since {since}, contained for now."),
}


def stakeholder_update(news: StakeholderUpdate) -> Document:
    """What burns with its figures, what was decided, what was published, and when the next one comes."""
    words = Words(news.language, news.time_zone)
    title = _title(news, words)
    figures = _figures(news, words)
    decided = [_decided(one, news, words) for one in news.decided]
    said = [_said(one, words) for one in news.said]
    if not said and not news.last:
        said = [words.write("Nothing was published yet, as far as the team has noted.")]
    return compose(
        # The figures begin with the name of the watch, too.
        cut(f"{title.removesuffix(f' · {name(news.watch)}')} · {plain(figures, zones=False)}", _SUMMARY),
        Heading(cut(title, _HEADING)),
        paragraph(figures),
        paragraph(join("\n", [words.write("*Decided:*"), *decided])) if decided else None,
        paragraph(join("\n", [words.write("*Published:*") if news.said else "", *said])),
        small([_next(news, words), *_below(news, words)]),
    )


def _title(news: StakeholderUpdate, words: Words) -> str:
    marked = f"{words.say('DRILL')} · " if news.drill else ""
    if news.last:
        return marked + words.say("LAST UPDATE · {watch}", watch=name(news.watch))
    return marked + words.say("UPDATE {n} · {watch}", n=str(news.number), watch=name(news.watch))


def _figures(news: StakeholderUpdate, words: Words) -> Inline:
    began = words.date(news.began_at, seen_from=news.at)
    stands = _STANDS.get(news.state, _STANDS[State.burning])
    said = [
        words.write(stands, watch=name(news.watch), since=began),
        words.write(
            "{all} so far, {hour} in the last hour, {peak} an hour at the peak.",
            all=words.count("{n} mention", "{n} mentions", news.mentions),
            hour=words.number(news.last_hour),
            peak=words.number(news.peak),
        ),
    ]
    if news.last:
        said[:1] = [words.write("*{watch}: it is out*, as far as can be heard.", watch=name(news.watch))]
    if news.about:
        about = (Run(", ".join(name(word) for word in news.about), foreign=True),)
        said.append(words.write("Most speak of: {about}.", about=about))
    if news.with_it:
        names = words.all_of([name(watch) for watch in news.with_it])
        said.append(words.write("In the same fire: {names}.", names=names))
    if news.taken_by:
        said.append(words.write("In the hands of {who}.", who=name(news.taken_by)))
    return join(" ", said)


def _decided(one: Decided, news: StakeholderUpdate, words: Words) -> Inline:
    return join(" · ", [words.date(one.at, seen_from=news.at), team_text(one.text)])


def _said(one: SaidOnce, words: Words) -> Inline:
    return words.write(
        "“{text}” ({where})", text=team_text(one.text, _QUOTE), where=team_text(one.where, 100)
    )


def _next(news: StakeholderUpdate, words: Words) -> Inline:
    if news.next_at is None:
        return inline(words.say("This was the last update of it."))
    return words.write("Next update: {at}.", at=words.date(news.next_at, seen_from=news.at))


def _below(news: StakeholderUpdate, words: Words) -> list[Inline]:
    there = link(news.link)
    opened = [(Link(there[0], words.say("Open in Tocsin")),)] if there else []
    return [*opened, inline(stands_in(news.instead_of, words) if news.instead_of else "")]
