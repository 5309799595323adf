"""Slack that is down, refuses, forgets, or takes a message and does not say so."""

from collections.abc import Callable

from tests.faults.matrix.fault import Fault, Mend, nothing, replaced
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, called_once, noticed, told_in
from tests.faults.matrix.seed import ROOMS
from tests.standins.slack_failures import CUT, TAKEN_THEN_CUT, Failure, Json, http, limited, says

_ROOM = ROOMS[0]
_REMINDED = 5  # passes, after which the next one reminds of a fire that nobody took in hand

STANDS_IN = Mend(
    "who stands in for a channel is given what waits in it",
    replaced(("app.pipeline.delivery.failover.hand_over", nothing)),
)
OUTAGE_TOLD = Mend(
    "that a channel fails is told in the others",
    replaced(("app.pipeline.delivery.outages.tell_outages", nothing)),
)


def _failing(failure: Failure) -> Callable[[House], None]:
    """Slack answers so, whatever it is asked."""
    return lambda house: house.slack.fail(failure, times=200, method="*")


def _refuse(house: House) -> None:
    house.slack.kill()


def _archive(house: House) -> None:
    house.slack.archived.add(_ROOM)


def _delete(house: House) -> None:
    del house.slack.channels[_ROOM]


def _take_and_cut(house: House) -> None:
    house.slack.fail(TAKEN_THEN_CUT, times=2)


def _refuse_blocks(house: House) -> None:
    does = house.slack._do

    def refuses(method: str, body: Json) -> Failure:
        return says("invalid_blocks") if body.get("blocks") else does(method, body)

    house.slack._do = refuses  # type: ignore[method-assign] # as Slack might, one day


def _die_after_the_first_message(house: House) -> None:
    house.passes(1)
    assert FIRE.holds(house)
    house.slack.kill()
    for room in house.slack.channels.values():
        room.clear()  # nobody reads there any more


def _die_until_the_reminder(house: House) -> None:
    """Until somebody is reminded of the fire nothing is said there, and nobody knows."""
    _die_after_the_first_message(house)
    house.passes(_REMINDED)


def _die_until_the_probe(house: House) -> None:
    _die_after_the_first_message(house)
    house.forget_probes()


def _archive_while_quiet(house: House) -> None:
    """Nothing was heard of the channel for a day, and nothing is told there now."""
    _archive(house)
    house.forget_probes()


def _naive_once(sending: object, send: Callable[[], str], **_how: object) -> str:  # noqa: ARG001 - its place
    return send()


def _naive_write(sending: object, method: str, message: dict[str, object], **more: object) -> str:
    return str(sending._send(method, message, more))  # type: ignore[attr-defined]


_LOOKS = Mend(
    "before a message is sent a second time, it is looked for",
    replaced(("app.channels.slack.sending.Sending.once", _naive_once)),
)
_PLAIN = Mend(
    "what Slack does not take as it is goes once more, as text alone",
    replaced(("app.channels.slack.sending.Sending.write", _naive_write)),
)
_SO_FAR = Mend(
    "who stands in is told what burns already",
    replaced(("app.pipeline.delivery.failover._tell_so_far", nothing)),
)
_PROBED = Mend(
    "a quiet channel is asked once a day whether it would take an alert",
    replaced(("app.pipeline.delivery.probe.probe", nothing)),
)

FAULTS = (
    Fault("connections to Slack are refused", _refuse, FIRE, STANDS_IN, "burning"),
    Fault("Slack answers 500 to all", _failing(http(500)), FIRE, STANDS_IN, "burning"),
    Fault("Slack cuts each connection", _failing(CUT), FIRE, STANDS_IN, "burning"),
    Fault("Slack has everybody wait an hour (429)", _failing(limited(3600)), FIRE, STANDS_IN, "burning"),
    Fault("a proxy answers in Slack's place with a page", _failing(http(200)), FIRE, STANDS_IN, "burning"),
    Fault("Slack refuses the token", _failing(says("invalid_auth")), FIRE, STANDS_IN, "burning"),
    Fault(
        "Slack refuses the token, and people are to mend it", _failing(says("invalid_auth")),
        noticed("invalid_auth"), OUTAGE_TOLD, "burning",
    ),
    Fault("the room in Slack is archived", _archive, FIRE, STANDS_IN, "burning"),
    Fault("the room in Slack is gone", _delete, FIRE, STANDS_IN, "burning"),
    Fault("Slack takes no blocks", _refuse_blocks, told_in(_ROOM), _PLAIN, "burning"),
    Fault("Slack takes the message and cuts the line", _take_and_cut, called_once(_ROOM), _LOOKS, "burning"),
    Fault(
        "Slack dies after the first message, and the reminder finds it dead", _die_until_the_reminder, FIRE,
        STANDS_IN, "burning",
    ),
    Fault(
        "Slack dies after the first message, and the daily probe finds it dead", _die_until_the_probe, FIRE,
        _SO_FAR, "burning",
    ),
    Fault(
        "the room in Slack is archived while all is quiet", _archive_while_quiet, noticed("is_archived"),
        _PROBED, "quiet",
    ),
)  # fmt: skip
