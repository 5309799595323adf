"""One answer to each thing that a person presses or types in Slack, whichever way it came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy.orm import Session, joinedload

from app.admin import incidents, people, proposals, scope, teams
from app.admin.people import may
from app.channels.slack.actions import SlackAction, parse_action
from app.channels.slack.typed_words import CARRIED
from app.channels.slack.views import snooze_view
from app.channels.slack.web import SlackFault, call, open_web
from app.channels.wording.words import Words
from app.clock import known_zone
from app.desk.answers import ask_which, help_text, say_done, say_stranger, say_unclear, words_to
from app.desk.board import Board, burning_here
from app.desk.carrying import carry
from app.desk.conversations import channel_of, incident_here
from app.desk.labels import not_about
from app.desk.letting_in import let_in
from app.desk.rooms import begin_room
from app.errors import AppError, BadInput, Conflict, NotFound
from app.logs import log
from app.models import Incident, Proposal, State, VerdictWord
from app.pipeline.delivery.notify import notify
from app.runtime import Runtime

Json = dict[str, Any]
_DEFAULT = timedelta(hours=1)
_TIMEOUT = 5  # seconds: somebody is looking at a dialog that does not open


@dataclass(frozen=True, slots=True)
class Reply:
    """What Slack is answered within three seconds, and what is done after that."""

    body: Json | None = None
    then: Callable[[], None] | None = None


class Desk:
    """Takes what people ask for; both ways into it share one handler."""

    def __init__(self, runtime: Runtime, http: httpx.Client | None = None) -> None:
        self._runtime = runtime
        self._http = http or httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Let go of the lines to Slack."""
        self._http.close()

    def take(self, payload: Mapping[str, Any]) -> Reply:
        """Do what is asked; Unreadable if it is nothing that Tocsin offers."""
        action, now = parse_action(payload), self._runtime.now()
        match action.act:
            case "nothing":
                return Reply()
            case "help" | "status" | "watches" | "unclear":
                return Reply(_private(self._shown(action, now)))
            case "console":
                return Reply(_private(let_in(self._runtime, action, self._spoken(action), now=now)))
            case "yes" | "no" if action.incident is None:
                return Reply(_private(self._shown(replace(action, act="unclear", unclear=action.act), now)))
            case "yes" | "no":
                return self._decide(action, now)
            case "snooze_until":
                return self._dialog(action, now)
            case "not_about":
                return self._label(action, now)
            case "room":
                said, make = begin_room(self._runtime, action, self._spoken(action), now=now)
                if make is None:
                    return Reply(_private(said))
                return Reply(_private(said), lambda: self._privately(action.answer_at, make()))
            case act if act in CARRIED:
                return Reply(_private(carry(self._runtime, action, self._spoken(action), now=now)))
            case _:
                return self._act(action, now)

    def _shown(self, action: SlackAction, now: datetime) -> str:
        words, french = self._spoken(action), self._language(action) == "fr"
        if action.act == "help":
            return help_text(words, french=french)
        if action.act == "unclear":
            return say_unclear(action, words, french=french)
        with self._runtime.sessions() as session:
            # A person of the team sees all; anybody else, what was told in this conversation.
            known = people.in_slack(session, action.user)
            if known is not None:
                scope.bind(session, teams.seen_by(session, known))
            board = Board(session, words, channel=None if known is not None else action.channel)
            return board.burning(now=now) if action.act == "status" else board.watching()

    def _language(self, action: SlackAction) -> str:
        return action.language or self._runtime.settings.language

    def _spoken(self, action: SlackAction) -> Words:
        """The words to a person of whose watch nothing is known: in the language that was typed."""
        return Words(self._language(action), "UTC")

    def _dialog(self, action: SlackAction, now: datetime) -> Reply:
        with self._runtime.sessions() as session:
            try:
                incident = incident_here(session, action)
            except NotFound as error:
                return self._told(action, self._why_not(error, action, self._spoken(action)))
            words = words_to(self._runtime, incident, action.language)
            person = people.in_slack(session, action.user)
            if not may(session, person, "responder", incident.watch.team_id):
                return self._told(action, say_stranger(words, action))
            channel = channel_of(session, action, incident)
            secret = channel.secret if channel else None
        view = snooze_view(incident.id, action.channel, words, now=now)

        def opened() -> None:
            web = open_web(self._token(secret), self._runtime.settings.slack_api_url, _TIMEOUT)
            body = {"trigger_id": action.trigger, "view": view}
            try:
                call(web, "views.open", destination="the dialog", body=body, now=now)
            except SlackFault as fault:
                log().warning("slack_dialog_refused", code=fault.code, why=str(fault))
                self._privately(action.answer_at, words.say("The dialog did not open in time: try again."))

        return Reply(then=opened)

    def _act(self, action: SlackAction, now: datetime) -> Reply:
        runtime = self._runtime
        words, text = self._spoken(action), ""
        try:
            with runtime.sessions.begin() as session:
                if action.incident is None:
                    open_here = burning_here(session, action.channel)
                    if len(open_here) != 1:
                        return self._told(action, ask_which(open_here, words))
                    action = replace(action, incident=open_here[0].id)
                incident = incident_here(session, action)
                words = words_to(runtime, incident, action.language)
                person = people.in_slack(session, action.user)
                if person is None or not may(session, person, "responder", incident.watch.team_id):
                    return self._told(action, say_stranger(words, action))
                if people.obeyed_before(session, action.press, now=now):
                    return Reply()
                done(session, action, incident, by=person.name, now=now)
                if action.typed:
                    session.flush()
                    text = say_done(incident, action, words, now=now)
        except AppError as error:
            return self._told(action, self._why_not(error, action, words))
        log().info("slack_act", act=action.act, incident=action.incident, user=action.user)
        return Reply(_private(text) if text else None, self._tell)

    def _label(self, action: SlackAction, now: datetime) -> Reply:
        """Note that a post is not about the watch, and tell who said so how far the labels are."""
        words = self._spoken(action)
        try:
            with self._runtime.sessions.begin() as session:
                incident = incident_here(session, action)
                words = words_to(self._runtime, incident, action.language)
                person = people.in_slack(session, action.user)
                if person is None or not may(session, person, "responder", incident.watch.team_id):
                    return self._told(action, say_stranger(words, action))
                if people.obeyed_before(session, action.press, now=now):
                    return Reply()
                said = not_about(session, incident, action.post or 0, words, by=person.name, now=now)
        except AppError as error:
            return self._told(action, self._why_not(error, action, words))
        log().info("slack_act", act=action.act, incident=action.incident, user=action.user)
        return self._told(action, said)

    def _decide(self, action: SlackAction, now: datetime) -> Reply:
        """Take or leave a proposal, as an admin."""
        words = self._spoken(action)
        try:
            with self._runtime.sessions.begin() as session:
                person = people.in_slack(session, action.user)
                proposal = session.get(Proposal, action.incident, options=[joinedload(Proposal.watch)])
                team_id = proposal.watch.team_id if proposal is not None else None
                if person is None or not may(session, person, "admin", team_id):
                    return self._told(action, words.say("Only an admin decides that."))
                if people.obeyed_before(session, action.press, now=now):
                    return Reply()
                decide = proposals.accept if action.act == "yes" else proposals.decline
                decide(session, action.incident or 0, by=person.name, now=now)
        except AppError as error:
            return self._told(action, self._undecided(error, action, words))
        log().info("slack_act", act=action.act, proposal=action.incident, user=action.user)
        return self._told(action, words.say("Done: proposal {n}.", n=str(action.incident)))

    def _undecided(self, error: AppError, action: SlackAction, words: Words) -> str:
        """Why a proposal was neither taken nor left."""
        number = str(action.incident)
        with self._runtime.sessions() as session:
            proposal = session.get(Proposal, action.incident)
        if proposal is None:
            return words.say("There is no proposal {n}.", n=number)
        if proposal.state == "accepted":
            return words.say("{who} said yes to it already.", who=proposal.decided_by)
        if proposal.state == "declined":
            return words.say("{who} said no to it already.", who=proposal.decided_by)
        if isinstance(error, Conflict):
            return words.say("The policy was changed since this was proposed.")
        return str(error)

    def _why_not(self, error: AppError, action: SlackAction, words: Words) -> str:
        with self._runtime.sessions() as session:
            incident = session.get(Incident, action.incident)
            out = incident is not None and incident.state is State.out
            taken_by = incident.acknowledged_by if incident is not None else None
        if isinstance(error, NotFound):
            return words.say("Incident {n} was not told in this conversation.", n=str(action.incident))
        if isinstance(error, Conflict) and out:
            return words.say("It is out already: only a verdict is left to give.")
        if isinstance(error, Conflict) and taken_by:
            return words.say("{who} has it already.", who=taken_by)
        return words.say("Choose a time that lies ahead.") if isinstance(error, BadInput) else str(error)

    def _told(self, action: SlackAction, text: str) -> Reply:
        """Tell the person alone: in the dialog, as the answer to a command, or at the address for answers."""
        if action.dialog:
            return Reply({"response_action": "errors", "errors": {"until": text}})
        if action.typed:
            return Reply(_private(text))
        return Reply(then=lambda: self._privately(action.answer_at, text))

    def _privately(self, address: str, text: str) -> None:
        if not self._is_slack(address):
            return
        try:
            self._http.post(address, json={**_private(text), "replace_original": False})
        except httpx.HTTPError as error:
            log().warning("slack_answer_lost", why=type(error).__name__)

    def _is_slack(self, address: str) -> bool:
        """Whether the address is Slack's: what is signed may still be made up by who knows the secret."""
        parts, api = urlsplit(address), urlsplit(self._runtime.settings.slack_api_url)
        if (parts.scheme, parts.hostname) == ("https", "hooks.slack.com"):
            return parts.port in (None, 443)
        # A Slack of one's own, as the settings name it.
        return api.hostname != "slack.com" and parts.netloc == api.netloc and parts.scheme == api.scheme

    def _token(self, secret: str | None) -> str:
        if secret:
            return self._runtime.vault.open(secret)
        token = self._runtime.settings.slack_bot_token
        return token.get_secret_value() if token else ""

    def _tell(self) -> None:
        """Repaint at once: who pressed a button is looking."""
        notify(self._runtime.sessions, self._runtime.chain.delivery, now=self._runtime.now())


def done(session: Session, action: SlackAction, incident: Incident, *, by: str, now: datetime) -> None:
    """The act itself, as over the API; Conflict if somebody was first."""
    incident_id = incident.id
    match action.act:
        case "acknowledge":
            incidents.acknowledge(session, incident_id, by=by, now=now)
        case "take_over":
            incidents.take_over(session, incident_id, by=by, now=now)
        case "snooze":
            until = action.until or now + (action.span or _DEFAULT)
            if action.moment is not None:
                until = action.moment.after(now, ZoneInfo(known_zone(incident.watch.time_zone)))
            incidents.snooze(session, incident_id, until=until, by=by, now=now)
        case "close":
            incidents.close(session, incident_id, note=action.note, by=by, now=now)
        case "verdict" if action.verdict in set(VerdictWord):
            verdict = VerdictWord(action.verdict)
            incidents.judge(session, incident_id, verdict=verdict, note=action.note, by=by, now=now)
        case _:
            raise BadInput("this cannot be done here")


def _private(text: str) -> Json:
    return {"response_type": "ephemeral", "text": text}
