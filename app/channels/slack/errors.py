"""What Slack's answers mean for a message: whether it can be there, and whether to try again."""

import re
from enum import StrEnum


class Fault(StrEnum):
    """What went wrong, as far as it decides what to do."""

    later = "later"  # it was not taken; try again
    doubtful = "doubtful"  # it may have been taken: look before trying again
    destination = "destination"  # the conversation must be mended
    credentials = "credentials"  # the token must be mended
    payload = "payload"  # this message, as it is, is not taken
    gone = "gone"  # the message that it refers to is not there any more


_CODES = {
    Fault.later: {"ratelimited", "rate_limited", "team_added_to_org"},
    Fault.doubtful: {"internal_error", "fatal_error", "service_unavailable", "request_timeout"},
    Fault.destination: {
        "channel_not_found", "not_in_channel", "is_archived", "ekm_access_denied", "message_limit_exceeded",
        "messages_tab_disabled", "user_not_found",
    },
    Fault.credentials: {
        "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope",
        "no_permission", "team_access_not_granted", "org_login_required", "accesslimited",
    },
    Fault.gone: {
        "message_not_found", "thread_not_found", "cannot_reply_to_message", "cant_update_message",
        "edit_window_closed",
    },
}  # fmt: skip

_MEND = {
    "channel_not_found": "check the channel's id, and if it is private, invite the bot with /invite",
    "not_in_channel": "invite the bot in that channel with /invite",
    "is_archived": "the channel is archived: un-archive it, or give another",
    "missing_scope": "give the Slack app the scope that it lacks and install it again",
    "not_authed": "set TOCSIN_SLACK_BOT_TOKEN",
    "invalid_auth": "set TOCSIN_SLACK_BOT_TOKEN to the xoxb-… token of the app",
    "token_revoked": "the token was revoked: install the Slack app again and set the new one",
    "token_expired": "the token has expired: set a new one",
    "account_inactive": "the bot was switched off: install the Slack app again",
}
_CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")


def judge(status: int, code: str) -> Fault:
    """What an answer with this HTTP status and error code means.

    >>> judge(502, "<html>")
    <Fault.doubtful: 'doubtful'>
    """
    if status in {425, 429}:
        return Fault.later
    if status >= 500 or status == 408:
        return Fault.doubtful
    for fault, codes in _CODES.items():
        if code in codes:
            return fault
    if code.startswith("restricted_action"):
        return Fault.destination
    if _CODE.fullmatch(code):
        return Fault.payload  # whatever Slack will call it one day
    # No answer of Slack: a proxy's page. With a 2xx it may stand where Slack's answer was.
    return Fault.doubtful if 200 <= status < 300 else Fault.destination


def mend(status: int, code: str, destination: str) -> str:
    """One sentence for the operator: what Slack said, and what to do; never anything of the token."""
    if not _CODE.fullmatch(code):
        return (
            f"Slack's address answered HTTP {status} and not what Slack says: "
            "check TOCSIN_SLACK_API_URL and the proxy"
        )
    advice = _MEND.get(code)
    text = f"Slack says {code} for {destination}"
    return f"{text}: {advice}" if advice else text
