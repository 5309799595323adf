"""A rota as a calendar that other programs read: iCalendar, RFC 5545, written by `icalendar`."""

from datetime import datetime

from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from app.admin import rotas
from app.admin.people import names_of
from app.channels.text import line
from app.channels.wording.words import Words
from app.clock import known_zone
from app.models import Rota

_PRODUCT = "-//Tocsin//rota//EN"


def calendar_of(
    session: Session, rota: Rota, since: datetime, until: datetime, *, language: str, now: datetime
) -> str:
    """The shifts of that time, gaps among them: an event for each, with the same UID whenever it is read."""
    words = Words(language, known_zone(rota.time_zone))
    names = {person: line(name) for person, name in names_of(session).items()}
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", line(rota.name))
    for shift in rotas.shifts(session, rota, since, until):
        event = Event()
        people = [names[person] for person in shift.people]
        event.add("uid", f"rota-{rota.id}-{shift.since:%Y%m%dT%H%M%SZ}@tocsin")
        event.add("dtstamp", now)
        event.add("dtstart", shift.since)
        event.add("dtend", shift.until)
        first = words.say("On duty: {name}", name=people[0]) if people else words.say("Nobody is on duty")
        event.add("summary", f"{first} · {line(rota.name)}")
        if people[1:]:
            event.add("description", words.say("Called next: {names}", names=words.all_of(people[1:])))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")
