"""E-mail over SMTP: the alert as HTML with its chart, and as text; the news of a story in its thread.

A message that was sent cannot be painted over, so only what is told aloud is sent. Each message has the same
Message-ID for each try, and the first one of a story is named in `References` by those that follow.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.channels.acts import Act
from app.channels.base import Alert, Dependencies, Earlier, Partly, Refused, Sent, idempotency_key
from app.channels.document import Document, plain
from app.channels.email.html import page
from app.channels.email.text import text_of
from app.channels.notices import Announcement
from app.channels.text import cut, line
from app.channels.wording import bulletins, documents
from app.errors import ChannelError
from app.http_client import Refused as Private
from app.http_client.guard import guarded_socket
from app.logs import log

_TIMEOUT = timedelta(seconds=15)  # of each step
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_FOR_GOOD = 500  # answers from here on; below, the address may take it later
_SUBJECT = 150
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}@[!-~]{1,190}$", max_length=254)]
Connect = Callable[[str, int], socket.socket]


class EmailSettings(BaseModel):
    """What e-mail is told by its operator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: list[Address] = Field(min_length=1, max_length=50, description="who gets it")
    sender: Address = Field(description="address that it comes from")
    server: str = Field(
        pattern=r"^[A-Za-z0-9.:\[\]-]+$", max_length=253, description="host that takes mail by SMTP"
    )
    port: int | None = Field(None, ge=1, le=65535, description="empty: 587, 465 for tls, 25 for none")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the way there is sealed; with none, no password is sent"
    )
    user: str = Field("", max_length=254, description="name at the server; its password is the secret")


