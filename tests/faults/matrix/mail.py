"""Mail servers that put off, refuse, or offer no sealed way; the first brand is told by e-mail."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.channels.email.transport import EmailChannel
from app.models import WHOLE, Channel, Watch
from tests.faults.matrix.fault import Fault, Mend, Proof, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, FIRST, noticed
from tests.faults.matrix.slack import OUTAGE_TOLD, STANDS_IN
from tests.pipeline.brand import START
from tests.standins.mail import MailStandin

_TO = ("anna@house.test", "ben@house.test")


def _by_mail(house: House, **settings: object) -> MailStandin:
    """The first brand is told by e-mail, for which the webhook stands in."""
    server = house.enter(MailStandin())
    way = {"to": list(_TO), "sender": "tocsin@house.test", "server": "127.0.0.1", "port": server.port}
    with house.sessions.begin() as session:
        channel = Channel(
            name="mail", kind="email", settings={**way, "security": "none", **settings}, fallback=["hook"],
            created_at=START, updated_at=START,
        )  # fmt: skip
        watch = session.scalars(select(Watch).where(Watch.name == FIRST).options(*WHOLE)).one()
        watch.channels = [channel]
    house.mail = server
    return server


def _put_off(house: House) -> None:
    server = _by_mail(house)
    server.put_off = {_TO[1]}
    house.passes(1)
    server.put_off.clear()


def _refuse_one(house: House) -> None:
    _by_mail(house).refused = {_TO[0]}


def _refuse_all(house: House) -> None:
    _by_mail(house).refused = set(_TO)


def _die(house: House) -> None:
    _by_mail(house).dies = "MAIL"


def _lay_open(house: House) -> None:
    _by_mail(house, security="starttls")


def _read_by(*who: str) -> Proof:
    """Each of these people has the mail, and has it once."""

    def holds(house: House) -> bool:
        assert house.mail is not None
        fires = zip(house.mail.mails, house.mail.recipients, strict=True)
        got = [to for mail, all_of_them in fires if "FIRE" in mail["Subject"] for to in all_of_them]
        return sorted(got) == sorted(who)

    return Proof("the fire is in the mail of all that take it, and once", holds)


_send = EmailChannel._send


def _all_or_none(channel: EmailChannel, mails: Sequence[Any], *, first: bool) -> Mapping[str, Any]:
    """As if who is put off were refused for good."""
    refused = _send(channel, mails, first=first)
    return {address: (550, said) for address, (_, said) in refused.items()}


_ALONE = Mend(
    "a reader whose mail is put off is tried again, alone",
    replaced(("app.channels.email.transport.EmailChannel._send", _all_or_none)),
)

FAULTS = (
    Fault("mail for one of two is put off (451)", _put_off, _read_by(*_TO), _ALONE, "burning"),
    Fault("mail is refused for all (550)", _refuse_all, FIRE, STANDS_IN, "burning"),
    Fault("the mail server cuts the line", _die, FIRE, STANDS_IN, "burning"),
    Fault("the mail server offers no STARTTLS", _lay_open, FIRE, STANDS_IN, "burning"),
    Fault(
        "the mail server offers no STARTTLS, and people are to mend it", _lay_open, noticed("STARTTLS"),
        OUTAGE_TOLD, "burning",
    ),
)  # fmt: skip
