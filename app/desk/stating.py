"""Statements from Slack: drafted, reworded, approved, and noted once a person published them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import statements
from app.admin.crisis_specs import ApprovalSpec, DraftSpec, PublishedSpec, WordingSpec
from app.channels.crisis import StatementLine
from app.channels.document import Run
from app.channels.slack.actions import SlackAction
from app.channels.slack.mrkdwn import mrkdwn, named
from app.channels.slack.typed import plain
from app.channels.text import clean
from app.channels.wording.words import Words
from app.desk.answers import NotDone
from app.models import Incident, Person, Statement, StatementAct, StatementTemplate
from app.pipeline.crisis.course import statement_of, statements_of

Named = TypeVar("Named", Person, StatementTemplate)
_SHOWN = 20


def list_statements(session: Session, incident: Incident, words: Words, *, now: datetime) -> str:
    """The statements of the incident's story, each as it stands."""
    lines = statements_of(session, incident, at=now)
    if not lines:
        return words.say("Incident {n} has no statement yet.", n=str(incident.id))
    return "\n".join(_shown(line, words) for line in lines[-_SHOWN:])


def say_statement(
    session: Session, incident: Incident, action: SlackAction, words: Words, *, by: str, now: datetime
) -> str:
    """Do what was typed to a statement, and say how it stands; NotDone says why nothing was done."""
    if action.act == "draft":
        return _draft(session, incident, action, words, by=by, now=now)
    statement = statements.of_incident(session, incident, action.incident or 0)
    line = statement_of(session, statement, at=now)
    if action.version is None:
        raise NotDone(words.say("which wording? The newest one is this.") + f"\n{_shown(line, words)}")
    if action.version != line.version:
        raise NotDone(
            words.say("it was reworded since. The newest wording is this.") + f"\n{_shown(line, words)}"
        )
    may = _any_of(statements.who_may_approve(session, statement), words)
    match action.act:
        case "reword":
            spec = WordingSpec(version=action.version, text=action.note)
            line = statements.edit(session, incident, line.id, spec, by=by, now=now)
        case "approve" if by not in statements.who_may_approve(session, statement):
            raise NotDone(words.say("it is for {names} to approve it.", names=may))
        case "approve" if by in {step.by for step in line.approvals}:
            raise NotDone(words.say("you approved it already."))
        case "approve":
            approval = ApprovalSpec(version=action.version)
            line = statements.approve(session, incident, line.id, approval, by=by, now=now)
        case _ if not line.approvals:
            raise NotDone(
                words.say("nobody has approved this wording yet. It is for {names} to do so.", names=may)
            )
        case _:
            said = PublishedSpec(version=action.version, where=action.note[:500])
            line = statements.publish(session, incident, line.id, said, by=by, now=now)
    return _with_next(session, statement, line, words)


def _draft(
    session: Session, incident: Incident, action: SlackAction, words: Words, *, by: str, now: datetime
) -> str:
    every = session.scalars(select(StatementTemplate).order_by(StatementTemplate.name)).all()
    if not every:
        raise NotDone(words.say("the team has no template yet; an admin sets one with `tocsin apply`."))
    template = every[0] if len(every) == 1 and not action.named else one_named(every, action.named, words)
    languages = [one for one in (words.language, *sorted(template.texts)) if one in template.texts]
    spec = DraftSpec.model_validate({"template": template.name, "language": languages[0]})
    line = statements.draft(session, incident, spec, language=languages[0], by=by, now=now)
    return _with_next(session, session.get_one(Statement, line.id), line, words)


def one_named(every: Sequence[Named], typed: str, words: Words) -> Named:
    """The one whose name is, or holds, the words that were typed; NotDone says which there are."""
    same = [one for one in every if plain(one.name) == typed]
    found = same or [one for one in every if set(typed.split()) <= set(plain(one.name).split())]
    if len(found) != 1:
        names = _names([one.name for one in every[:_SHOWN]], words)
        raise NotDone(
            words.say("which one is “{typed}”? There are: {names}", typed=named(typed), names=names)
        )
    return found[0]


def _names(names: Sequence[str], words: Words) -> str:
    return words.all_of([named(name) for name in names]) or words.say("nobody")


def _any_of(names: Sequence[str], words: Words) -> str:
    return words.one_of([named(name) for name in names]) or words.say("nobody")


def _with_next(session: Session, statement: Statement, line: StatementLine, words: Words) -> str:
    """The statement as it stands, and what comes next."""
    wording = f"{line.id}.{line.version}"
    if any(step.version == line.version for step in line.of(StatementAct.said)):
        return _shown(line, words)
    if not line.approvals:
        may = _any_of(statements.who_may_approve(session, statement), words)
        then = words.say(
            "To be approved by {names}, with `/tocsin approve {wording}`.", names=may, wording=wording
        )
    else:
        then = words.say(
            "A person publishes it, never Tocsin; then note where: `/tocsin published {wording}: …`",
            wording=wording,
        )
    return f"{_shown(line, words)}\n{then}"


def _shown(line: StatementLine, words: Words) -> str:
    """How it stands in a line, and its newest wording as a quotation."""
    said = [step for step in line.of(StatementAct.said) if step.version == line.version]
    if said:
        where = named(said[-1].text)
        stands = words.say("published by {who}: {where}", who=named(said[-1].by), where=where)
    elif line.approvals:
        stands = words.say("approved by {names}", names=_names([step.by for step in line.approvals], words))
    else:
        stands = words.say("approved by nobody yet")
    title = words.say("Statement {wording}", wording=f"{line.id}.{line.version}")
    text = "\n".join(f"> {mrkdwn((Run(one, foreign=True),))}" for one in clean(line.text).split("\n"))
    return f"*{title}* · {named(line.template)} · {stands}\n{text}"
