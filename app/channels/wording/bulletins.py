"""What is told beside the alerts, as a document: a source's health, bulletins, and what is kept quiet."""

from datetime import datetime

from app.channels.crisis import StakeholderUpdate
from app.channels.document import (
    Document,
    Heading,
    Inline,
    Number,
    Part,
    Run,
    compose,
    embolden,
    inline,
    join,
    paragraph,
    small,
)
from app.channels.notices import Announcement, Bulletin, LostAlert, Month, Proposed, Smoke, Untold
from app.channels.text import cut
from app.channels.wording.actions import answers
from app.channels.wording.health import told
from app.channels.wording.kinds import reasons
from app.channels.wording.restores import given_up
from app.channels.wording.sentences import name, stands_in
from app.channels.wording.stakeholders import stakeholder_update
from app.channels.wording.words import Words

MOST = 20  # watches in one message


def notice(given: Announcement, *, acts: bool = False, most: int = MOST) -> Document:
    """The notice, of at most so many watches; with `acts`, a proposal is answered where it stands."""
    if isinstance(given, StakeholderUpdate):
        return stakeholder_update(given)
    if not isinstance(given, Bulletin):
        return compose(told(given), paragraph(told(given)))
    words = Words(given.language, given.time_zone)
    title = headline(given, words)
    hint = words.say("Say what each alert was, and the threshold learns from it.")
    if given.kind == "day":
        hint = words.say("None of it rang: it stayed below the threshold.")
    elif given.kind == "untold":
        hint = words.say(
            "Nobody is called. If it is a fire, give the incident the verdict “fire”: then everyone is told."
        )
    shown: list[Part | None] = []
    texts = entries(given, acts=acts)
    for n, text in enumerate(texts[:most]):
        shown.append(paragraph(text))
        proposed = given.months[n].proposed if n < len(given.months) else None
        if acts and proposed is not None:
            shown.append(answers(proposed.proposal_id, words))
    if most < len(texts):
        left = len(texts) - most
        shown.append(paragraph(words.write_count("… and {n} watch more", "… and {n} watches more", left)))
    summary = cut(f"{title} · {hint}", 600)
    instead = stands_in(given.instead_of, words) if given.instead_of else ""
    below = small([inline(hint), inline(instead)])
    return compose(summary, Heading(cut(title, 150)), *shown, below)


def lost_alert(lost: LostAlert) -> Document:
    """What stands in the place of an alert that a restore lost."""
    return compose(given_up(lost), paragraph(given_up(lost)))


def entries(given: Bulletin, *, acts: bool) -> list[Inline]:
    """What is said of each watch."""
    words = Words(given.language, given.time_zone)
    months = [_month(month, words, acts=acts) for month in given.months]
    smoke = [_smoke(sign, words, given.at) for sign in given.smoke]
    return [*months, *smoke, *(_untold(untold, words, given.at) for untold in given.untold)]


def headline(notice: Bulletin, words: Words) -> str:
    """What the bulletin is about."""
    if notice.kind == "month":
        return words.alerts_of(notice.period)
    if notice.kind == "untold":
        return words.say("Over the threshold, and kept quiet")
    return words.say("Smoke of the last day")


def _month(month: Month, words: Words, *, acts: bool) -> Inline:
    counted = words.count("{n} alert", "{n} alerts", month.alarms)
    parts = [
        words.count("{n} fire", "{n} fires", month.fires) if month.fires else "",
        words.count("{n} false alarm", "{n} false alarms", month.false_alarms) if month.false_alarms else "",
        words.count("{n} planned", "{n} planned", month.planned) if month.planned else "",
        words.count("{n} not judged", "{n} not judged", month.unjudged) if month.unjudged else "",
    ]
    what = f"{counted} ({words.all_of([part for part in parts if part])})."
    said = [words.write("{watch}: {what}", watch=embolden(name(month.watch)), what=what)]
    if judged := month.fires + month.false_alarms:
        right = words.write_count(
            "{n} alert of {of} was right.",
            "{n} alerts of {of} were right.",
            month.fires,
            of=words.number(judged),
        )
        said.append(right)
    said.append(words.write("You accept {rate}.", rate=words.rate(month.budget)))
    if month.proposed is not None:
        said.append(join("", ["\n", proposal(month.proposed, words, acts=acts)]))
    return join(" ", said)


def proposal(proposed: Proposed, words: Words, *, acts: bool) -> Inline:
    """A change that waits for a yes or a no, and what it would have done."""
    if proposed.alarms_per_month is not None:
        what = words.write("*Proposed: {rate}.*", rate=words.rate(proposed.alarms_per_month))
    else:
        what = words.write("*Proposed: a threshold of {score}.*", score=words.exact(proposed.threshold or 0))
    said = [
        what,
        words.write(
            "On the last {days} days it would have rung {proposed} instead of {today}, with no fire lost.",
            days=words.number(round(proposed.days)),
            proposed=words.count("{n} time", "{n} times", proposed.proposed),
            today=words.count("{n} time", "{n} times", proposed.today),
        ),
    ]
    if proposed.minutes_earlier:
        minutes = words.number(abs(proposed.minutes_earlier))
        if proposed.minutes_earlier > 0:
            said.append(words.write("Alerts come {minutes} min earlier.", minutes=minutes))
        else:
            said.append(words.write("Alerts come {minutes} min later.", minutes=minutes))
    n = str(proposed.proposal_id)
    if acts:
        said.append(words.write("Nothing changes before an admin says yes."))
    else:
        said.append(words.write("Nothing changes before an admin accepts proposal {n} over the API.", n=n))
    return join(" ", said)


def _smoke(smoke: Smoke, words: Words, at: datetime) -> Inline:
    signs = words.count("{n} sign", "{n} signs", smoke.signs)
    hour = words.count("{n} mention in an hour", "{n} mentions in an hour", smoke.observed)
    strongest = words.write(
        "the strongest {at}: {hour}, {expected} usual",
        at=words.date(smoke.at, seen_from=at),
        hour=hour,
        expected=words.number(smoke.expected),
    )
    about = ", ".join(map(name, smoke.about))
    what = join(" · ", [join(", ", [signs, strongest]), Run(about, foreign=True) if about else ""])
    what = (*what, Run(" ("), Number(smoke.incident_id), Run(")"))
    return words.write("{watch}: {what}", watch=embolden(name(smoke.watch)), what=what)


def _untold(untold: Untold, words: Words, at: datetime) -> Inline:
    hour = words.count("{n} mention in an hour", "{n} mentions in an hour", untold.observed)
    what = words.write(
        "{hour}, {expected} usual, since {since}",
        hour=hour,
        expected=words.number(untold.expected),
        since=words.date(untold.onset_at, seen_from=at),
    )
    said = [join("", [words.write("{watch}: {what}", watch=embolden(name(untold.watch)), what=what), "."])]
    if untold.source is not None:
        n, times = words.number(untold.watches), words.number(untold.times or 1)
        said.append(words.write("{n} watches are up together.", n=n))
        taken = words.write(
            "*Taken for a fault of {source}:* it brings {times} times the usual of everything, also of what "
            "no watch asks for, in the usual words and tone.",
            source=name(untold.source),
            times=times,
        )
    else:
        taken = words.write(
            "*Why this looks like a push:* {because}.", because=reasons(untold.because, words)
        )
    incident = words.write("Incident {n}.", n=str(untold.incident_id))
    return join(" ", [*said, taken, incident])
