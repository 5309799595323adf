"""What people and machines see of a service, as proofs of the matrix."""

from tests.faults.matrix.fault import Proof
from tests.faults.matrix.house import House
from tests.faults.matrix.world import FORUMS

FIRST, SECOND = FORUMS.values()


def told(brand: str, says: str = "") -> Proof:
    """The fire of the brand is told."""
    return Proof(
        says or f"the fire of {brand} is told", lambda house: any(brand in text for text in house.alerts())
    )


FIRE = told(FIRST, "the fire is told")
OTHERS = told(SECOND, "the fire beside it is told")


def both(*proofs: Proof) -> Proof:
    """All of them."""
    return Proof(" and ".join(p.says for p in proofs), lambda house: all(p.holds(house) for p in proofs))


def noticed(*words: str, says: str = "") -> Proof:
    """A notice in a channel that works holds these words."""

    def holds(house: House) -> bool:
        return any(all(word in text for word in words) for text in house.notices())

    return Proof(says or f"the channels are told: “{', '.join(words)}”", holds)


def soon(proof: Proof) -> Proof:
    """What another thread than that of the passes tells."""
    return Proof(proof.says, lambda house: house.comes(lambda: proof.holds(house)))


def unready(words: str, says: str = "") -> Proof:
    """Readiness is false and says why."""

    def holds(house: House) -> bool:
        answer = house.get("/readyz")
        return answer.status_code == 503 and words in answer.text

    return Proof(says or f"`/readyz` is false: “{words}”", holds)


def named(words: str, says: str = "") -> Proof:
    """The status is not good and names it."""

    def holds(house: House) -> bool:
        status = house.status()
        return not status["good"] and words in str(status)

    return Proof(says or f"`GET /api/v1/status` names it: “{words}”", holds)


def told_in(room: str) -> Proof:
    """A fire is told in a room of Slack, whatever stands in for it."""

    def holds(house: House) -> bool:
        return any("FIRE" in message["text"] for message in house.slack.channels[room])

    return Proof("the fire is told in the same room", holds)


def alerts_at_most(count: int) -> Proof:
    """No more messages than so many."""
    says = "in one message" if count == 1 else f"in at most {count} messages"
    return Proof(says, lambda house: len(list(house.alerts())) <= count)


def called_once(room: str) -> Proof:
    """The first message of the fire stands once in the room."""

    def holds(house: House) -> bool:
        first = [m for m in house.slack.messages(room) if "transition_id" in m["metadata"]["event_payload"]]
        return len(first) == 1

    return Proof("the fire is told, and once", holds)
