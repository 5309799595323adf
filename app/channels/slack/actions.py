"""What a person asked for in Slack, out of what Slack sends over HTTP or its socket."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.slack.buttons import PREFIX
from app.channels.slack.typed import Moment, read_command
from app.channels.slack.typed_words import LONGEST, Act
from app.channels.wording.actions import JUDGEMENTS, NOT_ABOUT, UNTIL
from app.errors import Unreadable

_ID = re.compile(r"[1-9]\d{0,8}")
_POST_ID = re.compile(r"[1-9]\d{0,17}")
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class SlackAction:
    """One wish of one person; all of it came from outside."""

    act: Act
    user: str  # id
    channel: str  # id
    incident: int | None = None  # of a yes or a no: the proposal; of what settles: the line of the log
    version: int | None = None  # of the wording of a statement
    named: str = ""  # who is to do a task, as it was typed: in small letters, without accents
    span: timedelta | None = None  # of a snooze
    until: datetime | None = None
    moment: Moment | None = None  # until when, on the clock of the watch
    verdict: str | None = None
    post: int | None = None  # id of the one that is not about the watch
    note: str = ""
    trigger: str = ""  # opens a dialog within three seconds
    answer_at: str = ""  # address for private answers
    dialog: bool = False  # it is the answer to one
    press: str = ""  # tells this request from all others
    typed: bool = False
    language: str = ""  # of what was typed; empty: it does not tell
    unclear: str = ""  # what of it was not understood


def parse_action(payload: Mapping[str, Any]) -> SlackAction:
    """What was asked for; Unreadable if it is nothing that Tocsin offers."""
    try:
        kind = payload.get("type")
        if kind == "block_actions":
            return _pressed(payload)
        if kind == "view_submission":
            return _submitted(payload)
        if payload.get("command"):
            return _typed(payload)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError) as error:
        raise Unreadable(f"this is not what Slack sends: {type(error).__name__}") from None
    return SlackAction("nothing", "", "")


def _pressed(payload: Mapping[str, Any]) -> SlackAction:
    action = payload["actions"][0]
    name = str(action["action_id"]).removeprefix(PREFIX)
    nothing = SlackAction(
        "nothing",
        user=_user(payload["user"]["id"]),
        channel=str((payload.get("channel") or {}).get("id") or payload["container"]["channel_id"]),
        trigger=str(payload.get("trigger_id") or ""),
        answer_at=str(payload.get("response_url") or ""),
        press=_told_apart(payload, action.get("action_id"), action.get("action_ts")),
    )
    value = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
    mine, _, choice = value.partition(":")
    if name in {"acknowledge", "take_over", "close", "yes", "no"}:
        act: Act = name  # type: ignore[assignment]
        return replace(nothing, act=act, incident=_id(mine))
    if name == "verdict" and choice in JUDGEMENTS:
        return replace(nothing, act="verdict", incident=_id(mine), verdict=choice)
    if name == NOT_ABOUT:
        return replace(nothing, act="not_about", incident=_id(mine), post=_post_id(choice))
    if name == "snooze" and choice == UNTIL:
        return replace(nothing, act="snooze_until", incident=_id(mine))
    if name == "snooze":
        span = min(timedelta(seconds=int(choice)), LONGEST)
        return replace(nothing, act="snooze", incident=_id(mine), span=span)
    return nothing  # a link: Slack tells of it all the same


def _submitted(payload: Mapping[str, Any]) -> SlackAction:
    view = payload["view"]
    if view["callback_id"] != f"{PREFIX}snooze":
        return SlackAction("nothing", _user(payload["user"]["id"]), "")
    about = json.loads(view["private_metadata"])
    given = view["state"]["values"]
    return SlackAction(
        "snooze",
        user=_user(payload["user"]["id"]),
        channel=str(about["channel"]),
        incident=_id(str(about["incident"])),
        until=datetime.fromtimestamp(int(given["until"]["v"]["selected_date_time"]), UTC),
        dialog=True,
        press=_told_apart(payload, view.get("id"), view.get("hash")),
    )


def _typed(payload: Mapping[str, Any]) -> SlackAction:
    command = read_command(str(payload.get("text") or ""))
    return SlackAction(
        command.act,
        user=_user(payload["user_id"]),
        channel=str(payload["channel_id"]),
        incident=command.incident,
        version=command.version,
        named=command.named,
        span=command.span,
        moment=command.moment,
        verdict=command.verdict,
        note=command.note,
        answer_at=str(payload.get("response_url") or ""),
        press=_told_apart(payload, payload["user_id"], payload.get("trigger_id")),
        typed=True,
        language=command.language,
        unclear=command.unclear,
    )


def _told_apart(payload: Mapping[str, Any], *more: object) -> str:
    """Whose request it is, where and when: the same if it is sent again, by whomever."""
    team, user = payload.get("team") or {}, payload.get("user") or {}
    place = payload.get("container") or {}
    whose = (payload.get("team_id") or team.get("id"), user.get("id"), place.get("message_ts"))
    return "" if not all(more) else json.dumps([str(part) for part in (*whose, *more)])


def _id(text: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError("no id")
    return int(text)


def _post_id(text: str) -> int:
    if not _POST_ID.fullmatch(text):
        raise ValueError("no id of a post")
    return int(text)


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise ValueError("no user")
    return text
