"""What a channel says of a month or a day, in its language: blocks and text."""

from datetime import datetime

from app.channels.notices import Bulletin, Month, News, Proposed, Smoke
from app.channels.slack.blocks import Message
from app.channels.slack.buttons import answers
from app.channels.slack.parts import context, plain_text, section
from app.channels.text import cut, escape
from app.channels.wording.hearing import told
from app.channels.wording.sentences import safe, stands_in
from app.channels.wording.words import Words

_MOST, _ROOM = 20, 9_000  # watches in one message, and characters of them; Slack refuses near 13,200 in all


def message(notice: News | Bulletin, *, acts: bool = False) -> Message:
    """The notice as text and blocks; with `acts`, a proposal is answered by a button."""
    if isinstance(notice, News):
        said = told(notice)
        return {"text": said, "blocks": [section(said)]}
    words = Words(notice.language, notice.time_zone)
    title = headline(notice, words)
    lines = [_month(month, words, acts=acts) for month in notice.months]
    lines += [_smoke(smoke, words, notice.at) for smoke in notice.smoke]
    fit = _that_fit(lines)
    shown = [section(said) for said in lines[:fit]]
    if fit < len(lines):
        left = len(lines) - fit
        shown.append(section(words.count("… and {n} watch more", "… and {n} watches more", left)))
    if acts:
        # Below its own watch, the last one first so that the places of the others stay.
        for n, month in reversed(list(enumerate(notice.months[:fit]))):
            if month.proposed is not None:
                shown.insert(n + 1, answers(month.proposed.proposal_id, words))
    hint = words.say("Say what each alert was, and the line learns from it.")
    if notice.kind == "day":
        hint = words.say("None of it rang: it stayed below the line.")
    header = {"type": "header", "text": plain_text(cut(title, 150))}
    text = escape(cut(f"{title} · {hint}", 600))
    below = [hint, stands_in(notice.instead_of, words)] if notice.instead_of else [hint]
    return {"text": text, "blocks": [header, *shown, context(below)]}


def _that_fit(lines: list[str]) -> int:
    left = _ROOM
    for n, line in enumerate(lines[:_MOST]):
        left -= len(line)
        if left < 0:
            return n
    return min(len(lines), _MOST)


def headline(notice: Bulletin, words: Words) -> str:
    """What the bulletin is about."""
    if notice.kind == "month":
        return words.say("Alerts of {month}", month=words.month(notice.period))
    return words.say("Smoke of the last day")


def _month(month: Month, words: Words, *, acts: bool) -> str:
    counted = words.count("{n} alert", "{n} alerts", month.alarms)
    parts = [
        words.count("{n} fire", "{n} fires", month.fires) if month.fires else "",
        words.count("{n} false alarm", "{n} false alarms", month.false_alarms) if month.false_alarms else "",
        words.count("{n} planned", "{n} planned", month.planned) if month.planned else "",
        words.count("{n} not judged", "{n} not judged", month.unjudged) if month.unjudged else "",
    ]
    what = f"{counted} ({words.all_of([part for part in parts if part])})."
    said = [words.say("{watch}: {what}", watch=f"*{safe(month.watch)}*", what=what)]
    if month.precision is not None and month.low is not None and month.high is not None:
        said.append(
            words.say(
                "Right in {share} of those that were judged (between {low} and {high}).",
                share=words.share(month.precision, 1),
                low=words.share(month.low, 1),
                high=words.share(month.high, 1),
            )
        )
    budget = words.count(
        "You accept {budget} false alarm a month.",
        "You accept {budget} false alarms a month.",
        month.budget,
        budget=words.exact(month.budget),
    )
    said.append(budget)
    if month.proposed is not None:
        said.append("\n" + _proposed(month.proposed, words, acts=acts))
    return " ".join(said)


def _proposed(proposed: Proposed, words: Words, *, acts: bool) -> str:
    if proposed.alarms_per_month is not None:
        what = words.count(
            "*Proposed: {budget} false alarm a month.*",
            "*Proposed: {budget} false alarms a month.*",
            proposed.alarms_per_month,
            budget=words.exact(proposed.alarms_per_month),
        )
    else:
        what = words.say("*Proposed: a threshold of {score}.*", score=words.exact(proposed.threshold or 0))
    said = [
        what,
        words.say(
            "On the last {days} days it would have rung {proposed} instead of {today}, with no fire lost.",
            days=words.number(round(proposed.days)),
            proposed=words.count("{n} time", "{n} times", proposed.proposed),
            today=words.count("{n} time", "{n} times", proposed.today),
        ),
    ]
    if proposed.minutes_earlier:
        minutes = words.number(abs(proposed.minutes_earlier))
        if proposed.minutes_earlier > 0:
            said.append(words.say("Alerts come {minutes} min earlier.", minutes=minutes))
        else:
            said.append(words.say("Alerts come {minutes} min later.", minutes=minutes))
    n = str(proposed.proposal_id)
    if acts:
        said.append(words.say("Nothing changes before an admin says yes."))
    else:
        said.append(words.say("Nothing changes before an admin accepts proposal {n} over the API.", n=n))
    return " ".join(said)


def _smoke(smoke: Smoke, words: Words, at: datetime) -> str:
    said = words.count("{n} sign", "{n} signs", smoke.signs)
    hour = words.count("{n} mention in an hour", "{n} mentions in an hour", smoke.observed)
    strongest = words.say(
        "the strongest {at}: {hour}, {expected} usual",
        at=words.date(smoke.at, seen_from=at),
        hour=hour,
        expected=words.number(smoke.expected),
    )
    about = f" · {', '.join(map(safe, smoke.about))}" if smoke.about else ""
    what = f"{said}, {strongest}{about} (#{smoke.incident_id})"
    return words.say("{watch}: {what}", watch=f"*{safe(smoke.watch)}*", what=what)
