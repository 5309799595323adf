"""All settings as a file: the reverse of `apply`, which takes it back and finds nothing to change.

It holds what `apply` takes, and no secret: of addresses that hold keys only what people may see.
"""

from collections.abc import Callable
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.admin import channels, people, policies, rotas, scope, sources, statement_templates, teams, watches
from app.admin.change import AuditView, veiled_settings
from app.admin.crisis_specs import StatementTemplateSpec
from app.admin.policy_specs import PolicySpec
from app.admin.specs import ChannelSpec, SourceSpec, WatchSpec
from app.admin.team_specs import PersonSpec, RotaSpec, TeamSpec
from app.errors import AppError, invalid
from app.logs import VEIL
from app.models import (
    DRILL,
    WHOLE,
    Channel,
    Membership,
    Person,
    Rota,
    Source,
    StatementTemplate,
    Team,
    Watch,
    unreadable,
)

_HEAD = f"""\
# Settings of Tocsin, as `tocsin apply` takes them. No secret is in this file: those that are set stay as they
# are. {VEIL} stands for a part of an address that is not shown, which stays as it is as well.
"""
Item = dict[str, Any]


def export(session: Session) -> str:
    """The settings as YAML, in the order in which one needs the other.

    In a session that is bound to teams those that are theirs; what is the house's is named, and not in it.
    What this version cannot read is left out, and a line says so.
    """
    parts: tuple[tuple[str, Any, Callable[[Session, Any], Item]], ...] = (
        ("teams", select(Team), lambda _session, team: _spec(TeamSpec, teams.audit_view(team))),
        ("people", select(Person), _person),
        ("rotas", select(Rota), lambda *row: _spec(RotaSpec, rotas.audit_view(*row))),
        ("statements", select(StatementTemplate), _statement),
        ("policies", policies.listed(), lambda *row: _spec(PolicySpec, policies.audit_view(*row))),
        ("sources", select(Source), _source),
        ("channels", select(Channel), _channel),
        ("watches", select(Watch).where(Watch.kind != DRILL).options(*WHOLE), _watch),
    )
    written = [_HEAD]
    for part, query, item in parts:
        table = query.column_descriptions[0]["entity"]
        rows = [row for row in session.scalars(query.order_by(table.name)) if _is_theirs(session, row)]
        if rows:
            written.append(f"\n{part}:\n" + "".join(_written(session, row, item) for row in rows))
    return "".join(written)


def _is_theirs(session: Session, row: Any) -> bool:  # noqa: ANN401 - any row with a name
    bound = scope.teams_of(session)
    match row:
        case _ if bound is None:
            return True
        case Team():
            return True
        case Person():
            return bool(teams.roles_of(session, row))
        case Channel() if row.person_id is not None:
            owner = session.get(Person, row.person_id)
            return owner is not None and bool(teams.roles_of(session, owner))
        case _:
            return row.team_id in bound


def _written(session: Session, row: Any, item: Callable[[Session, Any], Item]) -> str:  # noqa: ANN401
    """The lines of one thing, or a line that says why it is left out."""
    if wrong := unreadable(row):
        return _left_out(row.name, "; ".join(wrong))
    try:
        made = item(session, row)
    except ValidationError as error:
        return _left_out(row.name, invalid(error))
    except (AppError, _LeftOut) as error:
        return _left_out(row.name, str(error))
    text = yaml.dump([made], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    lines = "".join(f"  {line}\n" if line else "\n" for line in text.splitlines())
    if getattr(row, "secret", None):
        lines += "    # its secret is set; in another house write: secret: ${NAME}\n"
    return lines


class _LeftOut(Exception):  # noqa: N818 - read in sentences
    """Why something is not in the file."""


def _left_out(name: str, why: str) -> str:
    return f"  # left out: {' '.join(name.split())}: {' '.join(why.split())}\n"


def _person(session: Session, person: Person) -> Item:
    every = select(func.count()).where(Membership.person_id == person.id)
    if scope.teams_of(session) is not None:
        there = session.scalar(every, execution_options={scope.WHOLE_HOUSE: True}) or 0
        if there > len(teams.roles_of(session, person)):
            raise _LeftOut("of other teams too, which this file would take them out of")
    return _spec(PersonSpec, people.audit_view(session, person))


def _statement(session: Session, template: StatementTemplate) -> Item:
    return _spec(StatementTemplateSpec, statement_templates.audit_view(session, template))


def _source(session: Session, source: Source) -> Item:
    kind = sources.kind_of(source.kind)
    seen = sources.audit_view(session, source)
    made = _spec(SourceSpec, seen | {"settings": veiled_settings(_few(kind.settings, source.settings))})
    if source.cadence_seconds == int(kind.cadence.total_seconds()):
        del made["cadence_seconds"]
    # A kind that waits for a person's word is on only where the file says so.
    return made | ({} if kind.starts else {"enabled": source.enabled})


def _channel(session: Session, channel: Channel) -> Item:
    kind = channels.kind_of(channel.kind)
    seen = channels.audit_view(session, channel) | {"settings": _few(kind.settings, channel.settings)}
    return _spec(ChannelSpec, channels.veiled(seen))


def _watch(session: Session, watch: Watch) -> Item:
    made = _spec(WatchSpec, watches.audit_view(session, watch), without="query")
    query: Any = {name: terms for name, terms in watch.query.items() if terms}
    if set(query) == {"text"}:
        query = query["text"]
    return {"name": made.pop("name"), "query": query, **made}


def _spec(spec: type[BaseModel], seen: AuditView, *, without: str = "") -> Item:
    """What is set, without what is set as usual."""
    return spec.model_validate(seen).model_dump(mode="json", exclude_defaults=True, exclude={without})


def _few(settings: type[BaseModel], given: dict[str, Any]) -> Item:
    return settings.model_validate(given).model_dump(mode="json", exclude_defaults=True)


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
