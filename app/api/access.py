"""What an endpoint is given: the runtime, a session, the time, and who is asking."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session as OrmSession

from app.admin import keys, scope
from app.admin.fields import Role
from app.api.parameters import refuse_unknown
from app.db import only_read
from app.errors import Unauthorized
from app.models import ApiKey
from app.runtime import Runtime
from app.vault import Vault as RuntimeVault

_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="`Authorization: Bearer tocsin_…`; see `tocsin keys`"
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking."""

    name: str
    role: str


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.state.runtime
    return runtime


Parts = Annotated[Runtime, Depends(_runtime)]


def _session(request: Request, runtime: Parts) -> Iterator[OrmSession]:
    with runtime.sessions.begin() as session:
        if _only_reads(request):
            only_read(session)
        yield session


def _only_reads(request: Request) -> bool:
    return request.method in {"GET", "HEAD"}


def _now(runtime: Parts) -> datetime:
    return runtime.now()


def _vault(runtime: Parts) -> RuntimeVault:
    return runtime.vault


# Of the scope "function", so that the commit comes before the answer: nobody hears 200 of a lost change.
Session = Annotated[OrmSession, Depends(_session, scope="function")]
Now = Annotated[datetime, Depends(_now)]
Vault = Annotated[RuntimeVault, Depends(_vault)]
Id = Annotated[int, Path(alias="id", ge=1, le=2**31 - 1, examples=[1])]


def _needs(
    role: Role,
) -> Callable[[Request, Runtime, OrmSession, datetime, HTTPAuthorizationCredentials | None], Actor]:
    def who(request: Request, runtime: Parts, session: Session, now: Now, given: Credentials) -> Actor:
        if given is None:
            raise Unauthorized("give a key: `Authorization: Bearer tocsin_…`")
        key = _key(request, runtime, session, given.credentials, now)
        if not keys.use_is_noted(key, now=now):
            # In a transaction that ends here: the endpoint may have to wait for a thread.
            with runtime.sessions.begin() as writing:
                keys.note_use(writing, key, now=now)
        request.state.actor = key.name
        keys.require(key, role)
        refuse_unknown(request)
        if key.team_id is not None:
            scope.bind(session, frozenset({key.team_id}))
        return Actor(key.name, key.role)

    return who


def _key(request: Request, runtime: Runtime, session: OrmSession, token: str, now: datetime) -> ApiKey:
    if _only_reads(request):
        return keys.authenticate(session, token, now=now)
    # Whoever has no key makes no writer wait: the request's own transaction begins when the key is known.
    with runtime.sessions() as reading:
        only_read(reading)
        return keys.authenticate(reading, token, now=now)


Viewer = Annotated[Actor, Depends(_needs("viewer"))]
Responder = Annotated[Actor, Depends(_needs("responder"))]
Admin = Annotated[Actor, Depends(_needs("admin"))]
