"""Conversations that a Slack stand-in makes, as strict about names and scopes as the real one."""

import re

from tests.standins.slack_failures import Failure, Json, says

_NAME = re.compile(r"[a-z0-9_-]{1,80}")
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")


class Rooms:
    """The conversations that were made: their names, and who is in them."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # by id
        self.people: dict[str, list[str]] = {}

    def create(self, body: Json, scopes: tuple[str, ...], channels: dict[str, list[Json]]) -> Failure:
        """A new conversation, whose maker is in it."""
        needed = "groups:write" if body.get("is_private") else "channels:manage"
        if needed not in scopes:
            return says("missing_scope", needed=needed, provided=",".join(scopes))
        name = str(body.get("name") or "")
        if not _NAME.fullmatch(name):
            return says("invalid_name_specials" if name else "invalid_name_required")
        if name in self.names.values():
            return says("name_taken")
        number = f"C0ROOM{len(self.names) + 1}"
        self.names[number], self.people[number], channels[number] = name, [], []
        return Failure(body={"ok": True, "channel": {"id": number, "name": name, "is_private": True}})

    def invite(self, body: Json, scopes: tuple[str, ...]) -> Failure:
        """People into one that was made here."""
        if "groups:write" not in scopes:
            return says("missing_scope", needed="groups:write", provided=",".join(scopes))
        channel, users = str(body.get("channel")), str(body.get("users") or "").split(",")
        if channel not in self.people:
            return says("channel_not_found")
        if not all(_PERSON.fullmatch(user) for user in users):
            return says("user_not_found")
        if set(users) & set(self.people[channel]):
            return says("already_in_channel")
        self.people[channel] += users
        return Failure(body={"ok": True, "channel": {"id": channel}})
