"""Ways into the console: the letter that brings a link, and the link on the page of an incident."""

from datetime import timedelta

from app.channels.document import Actions, Button, Document, Heading, Link, compose, paragraph, small
from app.channels.wording.sentences import name
from app.channels.wording.words import Words


def letter(url: str, person: str, language: str, *, holds: timedelta) -> Document:
    """What it says; the link is its one button, and stands there in letters too."""
    words = Words(language, "UTC")
    title = words.say("Sign in to Tocsin")
    return compose(
        title,
        Heading(title),
        paragraph(words.write("Hello {name}: this link signs you in, once.", name=name(person))),
        Actions(0, (Button("open", words.say("Sign in"), primary=True, url=url),)),
        small(
            [
                words.write("It holds for {span}.", span=words.span(holds)),
                words.write("If you did not ask for it, leave it: without it nobody gets in."),
            ]
        ),
    )


def way_in(incident_id: int, words: Words) -> Link:
    """From a page that can do nothing to the one of the console, by way of signing in."""
    return Link(f"/sign-in?next=/fires/{incident_id}", words.say("Act on it in the console"))
