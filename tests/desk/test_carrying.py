"""A team that carries a crisis from Slack: what is typed stands in the log, and the answer says so."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.admin import statement_templates
from app.admin.crisis_specs import StatementTemplateSpec
from app.models import AuditEntry, LogEntry, LogKind, LogState, StatementStep
from app.runtime import Runtime
from tests.desk.conftest import NOW, Door
from tests.desk.test_typed import said

LINES = [
    # What is typed, and the kind, text and state that the log then has.
    ("log 1 décision : on répond à midi", LogKind.decision, "on répond à midi", LogState.noted),
    ("decision 1: we answer by 12:30", LogKind.decision, "we answer by 12:30", LogState.noted),
    ("journal 1 dit : à l'AFP : enquête", LogKind.said, "à l'AFP : enquête", LogState.noted),
    ("vérifier : lot 4417 rappelé", LogKind.fact, "lot 4417 rappelé", LogState.open),
    ("tâche 1 léa avant 14h : appeler le labo", LogKind.task, "appeler le labo", LogState.open),
    ("task for MAX: post", LogKind.task, "post", LogState.open),
]


@pytest.mark.usefixtures("fire")
def test_what_is_typed_stands_in_the_log(door: Door, runtime: Runtime) -> None:
    for typed, *_ in LINES:
        assert "Nimbus" in said(door, "U0LEA", typed)
    with runtime.sessions() as session:
        rows = session.scalars(select(LogEntry).order_by(LogEntry.id)).all()
        assert [(row.kind, row.text, row.state) for row in rows] == [tuple(line[1:]) for line in LINES]
        assert {row.by for row in rows} == {"Léa"}
        task = rows[4]
        assert (task.owner, task.due_at) == ("Léa", datetime(2026, 11, 22, 14, tzinfo=UTC))
        assert rows[5].owner == "Max"
        audited = session.scalars(select(AuditEntry).where(AuditEntry.subject == "log_entry")).all()
    assert len(audited) == len(LINES)
    assert not any("midi" in str(entry.after) for entry in audited), "the audit log does not say what it says"
    assert "*Confirmé* · lot 4417 rappelé" in said(door, "U0MAX", "confirmé 4")
    assert "*Fait* · appeler le labo · pour Léa, par Max" in said(door, "U0MAX", "fini 5")
    shown = said(door, "U0LEA", "journal 1")
    assert shown.count("\n") == len(LINES) - 1
    assert (
        f"*1* · <!date^{int(NOW.timestamp())}^{{time}}|09:30 UTC> · *Décision* · on répond à midi · Léa"
        in shown
    )
    assert "*À faire* · post · pour Max, Léa" in shown


@pytest.mark.usefixtures("fire")
def test_of_what_is_doubtful_nothing_is_written_and_the_answer_says_why(door: Door, runtime: Runtime) -> None:
    said(door, "U0LEA", "décision 1 : on attend")
    for user, typed, told in (
        ("U0LEA", "décision 1", "n’a pas été compris"),
        ("U0LEA", "décision pas 1 : on attend", "«\u00a0pas\u00a0» n’a pas été compris"),
        ("U0LEA", "journal 1 : on attend", "n’a pas été compris"),
        (
            "U0LEA",
            "tâche 1 Ivan : appeler",
            "lequel est «\u00a0ivan\u00a0»\u00a0? Il y a\u00a0: Léa, Max et Zoé",
        ),
        ("U0LEA", "fini 1", "ce qui est décidé ou dit reste tel quel"),
        ("U0LEA", "fini 9", "pas de ligne 9"),
        ("U0LEA", "décision 9 : on attend", "n’a pas été annoncé"),
        ("U0ZOE", "décision 1 : on attend", "U0ZOE"),
        ("U0WHO", "journal 1", "U0WHO"),
    ):
        assert told in said(door, user, typed), typed
    with runtime.sessions() as session:
        assert session.scalars(select(LogEntry.text)).all() == ["on attend"]
    assert "n’a pas été annoncé" in said(door, "U0LEA", "fini 1", channel="C0OTHER")


@pytest.mark.usefixtures("fire")
def test_what_the_team_writes_stays_text(door: Door) -> None:
    told = said(door, "U0LEA", "décision 1 : <!channel> *gras* <http://x|ici> & @here")
    assert "&lt;!channel&gt; ∗gras∗ &lt;http://x|ici&gt; &amp; @\u2060here" in told


@pytest.mark.usefixtures("fire")
def test_a_statement_is_drafted_reworded_approved_and_published_by_people(
    door: Door, runtime: Runtime
) -> None:
    assert "pas encore de modèle" in said(door, "U0LEA", "projet 1 rappel")
    with runtime.sessions.begin() as session:
        for name in ("rappel de lot", "autre"):
            spec = StatementTemplateSpec(
                name=name, texts={"fr": "Depuis {since} : {what}."}, approvers=["Léa"]
            )
            statement_templates.create(session, spec, by="t", now=NOW)
    drafted = said(door, "U0MAX", "projet 1 rappel")
    assert "*Communiqué 1.1* · rappel de lot · pas encore approuvé\n> Depuis " in drafted
    assert "À approuver par Léa, avec `/tocsin approuver 1.1`" in drafted
    for user, typed, told in (
        ("U0MAX", "projet 1", "lequel est"),
        ("U0MAX", "approuver 1.1", "il revient à Léa de l’approuver"),
        ("U0LEA", "approuver 1", "quelle version\u00a0? Voici la dernière.\n*Communiqué 1.1*"),
        ("U0LEA", "publié 1.1 : site", "personne n’a encore approuvé cette version"),
        ("U0LEA", "approuver 7.1", "pas de communiqué 7"),
        ("U0ZOE", "approuver 1.1", "U0ZOE"),
        ("U0LEA", "approuver 1.1", "approuvé par Léa"),
        ("U0LEA", "approuver 1.1", "vous l’avez déjà approuvé"),
        (
            "U0MAX",
            "reformuler 1.1 : Nous <!channel> enquêtons.",
            "pas encore approuvé\n> Nous &lt;!channel&gt;",
        ),
        ("U0LEA", "approuver 1.1", "le texte a changé depuis"),
        ("U0LEA", "approuver 1.2", "C’est à vous de le publier, Tocsin ne publie rien"),
        ("U0MAX", "publié 1.2 : site et X", "publié par Max\u00a0: site et X"),
        ("U0MAX", "communiqués 1", "*Communiqué 1.2* · rappel de lot · publié par Max"),
    ):
        assert told in said(door, user, typed), typed
    with runtime.sessions() as session:
        acts = session.scalars(select(StatementStep.act).order_by(StatementStep.id)).all()
    assert acts == ["drafted", "approved", "edited", "approved", "said"]
