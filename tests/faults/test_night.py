"""One night of an on-call team, lived with the service as a process: from the first post to the morning."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.admin import apply, keys
from app.admin.team_specs import KeySpec
from app.admin.yaml_file import read
from app.clock import step_start
from app.models import Delivery, Source, Transition, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.sources.base import Item
from app.vault import Vault, new_key
from tests.faults.lives import Lives
from tests.faults.night import SIGNING, STEP, Gateway, House, Night
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.mail import MailStandin
from tests.standins.patience import until
from tests.standins.slack import SlackStandin

pytestmark = pytest.mark.faults

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MIDNIGHT = START + timedelta(days=8) - HOUR  # in Paris, from a Monday to a Tuesday
BEGIN, FIRE_AT, END = MIDNIGHT - HOUR / 2, MIDNIGHT + HOUR / 2, MIDNIGHT + 8.2 * HOUR
SLACK_DOWN, SLACK_UP = MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR
ROOM = "C0ALERTS"

TEAM = """
people:
  - {{name: Max, slack_user: U0MAX, language: fr}}
  - {{name: Léa, slack_user: U0LEA, language: fr}}
  - {{name: Ana, slack_user: U0ANA, role: admin, language: fr}}
rotas:
  - name: astreinte
    time_zone: Europe/Paris
    layers: [{{people: [Léa, Max], starts_on: 2026-11-09, hand_over: "09:00", days: 7}}]
    lead: Ana
channels:
  - {{name: salon, kind: slack, settings: {{channel: C0ALERTS}}, fallback: [boîte de l’équipe]}}
  - {{name: boîte de l’équipe, kind: email, settings: {{to: [team@brand.example], {mail}}}}}
  - {{name: téléphone de Max, kind: webhook, person: Max, settings: {{url: "{gateway}/max"}}}}
  - {{name: boîte de Léa, kind: email, person: Léa, settings: {{to: [lea@brand.example], {mail}}}}}
  - {{name: direction, kind: email, from_level: 20, settings: {{to: [board@brand.example], {mail}}}}}
  - {{name: téléphone d’Ana, kind: webhook, person: Ana, settings: {{url: "{gateway}/ana"}}}}
policies:
  - {{name: default, rota: astreinte, out_minutes: 60, alarms_per_month: 0.5}}
sources:
  - {{name: forum, kind: rss, settings: {{url: "{world}/feed"}}, cadence_seconds: 300}}
statements:
  - name: rappel
    approvers: [Ana]
    texts: {{fr: "Depuis {{since}}, des messages évoquent {{what}}. Nous enquêtons."}}
watches:
  - {{name: Vélinor, query: "any of: Vélinor", time_zone: Europe/Paris, language: fr}}
