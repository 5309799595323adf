"""The events of a time line, and the marks of a curve, in words."""

from app.channels.document import Inline, inline, join
from app.channels.report.facts import Event, EventKind
from app.channels.text import clean, cut
from app.channels.wording.sentences import name
from app.channels.wording.standing import VERDICTS
from app.channels.wording.words import Words, mark

_SHOWN = 6  # names in a row
_NOTE = 400  # code points

_PLAIN: dict[EventKind, str] = {
    "first_post": mark("The first post that we heard of it"),
    "onset": mark("It begins, as we know since"),
    "smouldered": mark("First sign, too weak to ring"),
    "alert": mark("*Alert*"),
    "kept_quiet": mark("Over the threshold, and kept quiet"),
    "grew": mark("It grows"),
    "flared": mark("It flares up again"),
    "spread": mark("It spreads to another source"),
    "turned": mark("The subject changes"),
    "press": mark("The press picks it up"),
    "joined": mark("A wide audience hears of it"),
    "soured": mark("The tone turns"),
    "slowed": mark("It slows down"),
    "contained": mark("Contained"),
    "out": mark("*Out*"),
}
MARKS: dict[EventKind, str] = {
    "alert": mark("alert"),
    "acknowledged": mark("taken in hand"),
    "press": mark("press"),
    "contained": mark("contained"),
    "out": mark("out"),
    "closed": mark("closed"),
}


def told(event: Event, words: Words) -> Inline:
    """What happened, in a sentence."""
    if event.kind in _PLAIN:
        return _with_figures(event, words.write(_PLAIN[event.kind]), words)
    who = name(event.by) if event.by else "Tocsin"
    names = words.all_of([name(one, 60) for one in event.names[:_SHOWN]])
    match event.kind:
        case "told":
            said = words.write("Told in {names}", names=names)
        case "called":
            said = words.write("Called: {names}", names=names)
        case "unanswered":
            said = words.write("*Nobody answers.* Called: {names}", names=names)
        case "acknowledged":
            said = words.write("*{who} takes it in hand*", who=who)
        case "lapsed":
            return words.write(
                "Nobody has it any more: nothing was noted since {who} took it", who=name(event.note)
            )
        case "snoozed":
            until = words.moment(event.until) if event.until else "?"
            said = words.write("{who} snoozes it until {until}", who=who, until=until)
        case "closed":
            said = words.write("*{who} closes it*", who=who)
        case "judged":
            known = VERDICTS.get(event.names[0] if event.names else "")
            verdict = words.say(known) if known else names
            said = words.write("Verdict of {who}: *{verdict}*", who=who, verdict=verdict)
        case "silence":
            until = words.moment(event.until) if event.until else "?"
            said = words.write(
                "Silence of {who}, until {until}: the watch tells nothing", who=who, until=until
            )
        case "deaf":
            said = words.write("{names} cannot be heard, or in part only", names=names)
        case _:
            said = words.write("{names} is heard again", names=names)
    note = noted(event.note)
    return words.write("{what}: {note}", what=said, note=note) if note else said


def noted(text: str) -> Inline:
    """What a person wrote beside it, on one line."""
    return inline(cut(" ".join(clean(text[: 4 * _NOTE]).split()), _NOTE))


def _with_figures(event: Event, said: Inline, words: Words) -> Inline:
    if event.observed is None:
        return said
    hour = words.count("{n} mention in an hour", "{n} mentions in an hour", event.observed)
    if event.expected is None:
        return join("", [said, f" ({hour})"])
    usual = words.say("{expected} usual", expected=words.number(event.expected))
    return join("", [said, f" ({hour}, {usual})"])
