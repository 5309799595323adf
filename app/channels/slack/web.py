"""Slack's Web API as the channel needs it, with failures that say whether the message can be there."""

import json
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from app.channels.slack.errors import Fault, judge, mend
from app.http_client import retry_after


class Answer(Protocol):
    """What Slack answers, as a mapping."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        """The value of the key."""
        ...


class Web(Protocol):
    """What calls Slack: slack_sdk's WebClient, or something that only keeps the calls."""

    def api_call(
        self, api_method: str, *, json: dict[str, Any] | None = None, params: dict[str, Any] | None = None
    ) -> Answer:
        """Call a method with a JSON body or, for those that only read, with form parameters."""
        ...


class SlackFault(Exception):  # noqa: N818 - a value that travels as an exception, never to the user
    """A call that failed, in the terms that decide what to do about it."""

    def __init__(
        self,
        fault: Fault,
        message: str,
        *,
        code: str = "",
        retry_after: timedelta | None = None,
        details: str = "",
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.code = code
        self.retry_after = retry_after
        self.details = details  # where in the blocks, as Slack says it


def open_web(token: str, api_url: str, timeout: int) -> WebClient:
    """slack_sdk's own client, which tries each call once: a second try is for those who have looked first."""
    quiet = logging.getLogger("slack_sdk.tocsin")  # it logs whole bodies; what failed is told by the caller
    quiet.setLevel(logging.CRITICAL)
    client = WebClient(token, base_url=api_url, timeout=timeout, retry_handlers=[], logger=quiet)
    client.proxy = None  # urllib takes the proxy from the environment by itself, and heeds NO_PROXY
    return client


def call(
    web: Web,
    method: str,
    *,
    destination: str,
    body: dict[str, Any] | None = None,
    params: dict[str, Any] | None = None,
    now: datetime,
) -> Answer:
    """The answer of the method; a SlackFault says what to do if there is none.

    Nothing of the original error is kept: its request holds the token.
    """
    return ask(lambda: web.api_call(method, json=body, params=params), destination=destination, now=now)


def ask(request: Callable[[], Answer], *, destination: str, now: datetime) -> Answer:
    """What the request answers; a SlackFault as of `call`."""
    try:
        return request()
    except SlackApiError as error:
        fault = _of_answer(error, destination, now)
    except URLError as error:
        if isinstance(error.reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)):
            fault = SlackFault(Fault.later, f"Slack cannot be reached: {type(error.reason).__name__}")
        else:
            fault = SlackFault(Fault.doubtful, "the connection to Slack broke while the message was sent")
    except (OSError, HTTPException, UnicodeError) as error:
        fault = SlackFault(Fault.doubtful, f"Slack did not answer in time or in full: {type(error).__name__}")
    except SlackClientError as error:
        fault = SlackFault(Fault.destination, f"Slack cannot be called: {type(error).__name__}")
    raise fault from None


def _of_answer(error: SlackApiError, destination: str, now: datetime) -> SlackFault:
    answer = error.response
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error") or "")
    headers = {str(key).lower(): value for key, value in _headers(answer).items()}
    message = mend(answer.status_code, code, destination)
    if code == "missing_scope" and data.get("needed"):
        message += f" (needed: {data['needed']})"
    notes = (data.get("response_metadata") or {}).get("messages") or []
    return SlackFault(
        judge(answer.status_code, code),
        message,
        code=code,
        retry_after=retry_after(str(headers.get("retry-after", "")), now=now),
        details=json.dumps([data.get("errors") or [], notes], ensure_ascii=False)[:2000],
    )


def _headers(answer: object) -> Mapping[str, Any]:
    return getattr(answer, "headers", None) or {}


def scopes(answer: Answer) -> set[str]:
    """The scopes that the token has, as Slack's header lists them; empty if it does not say."""
    listed = {str(key).lower(): value for key, value in _headers(answer).items()}.get("x-oauth-scopes", "")
    return {scope.strip() for scope in str(listed).split(",") if scope.strip()}
