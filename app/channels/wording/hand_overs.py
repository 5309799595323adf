"""What whoever comes on duty is told."""

from datetime import datetime

from app.channels.document import Inline, embolden, join
from app.channels.notices import Handed, HandOver
from app.channels.wording.sentences import name
from app.channels.wording.standing import STATES
from app.channels.wording.words import Words

_SHOWN = 10


def handed_over(news: HandOver, words: Words) -> Inline:
    """Who is on duty until when, who is called next; then a line each of what burns, is planned, is deaf."""
    until = words.date(news.until, seen_from=news.at)
    if news.on_duty is not None:
        said = words.write(
            "*{who} is on duty* ({rota}) until {until}.",
            who=name(news.on_duty),
            rota=name(news.rota),
            until=until,
        )
    else:
        said = words.write("*Nobody is on duty* ({rota}) until {until}.", rota=name(news.rota), until=until)
    if news.then:
        then = words.all_of([name(one) for one in news.then[:_SHOWN]])
        said = join(" ", [said, words.write("Called next: {names}.", names=then)])
    lines = [said, *(_open(one, words) for one in news.open[:_SHOWN])]
    if len(news.open) > _SHOWN:
        lines.append(words.write("{n} more", n=words.number(len(news.open) - _SHOWN)))
    lines += [_planned(one.name, one.starts_at, news.at, words) for one in news.planned[:_SHOWN]]
    if news.deaf:
        deaf = words.all_of([name(one) for one in news.deaf[:_SHOWN]])
        lines.append(words.write("*Not heard, or in part only:* {names}.", names=deaf))
    if len(lines) == 1:
        lines.append(words.write("Nothing burns, nothing is planned, and every source is heard."))
    return join("\n", lines)


def _open(one: Handed, words: Words) -> Inline:
    state = words.say(STATES[one.state])
    watch = embolden(f"{name(one.watch)} #{one.incident_id}")
    if one.by:
        return words.write(
            "{watch}: {state}, in the hands of {who}", watch=watch, state=state, who=name(one.by)
        )
    return words.write("{watch}: {state}, in nobody’s hands", watch=watch, state=state)


def _planned(what: str, at: datetime, now: datetime, words: Words) -> Inline:
    return words.write("*Planned:* {what} ({at})", what=name(what), at=words.date(at, seen_from=now))
