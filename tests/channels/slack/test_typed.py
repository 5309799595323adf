"""What people type after `/tocsin`: all of it is understood, or none of it is done."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.slack.typed import Command, Moment, read_command
from app.channels.slack.typed_words import LONGEST

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SNOOZED = [
    ("snooze 7 2h", 7, 2 * HOUR),
    ("reporter 2h", None, 2 * HOUR),
    ("reporter 2 h", None, 2 * HOUR),
    ("reporter 2", 2, None),
    ("pause #2 30 min", 2, 30 * MINUTE),
    ("snooze 7 1h30", 7, 90 * MINUTE),
    ("snooze 7 1 h 30", 7, 90 * MINUTE),
    ("pause n°7 1,5 h", 7, 90 * MINUTE),
    ("reporter 2h incident 30", 30, 2 * HOUR),
    ("mettre en pause l’incident 7 pendant une demi-heure", 7, 30 * MINUTE),
    ("SNOOZE 7 for two hours", 7, 2 * HOUR),
    ("pause 7 une heure", 7, HOUR),
    ("snooze 7 3d", 7, timedelta(days=3)),
    ("pause 2 1j", 2, timedelta(days=1)),
    ("snooze 7 9999d", 7, LONGEST),
]
UNTIL = [
    ("snooze 7 until 2pm", Moment(14)),
    ("pause 7 jusqu'à 14h", Moment(14)),
    ("pause 7 jusqu’à 14h30", Moment(14, 30)),
    ("pause 7 jusqu'a 14 h 30", Moment(14, 30)),
    ("snooze 7 till 09:05", Moment(9, 5)),
    ("snooze 7 until 12am", Moment(0)),
    ("reporter 7 jusqu'à midi", Moment(12)),
    ("snooze 7 until midnight", Moment(24)),
    ("snooze 7 until 14", Moment(14)),
    ("snooze 7 until tomorrow", Moment(8, days=1)),
    ("pause 7 jusqu'à demain 9h", Moment(9, days=1)),
    ("pause 7 jusqu'à lundi", Moment(8, weekday=0)),
    ("snooze 7 until friday at 6pm", Moment(18, weekday=4)),
]
ACTS = [
    ("", "status"),
    ("état", "status"),
    ("ETAT", "status"),
    ("veilles", "watches"),
    ("aide", "help"),
    ("ack 7", "acknowledge"),
    ("ack", "acknowledge"),
    ("prendre #7", "acknowledge"),
    ("je prends 7 svp", "acknowledge"),
    ("take 7", "take_over"),
    ("take over 7", "take_over"),
    ("prendre le relais 7", "take_over"),
    ("clore l’incident 7", "close"),
    ("oui 3", "yes"),
    ("no 3", "no"),
]
# Each is one word, or one word too many: the answer to it is a question, and nothing is done.
UNCLEAR = [
    "clore pas 2",
    "close not 2",
    "do not close 2",
    "ne pas clore 2",
    "close 2 3",
    "ack 7 or 8",
    "snooze 2h 30",
    "snooze 7 2h 3h",
    "snooze 7 2h until 14h",
    "snooze 7 until",
    "snooze 7 until 25h",
    "snooze 7 until 13pm",
    "snooze 7 -1h",
    "snooze 7 0h",
    "snooze 7 99999999h",
    "ack 07",
    "ack -7",
    "help 7",
    "7",
    "que faire",
    "verdict 7",
    "verdict 7 feu fausse alerte",
    "ack 7: mine",
    "jusqu'à 14h",
    "snooze 7 until yesterday",
    "ack 7h",
    "état 7",
    "clore 2 quand c'est fini",
]


def test_how_long_is_no_incident_and_an_incident_is_not_how_long() -> None:
    for text, incident, span in SNOOZED:
        said = read_command(text)
        assert (said.act, said.incident, said.span) == ("snooze", incident, span), text


def test_a_time_of_day_is_none_of_hours() -> None:
    for text, moment in UNTIL:
        said = read_command(text)
        assert (said.act, said.incident, said.span, said.moment) == ("snooze", 7, None, moment), text


def test_verbs_of_both_languages() -> None:
    for text, act in ACTS:
        assert read_command(text).act == act, text


def test_verdicts_are_typed_as_they_are_said() -> None:
    for text, verdict in (
        ("fausse alerte 7", "false_alarm"),
        ("false alarm 7", "false_alarm"),
        ("feu 7", "fire"),
        ("verdict 7 planned", "planned"),
        ("qualifier 7 comme prévu", "planned"),
        ("fire 7: the press has it", "fire"),
    ):
        said = read_command(text)
        assert (said.act, said.incident, said.verdict) == ("verdict", 7, verdict), text


def test_a_note_follows_a_colon() -> None:
    assert read_command("clore 7 : répondu à 14:30").note == "répondu à 14:30"
    assert read_command("close 7").note == ""


def test_of_what_is_not_understood_nothing_is_done_and_it_is_named() -> None:
    for text in UNCLEAR:
        said = read_command(text)
        assert said.act == "unclear", text
        assert said.unclear, text


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read(text: str) -> None:
    assert isinstance(read_command(text), Command)
    assert isinstance(read_command(f"snooze 7 {text}"), Command)


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        (Moment(14), "2026-11-22T14:00"),  # it is a Sunday, 10:14 in Paris
        (Moment(9), "2026-11-23T09:00"),
        (Moment(24), "2026-11-23T00:00"),
        (Moment(8, days=1), "2026-11-23T08:00"),
        (Moment(8, weekday=0), "2026-11-23T08:00"),
        (Moment(8, weekday=6), "2026-11-29T08:00"),
        (Moment(18, weekday=6), "2026-11-22T18:00"),
    ],
)
def test_a_moment_is_the_next_time_that_the_clock_of_the_watch_shows_it(moment: Moment, local: str) -> None:
    paris, now = ZoneInfo("Europe/Paris"), datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
    assert moment.after(now, paris) == datetime.fromisoformat(local).replace(tzinfo=paris)


def test_a_moment_of_the_night_of_the_clock_change_is_that_time_on_the_clock() -> None:
    paris, now = ZoneInfo("Europe/Paris"), datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert Moment(8, days=1).after(now, paris) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)
