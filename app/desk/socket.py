"""Slack's socket: what people press comes in over a line that Tocsin holds, with no public address."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from threading import Event, Thread

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from app.backoff import LINES, wait_after
from app.desk.interactions import Desk
from app.errors import AppError
from app.logs import log
from app.runtime import Runtime

_NEVER = frozenset(
    ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type")
)


@contextmanager
def hold_socket(runtime: Runtime, desk: Desk) -> Iterator[None]:
    """Hold Slack's socket until the block is left, if the settings have an app-level token."""
    token = runtime.settings.slack_app_token
    if token is None:
        yield
        return
    quiet = logging.getLogger("slack_sdk.tocsin.socket")  # it logs whole payloads
    quiet.setLevel(logging.CRITICAL)
    web = WebClient(base_url=runtime.settings.slack_api_url, logger=quiet)
    client = SocketModeClient(app_token=token.get_secret_value(), web_client=web, logger=quiet)
    client.socket_mode_request_listeners.append(lambda line, request: _answer(desk, line, request))
    stopped = Event()
    Thread(target=_connect, args=(client, stopped), name="slack-socket", daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
        with suppress(Exception):
            client.close()


def _connect(client: SocketModeClient, stopped: Event) -> None:
    """Call until Slack takes the line; from then on the client takes it up again by itself."""
    for tries in count():
        try:
            client.connect()
        except Exception as error:  # noqa: BLE001 - whatever it is, fires are told all the same
            code = str(error.response.get("error")) if isinstance(error, SlackApiError) else ""
            log().error("slack_socket_refused", why=code or type(error).__name__, tries=tries + 1)
            if code in _NEVER or stopped.wait(wait_after(LINES, tries + 1).total_seconds()):
                return
        else:
            log().info("slack_socket_open")
            return


def _answer(desk: Desk, line: BaseSocketModeClient, request: SocketModeRequest) -> None:
    try:
        reply = desk.take(request.payload or {})
    except AppError as error:
        log().warning("slack_payload_unread", why=str(error))
        line.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        return
    except Exception:  # noqa: BLE001 - the line must go on
        log().exception("slack_act_crashed")
        line.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        return
    line.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=reply.body))
    if reply.then is not None:
        reply.then()
