"""The way from Slack into the console: a link for whoever asks, which they alone are shown."""

from datetime import datetime

from app.admin import people, sign_in
from app.channels.document import Link
from app.channels.slack.actions import SlackAction
from app.channels.slack.mrkdwn import mrkdwn
from app.channels.wording.words import Words
from app.runtime import Runtime


def let_in(runtime: Runtime, action: SlackAction, words: Words, *, now: datetime) -> str:
    """A link that signs in who typed it, once: Slack says who that is, and shows it to nobody else."""
    with runtime.sessions.begin() as session:
        person = people.in_slack(session, action.user)
        if person is None:
            return words.say(
                "You have no account. Ask an admin for one (your id is {user}).", user=action.user
            )
        token = sign_in.link_for(session, person, now=now)
    if token is None:
        return words.say("You asked for several links within the hour: use the last one, or wait a little.")
    link = Link(sign_in.address(runtime.settings, token), words.say("Sign in to Tocsin"))
    holds = words.span(sign_in.ASKED_HOLDS)
    said = mrkdwn(
        words.write("{link}. It works once, within {span}, and is for you alone.", link=link, span=holds)
    )
    if not runtime.settings.public_url:
        said += " " + words.say("It opens on the machine of Tocsin alone: TOCSIN_PUBLIC_URL is not set.")
    return said
