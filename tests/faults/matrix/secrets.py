"""The key of the stored secrets that is lost or another, and secrets that it does not open."""

from collections.abc import Callable, Mapping
from typing import Any

from app import runtime
from app.channels import KINDS
from app.errors import ChannelError
from app.models import Channel
from app.vault import Vault, new_key
from tests.faults.matrix.fault import Fault, Mend, replaced
from tests.faults.matrix.feeds import DEAF_TOLD
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, noticed, unready
from tests.faults.matrix.unreadable import writing

_NOT_OPENED = "cannot be opened"


def _lose_the_key(house: House) -> None:
    """The machine was set up anew, without its data folder."""
    house.restart(lambda environment: environment.pop("TOCSIN_SECRET_KEY"))


def _change_the_key(house: House) -> None:
    house.restart(lambda environment: environment.update(TOCSIN_SECRET_KEY=new_key()))


def _naive_opener(dependencies: Any, vault: Vault) -> Callable[[Channel], Any]:  # noqa: ANN401 - of each kind
    kinds: Mapping[str, Any] = {kind.name: kind for kind in KINDS}

    def opened(channel: Channel) -> Any:  # noqa: ANN401 - as above
        kind = kinds[channel.kind]
        settings = runtime._settings_of(kind.name, kind.settings, channel.settings, ChannelError)
        return kind.build(settings, dependencies, vault.open(channel.secret) if channel.secret else None)

    return opened


_READY = Mend(
    "readiness asks whether the key opens the secrets",
    replaced(("app.admin.secrets.is_lost", lambda *_: False)),
)
_FAILS_WHOLE = Mend(
    "a channel whose secret cannot be opened fails as one that somebody must mend",
    replaced(("app.runtime._opener_of_channels", _naive_opener)),
)

FAULTS = (
    Fault("the key of the secrets is lost", _lose_the_key, unready(_NOT_OPENED), _READY),
    Fault("the key of the secrets is another", _change_the_key, unready(_NOT_OPENED), _READY),
    Fault(
        "a secret of a channel cannot be opened", writing("channel.secret", "not sealed", "name = 'alerts'"),
        FIRE, _FAILS_WHOLE, "burning",
    ),
    Fault(
        "a secret of a source cannot be opened", writing("source.secret", "not sealed", "name = 'forum'"),
        noticed("forum"), DEAF_TOLD,
    ),
)  # fmt: skip