class EmailChannel:
    """Tells alerts to some addresses."""

    def __init__(self, settings: EmailSettings, password: str | None, connect: Connect) -> None:
        self._settings = settings
        self._password = password
        self._connect = connect

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Send the alert, or what is new of it; nothing for what Slack would only repaint."""
        act = alert.act(has_root=earlier.root is not None, repaints=False)
        if act is Act.nothing:
            return Sent(None)
        follows = act is not Act.root
        document = documents.reply(alert) if follows else documents.root(alert)
        mail = self._mail(document, documents.subject(alert, follows=follows), alert.language, now)
        if earlier.root is not None:
            mail["In-Reply-To"] = mail["References"] = earlier.root
        return self._deliver(mail, document, alert, earlier)

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:
        """Send it; its subject is its first words."""
        document = bulletins.notice(news)
        mail = self._mail(document, plain(document.summary), news.language, now)
        return self._deliver(mail, document, news, earlier)

    def check(self, *, now: datetime) -> str:  # noqa: ARG002 - every channel is asked so
        """Go as far as the server's word that it takes mail for each address; nothing is sent."""
        settings = self._settings
        with self._open() as server:
            server.ehlo_or_helo_if_needed()
            code, said = server.mail(settings.sender)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, said, settings.sender)
            answers = {to: server.rcpt(to) for to in settings.to}
            server.rset()
            refused = {to: answer for to, answer in answers.items() if answer[0] not in {250, 251}}
            if refused:
                raise smtplib.SMTPRecipientsRefused(refused)
        return f"{settings.server} takes mail from {settings.sender} for {', '.join(settings.to)}"

    def _deliver(
        self, mail: EmailMessage, document: Document, alert: Alert | Announcement, earlier: Earlier
    ) -> Sent:
        made = f"<{idempotency_key(alert)}@{self._domain()}>"
        mail["Message-ID"] = made
        left = [to for to in self._settings.to if to not in earlier.settled]
        refused = self._send(mail, left, first=not earlier.settled)
        later = sorted(to for to, (code, _) in refused.items() if code < _FOR_GOOD)
        if later:
            # Who has it is not sent it again, and who has it not is not left out for good.
            why = "; ".join(f"{to}: {_answer(*refused[to])}" for to in later[:3])
            settled = [*earlier.settled, *(to for to in left if to not in later)]
            raise Partly(f"the mail server puts off {why}", external_id=made, settled=settled)
        shown = {"to": self._settings.to, "subject": str(mail["Subject"]), "text": text_of(document)}
        return Sent(
            made, [{"method": "SMTP", "payload": shown | ({"refused": sorted(refused)} if refused else {})}]
        )

    def _domain(self) -> str:
        return self._settings.sender.rpartition("@")[2]

    def _mail(self, document: Document, subject: str, language: str, now: datetime) -> EmailMessage:
        mail = EmailMessage(policy=WIRE)
        mail["Subject"] = cut(line(subject), _SUBJECT)
        mail["From"] = f"Tocsin <{self._settings.sender}>"
        mail["To"] = ", ".join(self._settings.to)
        mail["Date"] = format_datetime(now)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers it
        mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
        mail.set_content(text_of(document), cte="quoted-printable")
        mail.add_alternative(page(document, language), subtype="html", cte="quoted-printable")
        return mail

    def _send(self, mail: EmailMessage, to: Sequence[str], *, first: bool) -> Mapping[str, tuple[int, bytes]]:
        """The addresses that were refused, each with the answer; a ChannelError if at `first` all were."""
        with self._open() as server:
            server.ehlo_or_helo_if_needed()
            try:
                refused = server.send_message(mail, self._settings.sender, to)
            except smtplib.SMTPRecipientsRefused as error:
                if first:
                    raise
                return error.recipients
            except OSError as error:  # smtplib's own are of this kind
                if isinstance(error, smtplib.SMTPException) and not isinstance(
                    error, smtplib.SMTPServerDisconnected
                ):
                    raise
                # The message may have been taken before the line went dead.
                raise ChannelError(
                    f"{self._settings.server} broke off while it took the mail", ambiguous=True
                ) from None
        if refused:
            log().warning("mail_refused_for", addresses=sorted(refused), server=self._settings.server)
        return refused

    @contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        """A server that knows us; what goes wrong inside becomes a ChannelError."""
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        try:
            with _Server(self._connect, settings, port) as server:
                if settings.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if settings.user:
                    self._log_in(server, f"{settings.server}:{port}")
                yield server
        except ChannelError:
            raise
        except Private as error:
            raise ChannelError(str(error), permanent=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _explained(error, f"{settings.server}:{port}", settings) from None

    def _log_in(self, server: smtplib.SMTP, where: str) -> None:
        try:
            server.login(self._settings.user, self._password or "")
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except smtplib.SMTPException:  # nothing was asked: it offers no way that is known
            raise ChannelError(f"{where} takes no password: leave out user", permanent=True) from None


class _Server(smtplib.SMTP):
    """smtplib's own client, on a connection that was checked and does not lead into our network."""

    def __init__(self, connect: Connect, settings: EmailSettings, port: int) -> None:
        self._reach = connect
        self._sealed = settings.security == "tls"
        domain = settings.sender.rpartition("@")[2]
        super().__init__(settings.server, port, local_hostname=domain, timeout=_TIMEOUT.total_seconds())

    def __exit__(self, *_: object) -> None:
        """Say goodbye; what goes wrong with that changes nothing of what was sent."""
        with suppress(OSError):
            self.docmd("QUIT")
        self.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        reached = self._reach(host, port)
        reached.settimeout(timeout)
        if not self._sealed:
            return reached
        return ssl.create_default_context().wrap_socket(reached, server_hostname=host)


def _explained(error: Exception, where: str, settings: EmailSettings) -> ChannelError:
    match error:
        case smtplib.SMTPRecipientsRefused():
            answers = sorted(error.recipients.items())
            why = "; ".join(f"{to}: {_answer(*answer)}" for to, answer in answers[:3])
            forever = all(code >= 500 for _, (code, _) in answers)
            return ChannelError(f"{where} refuses the address of {why}", permanent=forever)
        case smtplib.SMTPSenderRefused():
            why = _answer(error.smtp_code, error.smtp_error)
            return ChannelError(
                f"{where} takes no mail from {settings.sender}: {why}", permanent=error.smtp_code >= 500
            )
        case smtplib.SMTPDataError():
            why = _answer(error.smtp_code, error.smtp_error)
            if error.smtp_code >= 500:
                return Refused(f"{where} refuses the message: {why}")
            return ChannelError(f"{where} does not take the message now: {why}")
        case smtplib.SMTPAuthenticationError():
            # What a server says here may hold what it was sent.
            return ChannelError(
                f"{where} refuses the name or the password (SMTP {error.smtp_code}): set user and secret",
                permanent=error.smtp_code >= 500,
            )
        case smtplib.SMTPResponseException():
            why = _answer(error.smtp_code, error.smtp_error)
            return ChannelError(f"{where} answers {why}", permanent=error.smtp_code >= 500)
        case smtplib.SMTPNotSupportedError():
            return ChannelError(
                f"{where} offers no STARTTLS: set security to tls, or to none", permanent=True
            )
        case ssl.SSLCertVerificationError():
            return ChannelError(
                f"the certificate of {where} is not trusted: {error.verify_message}", permanent=True
            )
        case smtplib.SMTPServerDisconnected() | TimeoutError():
            return ChannelError(f"{where} did not answer in time or in full")
        case _:
            return ChannelError(f"{where} cannot be reached: {getattr(error, 'strerror', None) or error}")


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"SMTP {code} {cut(line(text), 160)}".rstrip()


def build(settings: EmailSettings, dependencies: Dependencies, secret: str | None) -> EmailChannel:
    """E-mail through the operator's server."""
    if settings.user and not secret:
        raise ChannelError(f"e-mail has no password for {settings.user}: set its secret", permanent=True)
    if settings.user and settings.security == "none":
        raise ChannelError(
            "a password would go over an open line: set security to starttls or tls, or leave out user",
            permanent=True,
        )
    return EmailChannel(settings, secret, partial(_reach, dependencies.private_hosts))


def _reach(allowed: Iterable[str], host: str, port: int) -> socket.socket:
    return guarded_socket(host, port, allowed=allowed, timeout=_TIMEOUT)
