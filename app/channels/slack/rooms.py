"""Makes a private conversation in Slack and brings people into it; what Slack refuses is a sentence."""

import re
from collections.abc import Sequence
from datetime import datetime

from app.channels.slack.blocks import Message
from app.channels.slack.typed import plain
from app.channels.slack.web import SlackFault, Web, call
from app.channels.wording.words import Words, mark
from app.errors import ChannelError

_LONGEST = 60  # Slack allows 80
# By the beginning of Slack's code: why there is no room, and what to do.
_REFUSED = {
    "name_taken": mark(
        "Slack has a conversation “{name}” already, perhaps an archived one: give another name, or the id of "
        "that one."
    ),
    "restricted_action": mark(
        "Slack lets this app make no conversations. An owner of the workspace allows it; or make one "
        "yourself, invite the app, and give its id."
    ),
    "missing_scope": mark(
        "The Slack app may make no conversations: give it the scope groups:write and install it again; or "
        "make one yourself, invite the app, and give its id."
    ),
}


class RoomRefused(ChannelError):  # noqa: N818 - read in sentences
    """Slack made no room. `template`: why, to be said in any language; empty: only Slack's code is known."""

    def __init__(self, fault: SlackFault, name: str) -> None:
        self.template = next((said for code, said in _REFUSED.items() if fault.code.startswith(code)), "")
        self.name = name
        super().__init__(self.template.format(name=name) or str(fault), permanent=True)

    def say(self, words: Words) -> str:
        """Why, in these words."""
        return words.say(self.template, name=self.name) if self.template else str(self)


def room_name(prefix: str, watch: str, number: int) -> str:
    """A name that Slack takes: small letters, digits and hyphens.

    >>> room_name("crise", "Vélinor & Cie", 7)
    'crise-velinor-cie-7'
    """
    letters = re.sub(r"[^a-z0-9]+", "-", plain(watch)).strip("-")[:_LONGEST].strip("-")
    return "-".join(part for part in (prefix, letters, str(number)) if part)


def make_room(web: Web, name: str, *, now: datetime) -> str:
    """The id of a private conversation of that name that was made now; RoomRefused says why not."""
    try:
        answer = call(
            web, "conversations.create", destination="the room", body={"name": name, "is_private": True},
            now=now,
        )  # fmt: skip
    except SlackFault as fault:
        raise RoomRefused(fault, name) from None
    return str((answer.get("channel") or {}).get("id") or "")


def invite(web: Web, channel: str, people: Sequence[str], *, now: datetime) -> list[str]:
    """Bring the people into it, by their ids, one by one; a sentence for each who could not be."""
    refused = []
    for person in people:
        body = {"channel": channel, "users": person}
        try:
            call(web, "conversations.invite", destination=person, body=body, now=now)
        except SlackFault as fault:
            if fault.code not in {"already_in_channel", "cant_invite_self"}:
                refused.append(str(fault))
    return refused


def post_first(web: Web, channel: str, message: Message, *, now: datetime) -> str | None:
    """Post what the room is for; None: it stands there, else why it does not."""
    quiet = {"unfurl_links": False, "unfurl_media": False}
    try:
        call(
            web, "chat.postMessage", destination=channel, body={"channel": channel, **message, **quiet},
            now=now,
        )  # fmt: skip
    except SlackFault as fault:
        return str(fault)
    return None
