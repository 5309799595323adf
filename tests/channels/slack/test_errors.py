import pytest

from app.channels.slack.errors import Fault, judge, mend

TABLE = {
    Fault.later: "ratelimited rate_limited team_added_to_org",
    Fault.doubtful: "internal_error fatal_error service_unavailable request_timeout",
    Fault.destination: "channel_not_found not_in_channel is_archived restricted_action ekm_access_denied "
    "restricted_action_read_only_channel message_limit_exceeded messages_tab_disabled user_not_found",
    Fault.credentials: "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope "
    "no_permission team_access_not_granted org_login_required accesslimited",
    Fault.payload: "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text "
    "too_many_attachments invalid_arguments metadata_too_large never_heard_of",
    Fault.gone: "message_not_found thread_not_found cannot_reply_to_message cant_update_message",
}


@pytest.mark.parametrize(
    ("code", "fault"), [(c, fault) for fault, codes in TABLE.items() for c in codes.split()]
)
def test_each_code_of_slack_is_of_one_class(code: str, fault: Fault) -> None:
    assert judge(200, code) is fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, Fault.doubtful),  # the page of a proxy may stand where Slack's receipt was
        (301, Fault.destination),
        (403, Fault.destination),
        (404, Fault.destination),
        (407, Fault.destination),
        (408, Fault.doubtful),
        (429, Fault.later),
        (500, Fault.doubtful),
        (502, Fault.doubtful),
        (503, Fault.doubtful),
    ],
)
def test_a_page_that_is_not_slacks_is_judged_by_its_status(status: int, fault: Fault) -> None:
    page = "Received a response in a non-JSON format: <html>…"
    assert judge(status, page) is fault
    assert "<html>" not in mend(status, page, "C0ALERTS")
