"""The process itself: passes that stop, two processes at once, strangers at the door."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx

from app.admin import inbox
from app.heartbeat import Heartbeat
from app.models import Source
from tests.faults.matrix.fault import FRESH, Fault, Mend, Proof, replaced
from tests.faults.matrix.house import BEAT, House
from tests.faults.matrix.proofs import FIRE, FIRST, called_once, noticed, soon, unready
from tests.faults.matrix.seed import ROOMS
from tests.faults.matrix.storage import STANDING, STANDSTILL, STANDSTILL_TOLD, WATCHED
from tests.standins.slack_failures import Failure, Json

_STRANGERS = 45


def _hang_the_heartbeat(house: House) -> None:
    """Who is to be told of each pass takes the call and never answers; then a fire begins."""
    world = house.world
    world.answers["beat"] = lambda _to: world.released.wait()  # type: ignore[assignment] # no answer
    house.passes(1)
    world.burn(FIRST)


def _waiting_beat(heartbeat: Heartbeat) -> None:
    if heartbeat._url is not None:
        heartbeat._http.get(heartbeat._url.get_secret_value(), timeout=None)


def _stop_passing(house: House) -> None:
    """The scheduler is dead: time goes on without it."""
    house.wait(STANDSTILL * BEAT)


def _two_at_once(house: House) -> None:
    """While one process is in the midst of telling, another one makes a pass on the same database."""
    other = house.another()
    answers, met = house.slack.answer, Event()

    def answer(method: str, body: Json, token: str) -> Failure:
        if method == "chat.postMessage" and not met.is_set():
            met.set()
            other.make_pass()
        return answers(method, body, token)

    house.slack.answer = answer  # type: ignore[method-assign] # it is slow enough for that


def _strangers(house: House) -> None:
    """Strangers push without a proof, while somebody writes for as long as he likes."""
    house.hold()
    with ThreadPoolExecutor(_STRANGERS) as pool:
        sent = [pool.submit(_push, house) for _ in range(_STRANGERS)]
        house.answered = [one.result() for one in sent]
    house.let_go()


def _push(house: House) -> int:
    """Each comes by a way of his own."""
    answer = httpx.post(f"{house.url}/api/v1/sources/3/posts", content=b"{}", timeout=house.patience)
    return answer.status_code


def _locking_take(sessions: Any, context: Any, source_id: int, *what: Any, **more: Any) -> inbox.Taken:  # noqa: ANN401 - as it stands
    with sessions.begin() as session:
        session.get(Source, source_id, with_for_update=True)
    return _take(sessions, context, source_id, *what, **more)


_take = inbox.take


def _naive_claim(*_what: object, **_how: object) -> bool:
    return True


_APART = Mend(
    "a pass does not wait for its heartbeat", replaced(("app.heartbeat.Heartbeat.beat", _waiting_beat))
)
_READY = Mend("readiness asks when the last pass ended", replaced(("app.api.health._passes", lambda *_: [])))
_CLAIMED = Mend(
    "whoever moves a row's time ahead first has the row",
    replaced(("app.pipeline.claim.claim", _naive_claim)),
)
_PROVEN = Mend(
    "the proof is asked for before a transaction begins", replaced(("app.admin.inbox.take", _locking_take))
)
REFUSED = Proof("strangers are refused at once", lambda house: house.answered == [401] * _STRANGERS)

FAULTS = (
    Fault(
        "passes stop", _stop_passing, soon(noticed(STANDING)), WATCHED, passes=0, within=STANDSTILL_TOLD
    ),
    Fault(
        "passes stop, and a restart would mend it", _stop_passing, unready("the last pass"), _READY, passes=0,
        within=STANDSTILL_TOLD,
    ),
    Fault(
        "the address of the heartbeat never answers", _hang_the_heartbeat, FIRE, _APART, passes=FRESH,
        hangs=True,
    ),
    Fault("two processes work on one database", _two_at_once, called_once(ROOMS[0]), _CLAIMED, "burning"),
    Fault("45 strangers push while somebody writes", _strangers, REFUSED, _PROVEN, hangs=True),
)  # fmt: skip
