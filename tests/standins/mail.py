"""A mail server on loopback: takes what it is sent, or answers as a test makes it at one of its steps."""

import socket
import ssl
from asyncio import WriteTransport
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.standins.patience import HANG

USER, PASSWORD = "tocsin", "correct horse"


class MailStandin:
    """`said` maps a step (MAIL, RCPT, DATA) to its answer; `dies` names the step at which the line is cut."""

    def __init__(
        self,
        *,
        certificate: str | None = None,
        sealed: bool = False,
        auth: bool = False,
        without_auth: bool = False,
    ) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []  # of each mail
        self.said: dict[str, str] = {}
        self.refused: set[str] = set()
        self.put_off: set[str] = set()
        self.dies = ""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        none = ["LOGIN", "PLAIN"] if without_auth else []
        more: dict[str, Any] = {"ssl_context": context} if sealed else {"tls_context": context}
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="mail.test",
            authenticator=self._knows if auth else None, auth_required=auth, auth_require_tls=not sealed,
            auth_exclude_mechanism=none, ready_timeout=HANG, **more,
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def _knows(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        good = mechanism in {"LOGIN", "PLAIN"} and data.login == USER.encode()
        return AuthResult(success=good and data.password == PASSWORD.encode(), handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such user"
        if address in self.put_off:
            return "451 4.7.1 come back later"
        answer = self._answer(server, "RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._answer(server, "DATA")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
            self._cut(server, "after DATA")
        return answer

    def _answer(self, server: SMTP, step: str) -> str:
        self._cut(server, step)
        return self.said.get(step, "250 OK")

    def _cut(self, server: SMTP, step: str) -> None:
        if self.dies == step:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