"""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _set_up(sessions: db.Sessions, text: str, secret: str, posts: list[Item]) -> str:
    """All that the file says, a fortnight of history, and a key of the API."""
    with sessions.begin() as session:
        apply.apply(session, read(text, {}), vault=Vault(secret), by="test", now=BEGIN)
        key = keys.create(session, KeySpec(name="console", role="admin"), by="test", now=BEGIN)[1]
    with sessions.begin() as session:
        source, watch = session.scalars(select(Source)).one(), session.scalars(select(Watch)).one()
        source.heard_until, source.health_since, source.created_at = BEGIN, START, START
        watch.created_at, watch.scored_until = START, step_start(BEGIN)
        before = [post for post in posts if post.published_at and post.published_at <= BEGIN]
        store(session, Matchers().current(session), source.id, before, now=BEGIN)
        observed(session, source.id, START, BEGIN)
    return key


def test_a_night_from_the_first_call_to_the_report_of_the_morning(sqlite: str, tmp_path: Path) -> None:
    posts = sorted(
        [*ordinary(9), *fire(FIRE_AT, hours=4)], key=lambda p: (p.published_at or START, p.external_id)
    )
    clock, port, secret = tmp_path / "clock", _free_port(), new_key()
    engine = db.connect(sqlite)
    sessions = db.sessions_of(engine)
    with (
        Night(BEGIN, END, posts, clock=clock) as night,
        SlackStandin(now=lambda: night.at, channels=(ROOM,)) as slack,
        MailStandin() as mails,
        Gateway(lambda: night.at) as gateway,
    ):
        mail = f"sender: tocsin@brand.example, server: 127.0.0.1, port: {mails.port}, security: none"
        text = TEAM.format(mail=mail, gateway=gateway.url, world=night.url)
        house = House(night, port, _set_up(sessions, text, secret, posts))
        story = Story(house, slack, mails, gateway)
        night.people = list(story.parts)
        environment = {
            "CLOCK": str(clock),
            "TOCSIN_DATABASE_URL": sqlite,
            "TOCSIN_DATA_DIR": str(tmp_path),
            "TOCSIN_SECRET_KEY": secret,
            "TOCSIN_PORT": str(port),
            "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TOCSIN_CYCLE_SECONDS": "300",
            "TOCSIN_HEARTBEAT_URL": f"{night.url}/beat",
            "TOCSIN_LOG_LEVEL": "error",
            "TOCSIN_LANGUAGE": "fr",
            "TOCSIN_SLACK_BOT_TOKEN": slack.token,
            "TOCSIN_SLACK_API_URL": slack.url,
            "TOCSIN_SLACK_SIGNING_SECRET": SIGNING,
            "TOCSIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            "TOCSIN_RETENTION_DAYS": "3650",
        }
        with Lives("whole", night.url, environment, tmp_path) as lives:
            life = lives.birth()
            until(night.over.is_set, every=0.1)
            lives.kill(life)
            house.api.close()
            said = lives.said.read_text()
        assert night.failure is None, (night.failure, said[-3000:])
        (tmp_path / "night.txt").write_text(story.written(sessions))
        for n, part in enumerate(part for mail in mails.mails for part in mail.iter_attachments()):
            (tmp_path / f"report{n}.pdf").write_bytes(part.get_content())
        story.hold(sessions)
    engine.dispose()


class Story:
    """What people do in that night, each thing once, and what must have come of it."""

    def __init__(self, house: House, slack: SlackStandin, mails: MailStandin, gateway: Gateway) -> None:
        self.house, self.slack, self.mails, self.gateway = house, slack, mails, gateway
        self.done: list[tuple[datetime, str]] = []
        self.parts: tuple[Callable[[], bool], ...] = (
            self.swap, self.slack_goes_down, self.slack_comes_back, self.lea_takes_it_by_mail,
            self.ana_takes_it_in_slack, self.ana_carries_it, self.ana_publishes, self.ana_sends_the_report,
        )  # fmt: skip

    def _note(self, what: str) -> bool:
        self.done.append((self.house.night.at, what))
        return True

    def incident(self) -> Any:  # noqa: ANN401 - JSON
        """The fire of the night, once there is one."""
        return (self.house.ask("GET", "incidents")["items"] or [{"acknowledged_by": None}])[-1]

    def swap(self) -> bool:
        """Max does Léa's night, and falls asleep."""
        rota = self.house.ask("GET", "rotas")["items"][0]["id"]
        window = {"starts_at": BEGIN.isoformat(), "ends_at": (MIDNIGHT + 9 * HOUR).isoformat()}
        swap = {"person": "Max", "why": "échange"} | window
        self.house.ask("POST", f"rotas/{rota}/substitutions", **swap)
        return self._note("Max does Léa's night")

    def slack_goes_down(self) -> bool:
        if self.house.night.at < SLACK_DOWN:
            return False
        self.slack.kill()
        return self._note("Slack is down")

    def slack_comes_back(self) -> bool:
        if self.house.night.at < SLACK_UP:
            return False
        self.slack.revive()
        return self._note("Slack is back")

    def lea_takes_it_by_mail(self) -> bool:
        """She sees the second mail to her, takes the fire by its link, and falls asleep again."""
        mine = [mail for mail in self.mails.mails if mail["To"] == "lea@brand.example"]
        if len(mine) < 2:
            return False
        assert self.house.follow(self.mails, "lea@brand.example") is not None
        return self._note("Léa takes it by a link in her mail")

    def ana_takes_it_in_slack(self) -> bool:
        """She leads: her phone rings when nobody else answers."""
        rung = [at for at, phone, _ in self.gateway.rung if phone == "ana"]
        if not rung or self.house.night.at < SLACK_UP or self.incident()["acknowledged_by"] is not None:
            return False
        self.house.press("U0ANA", "acknowledge", str(self.incident()["id"]), ROOM)
        assert self.incident()["acknowledged_by"] == "Ana"
        return self._note("Ana takes it in Slack")

    def ana_carries_it(self) -> bool:
        """Decides, drafts, and has the board told each hour."""
        if self.incident()["acknowledged_by"] != "Ana":
            return False
        number = self.incident()["id"]
        self.house.type("U0ANA", f"décision {number} : on répond avant midi", ROOM)
        self.house.type("U0ANA", f"tâche {number} Max avant 9h : appeler le labo", ROOM)
        self.house.type("U0ANA", f"projet {number} rappel", ROOM)
        self.house.ask("POST", f"incidents/{number}/updates", channels=["direction"])
        return self._note("Ana decides, gives a task, drafts, and has the board told")

    def ana_publishes(self) -> bool:
        """An hour later; Max, who is awake by now, may not approve."""
        if not self.did("Ana decides") or self.house.night.at < self.when("Ana decides") + HOUR:
            return False
        refused = self.house.type("U0MAX", "approuver 1.1", ROOM)
        assert "Ana" in refused, refused
        self.house.type("U0ANA", "approuver 1.1", ROOM)
        self.house.type("U0ANA", "publié 1.1 : sur le site", ROOM)
        (statement,) = self.house.ask("GET", f"incidents/{self.incident()['id']}/statements")
        assert [step["act"] for step in statement["steps"]] == ["drafted", "approved", "said"]
        return self._note("Ana approves the statement, and publishes it")

    def ana_sends_the_report(self) -> bool:
        """At eight."""
        if self.house.night.at < MIDNIGHT + 8 * HOUR:
            return False
        number = self.incident()["id"]
        self.house.ask("POST", f"incidents/{number}/verdict", verdict="fire")
        self.house.ask("POST", f"incidents/{number}/report/send", channel="direction", language="fr")
        return self._note("Ana sends the report")

    def did(self, what: str) -> bool:
        return any(said.startswith(what) for _, said in self.done)

    def when(self, what: str) -> datetime:
        return next(at for at, said in self.done if said.startswith(what))

    def written(self, sessions: db.Sessions) -> str:
        """The night as it went, for who wants to read it."""
        with sessions() as session:
            rows = session.scalars(select(Transition).order_by(Transition.id)).all()
        went = [(row.at, f"{row.reason.value}: {row.by} {row.note}") for row in rows]
        went += self.done
        went += [(at, f"{phone}'s phone rings") for at, phone, _ in self.gateway.rung]
        lines = [f"{at + HOUR:%H:%M}  {what}" for at, what in sorted(went)]
        lines += [f"{ROOM}  {'  ' * ('thread_ts' in m)}{m['text']}" for m in self.slack.channels[ROOM]]
        lines += [f"{mail['To']}  {mail['Subject']}" for mail in self.mails.mails]
        return "\n".join(lines)

    def hold(self, sessions: db.Sessions) -> None:
        """What must have come of it."""
        assert not self.house.night.people, "each has done their part"
        with sessions() as session:
            reasons = [(row.at, row.reason.value) for row in session.scalars(select(Transition))]
            told = [row.external_id for row in session.scalars(select(Delivery)) if row.external_id]
            assert session.scalars(select(Delivery.id).where(Delivery.due_at.is_not(None))).all() == []
        assert len(told) == len(set(told)), "nothing was told twice"
        lit, lapsed = (next(at for at, reason in reasons if reason == one) for one in ("ignited", "lapsed"))
        taken, carried = self.when("Léa takes it"), self.when("Ana takes it")
        rung = [at for at, _, _ in self.gateway.rung]
        assert lit < rung[0] <= lit + 4 * STEP, "who sleeps is called by phone"
        assert not [at for at in rung if taken < at < lapsed], "who has it is left alone"
        assert [at for at in rung if lapsed <= at <= carried], "what nothing followed is called for again"
        published = self.when("Ana approves")
        alone = [at for at in rung if carried < at < published + 2 * HOUR]
        assert not alone, "what she writes and says is a sign of life"
        assert carried - lapsed <= HOUR
        room = [m for m in self.slack.channels[ROOM] if "thread_ts" not in m and "Vélinor" in m["text"]]
        assert len(room) == 1, "one message for one fire, though Slack was down for an hour of it"
        assert room[0]["text"].startswith("FEU ÉTEINT"), room[0]["text"]
        blind = [m for m in self._mails("team") if SLACK_DOWN <= _date(m) <= SLACK_UP]
        assert blind, "while Slack is down the team is told by mail"
        board = self._mails("board")
        assert len(board) >= 4, "the board is told on the hour"
        (pdf,) = [
            part for part in board[-1].iter_attachments() if part.get_content_type() == "application/pdf"
        ]
        assert pdf.get_content().startswith(b"%PDF-")
        plain = board[-1].get_body(("plain",))
        assert plain is not None
        assert "Vélinor" in plain.get_content()

    def _mails(self, to: str) -> list[EmailMessage]:
        return [mail for mail in self.mails.mails if mail["To"] == f"{to}@brand.example"]


def _date(mail: EmailMessage) -> datetime:
    return parsedate_to_datetime(mail["Date"])
