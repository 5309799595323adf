"""E-mail over SMTP: the alert as HTML with its chart, and as text; the news of a story in its thread.

A message that was sent cannot be painted over, so only what is told aloud is sent. Each message has the same
Message-ID for each try, and the first one of a story is named in `References` by those that follow.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.channels.act_links import ActLinks
from app.channels.acts import Act
from app.channels.base import Alert, Dependencies, Earlier, Letter, Partly, Sent, SentReport, idempotency_key
from app.channels.document import Document, plain
from app.channels.email.html import page
from app.channels.email.server import TIMEOUT, Connect, Server, answer_of, explained
from app.channels.email.text import text_of
from app.channels.notices import Announcement
from app.channels.text import cut, line
from app.channels.wording import bulletins, documents
from app.errors import ChannelError
from app.http_client import Refused as Private
from app.http_client.guard import guarded_socket
from app.logs import log
from app.models import State

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_FOR_GOOD = 500  # answers from here on; below, the address may take it later
_SUBJECT = 150
_BROKE_OFF = 421  # RFC 5321: the service closes the channel
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}@[!-~]{1,190}$", max_length=254)]
_Mail = tuple[EmailMessage, Sequence[str]]  # and its addresses


class _Wire(EmailPolicy):
    """How a mail is written for SMTP; the policy of the library loses a space where it breaks a subject."""

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401 - as the base class has it
        """The header in lines."""
        if name.lower() == "subject":
            return (
                f"{name}: {Header(str(value), header_name=name).encode(linesep=self.linesep)}{self.linesep}"
            )
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - the same
        """The header in lines, as bytes."""
        return (
            super().fold_binary(name, value) if name.lower() != "subject" else self.fold(name, value).encode()
        )


WIRE = _Wire(linesep="\r\n")


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
    acts: bool = Field(True, description="whether its readers can act by links in it, without a login")
    user: str = Field("", max_length=254, description="name at the server; its password is the secret")


class EmailChannel:
    """Tells alerts to some addresses."""

    def __init__(
        self,
        settings: EmailSettings,
        password: str | None,
        connect: Connect,
        act_links: ActLinks | None = None,
    ) -> None:
        self._settings = settings
        self._act_links = act_links
        self._password = password
        self._connect = connect

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Send the alert, or what is new of it; nothing for what Slack would only repaint."""
        act = alert.act(has_root=earlier.root is not None, repaints=False)
        if act is Act.nothing:
            return Sent(None)
        follows = act is not Act.root
        draw = documents.reply if follows else documents.root
        subject = documents.subject(alert, follows=follows)
        if follows and earlier.subject:
            subject = f"Re: {earlier.subject}"  # one conversation, also for readers that go by the subject

        def mail_of(links: Mapping[str, str]) -> EmailMessage:
            mail = self._mail(draw(alert, links=links), subject, self._id_of(alert), alert.language, now)
            if earlier.root is not None:
                mail["In-Reply-To"] = mail["References"] = earlier.root
            return mail

        left = [to for to in self._settings.to if to not in earlier.settled]
        mails = [(mail_of(documents.NO_LINKS), left)]
        if self._act_links is not None and alert.state is not State.out:
            # A mail for each, as the links are in its reader's name; what is kept of it has none.
            mails = [
                (mail_of(self._act_links.urls(alert.incident_id, by, alert.language, now=now)), [to])
                for to in left
                if (by := alert.reader or to)
            ]
        return self._deliver(mails, draw(alert), subject, alert, earlier)

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:
        """Send it; its subject is its first words."""
        document = bulletins.notice(news)
        subject = plain(document.summary)
        left = [to for to in self._settings.to if to not in earlier.settled]
        mails = [(self._mail(document, subject, self._id_of(news), news.language, now), left)]
        return self._deliver(mails, document, subject, news, earlier)

    def send_report(self, report: SentReport, *, now: datetime) -> str:
        """Send it to all addresses, its PDF attached."""
        made = f"<{report.id}@{self._domain()}>"
        mail = self._mail(report.document, report.subject, made, report.language, now)
        mail.add_attachment(report.pdf, maintype="application", subtype="pdf", filename=report.file_name)
        refused = self._send([(mail, self._settings.to)], first=True)
        taken = [to for to in self._settings.to if to not in refused]
        said = f"{self._settings.server} took it for {', '.join(taken)}"
        return f"{said}; not for {', '.join(sorted(refused))}" if refused else said

    def write(self, letter: Letter, *, now: datetime) -> None:
        """Write to the one address of ours that is meant, whatever its capitals."""
        to = [one for one in self._settings.to if one.casefold() == letter.to.casefold()]
        made = f"<{letter.id}@{self._domain()}>"
        mail = self._mail(letter.document, plain(letter.document.summary), made, letter.language, now)
        mail.replace_header("To", ", ".join(to))
        self._send([(mail, to)], first=True)

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
        self,
        mails: Sequence[_Mail],
        document: Document,
        subject: str,
        alert: Alert | Announcement,
        earlier: Earlier,
    ) -> Sent:
        """Send each of the mails to its addresses; `document` and `subject`: what is kept of them."""
        made = self._id_of(alert)
        left = [to for _, addresses in mails for to in addresses]
        refused = self._send(mails, first=not earlier.settled)
        later = sorted(to for to, (code, _) in refused.items() if code < _FOR_GOOD)
        if later:
            # Who has it is not sent it again, and who has it not is not left out for good.
            why = "; ".join(f"{to}: {answer_of(*refused[to])}" for to in later[:3])
            settled = [*earlier.settled, *(to for to in left if to not in later)]
            raise Partly(f"the mail server puts off {why}", external_id=made, settled=settled)
        shown = {"to": self._settings.to, "subject": _headed(subject), "text": text_of(document)}
        return Sent(
            made, [{"method": "SMTP", "payload": shown | ({"refused": sorted(refused)} if refused else {})}]
        )

    def _domain(self) -> str:
        return self._settings.sender.rpartition("@")[2]

    def _id_of(self, alert: Alert | Announcement) -> str:
        return f"<{idempotency_key(alert)}@{self._domain()}>"

    def _mail(
        self, document: Document, subject: str, made: str, language: str, now: datetime
    ) -> EmailMessage:
        mail = EmailMessage(policy=WIRE)
        mail["Message-ID"] = made
        mail["Subject"] = _headed(subject)
        mail["From"] = f"Tocsin <{self._settings.sender}>"
        mail["To"] = ", ".join(self._settings.to)
        mail["Date"] = format_datetime(now)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers it
        mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
        mail.set_content(text_of(document), cte="quoted-printable")
        mail.add_alternative(page(document, language), subtype="html", cte="quoted-printable")
        return mail

    def _send(self, mails: Sequence[_Mail], *, first: bool) -> Mapping[str, tuple[int, bytes]]:
        """The addresses that were refused, each with the answer; a ChannelError if at `first` all were."""
        refused: dict[str, tuple[int, bytes]] = {}
        with self._open() as server:
            server.ehlo_or_helo_if_needed()
            for n, (mail, to) in enumerate(mails):
                try:
                    refused |= server.send_message(mail, self._settings.sender, to)
                except smtplib.SMTPRecipientsRefused as error:
                    refused |= error.recipients
                except OSError as error:  # smtplib's own are of this kind
                    if n == 0:
                        raise self._broken(error) from None
                    # Others have it: who is left is told alone, and later.
                    refused |= {one: (_BROKE_OFF, b"broke off") for _, rest in mails[n:] for one in rest}
                    break
            if first and len(refused) == sum(len(to) for _, to in mails):
                raise smtplib.SMTPRecipientsRefused(refused)
        if refused:
            log().warning("mail_refused_for", addresses=sorted(refused), server=self._settings.server)
        return refused

    def _broken(self, error: OSError) -> OSError | ChannelError:
        if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
            return error
        # The message may have been taken before the line went dead.
        return ChannelError(f"{self._settings.server} broke off while it took the mail", ambiguous=True)

    @contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        """A server that knows us; what goes wrong inside becomes a ChannelError."""
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        try:
            sealed = settings.security == "tls"
            with Server(self._connect, settings.server, port, sealed=sealed, domain=self._domain()) as server:
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
            raise explained(error, f"{settings.server}:{port}", settings.sender) from None

    def _log_in(self, server: smtplib.SMTP, where: str) -> None:
        try:
            server.login(self._settings.user, self._password or "")
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except smtplib.SMTPException:  # nothing was asked: it offers no way that is known
            raise ChannelError(f"{where} takes no password: leave out user", permanent=True) from None


def build(settings: EmailSettings, dependencies: Dependencies, secret: str | None) -> EmailChannel:
    """E-mail through the operator's server."""
    if settings.user and not secret:
        raise ChannelError(f"e-mail has no password for {settings.user}: set its secret", permanent=True)
    if settings.user and settings.security == "none":
        raise ChannelError(
            "a password would go over an open line: set security to starttls or tls, or leave out user",
            permanent=True,
        )
    return EmailChannel(
        settings,
        secret,
        partial(_reach, dependencies.private_hosts),
        dependencies.act_links if settings.acts else None,
    )


def _headed(subject: str) -> str:
    return cut(line(subject), _SUBJECT)


def _reach(allowed: Iterable[str], host: str, port: int) -> socket.socket:
    return guarded_socket(host, port, allowed=allowed, timeout=TIMEOUT)
