"""A mail server that is spoken to by SMTP, and what its refusals mean."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from app.channels.base import Refused
from app.channels.text import cut, line
from app.errors import ChannelError

TIMEOUT = timedelta(seconds=15)  # of each step
Connect = Callable[[str, int], socket.socket]


class Server(smtplib.SMTP):
    """smtplib's own client, on a connection that was checked and does not lead into our network."""

    def __init__(self, connect: Connect, host: str, port: int, *, sealed: bool, domain: str) -> None:
        self._reach = connect
        self._sealed = sealed
        super().__init__(host, port, local_hostname=domain, timeout=TIMEOUT.total_seconds())

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


def explained(error: Exception, where: str, sender: str) -> ChannelError:
    """What went wrong with the server, as a sentence, and whether trying again can help."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            answers = sorted(error.recipients.items())
            why = "; ".join(f"{to}: {answer_of(*answer)}" for to, answer in answers[:3])
            forever = all(code >= 500 for _, (code, _) in answers)
            return ChannelError(f"{where} refuses the address of {why}", permanent=forever)
        case smtplib.SMTPSenderRefused():
            why = answer_of(error.smtp_code, error.smtp_error)
            return ChannelError(
                f"{where} takes no mail from {sender}: {why}", permanent=error.smtp_code >= 500
            )
        case smtplib.SMTPDataError():
            why = answer_of(error.smtp_code, error.smtp_error)
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
            why = answer_of(error.smtp_code, error.smtp_error)
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


def answer_of(code: int, said: bytes | str) -> str:
    """An answer of a server, for people."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"SMTP {code} {cut(line(text), 160)}".rstrip()
