"""A channel that dies: who stands in knows what burns, a person is told, and a probe finds it by day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app.admin import channels
from app.db import Sessions
from app.models import Channel, Notice, VerdictWord
from app.pipeline.delivery.outages import TOLD_FROM
from app.pipeline.incidents import respond
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.delivery.conftest import Add, subjects, until
from tests.pipeline.street import Street
from tests.standins.mail import MailStandin
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import http, says

MINUTE = timedelta(minutes=1)
Told = Callable[..., Street]


def fires(mail: MailStandin) -> list[str]:
    """The subjects of what is told of fires, in the mailbox."""
    return [one for one in subjects(mail) if "slack" not in one]


def outages(mail: MailStandin) -> list[str]:
    return [one.replace("\xa0", " ") for one in subjects(mail) if "slack" in one]


def bodies(mail: MailStandin) -> str:
    found = [one.get_body(("plain",)) for one in mail.mails]
    return " ".join(body.get_content() for body in found if body is not None).replace("\xa0", " ")


def break_slack(life: Street) -> None:
    """Slack refuses what people press, so the next try is soon."""
    with life.sessions.begin() as session:
        respond.acknowledge(session, life.incidents()[0].id, by="Camille", now=life.clock.at)


def test_who_stands_in_gets_a_fire_that_slack_was_told_of_before_it_died_once_and_what_follows(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]}, language="en")
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    assert (len(slack.messages()), mail.mails) == (1, [])
    slack.fail(says("is_archived"), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + 5 * MINUTE)
    (first,) = fires(mail)
    assert "Vélinor" in first
    assert first.startswith("FIRE"), "in full, as who reads there knows nothing of it"
    assert "Told here because “slack” cannot be told." in bodies(mail)
    life.live(life.clock.at + 30 * MINUTE)
    assert len(fires(mail)) == 1, "once"
    until(life, "contained")
    until(life, "went_out")
    assert bodies(mail).count("Out after ") == 1
    assert len(set(fires(mail))) == 2, "one subject for a story: what follows is an answer to it"
    assert (
        len(
            {
                str(one["References"] or one["Message-ID"])
                for one in mail.mails
                if "slack" not in one["Subject"]
            }
        )
        == 1
    )


def test_a_fire_that_is_over_when_slack_dies_is_no_news(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    until(life, "went_out")
    slack.fail(says("is_archived"), times=1000, method="*")
    with life.sessions.begin() as session:
        respond.judge(
            session, life.incidents()[0].id, verdict=VerdictWord.fire, by="Camille", now=life.clock.at
        )
    life.live(life.clock.at + 15 * MINUTE)
    assert fires(mail) == []
    assert len(outages(mail)) == 1


def test_a_fire_that_somebody_snoozed_is_told_there_when_the_snooze_ends(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(says("is_archived"), times=1000, method="*")
    until_at = life.clock.at + 15 * MINUTE
    with life.sessions.begin() as session:
        respond.snooze(session, life.incidents()[0].id, until=until_at, by="Camille", now=life.clock.at)
    life.live(until_at - 5 * MINUTE)
    assert fires(mail) == []
    life.live(until_at + 5 * MINUTE)
    assert len(fires(mail)) == 1


def test_people_are_told_once_that_a_channel_cannot_be_told_and_once_that_it_works_again(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]}, language="en")
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(says("is_archived"), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + HOUR)
    (broken,) = outages(mail)
    assert broken.startswith("“slack” cannot be told since")
    assert "the channel is archived: un-archive it, or give another" in bodies(mail), "what is to be done"
    assert "What it would be told is told here meanwhile." in bodies(mail)
    slack._failures.clear()
    life.live(life.clock.at + HOUR)
    assert [one.split("*")[0][:28] for one in outages(mail)][1:] == ["“slack” can be told again, a"]
    life.live(life.clock.at + HOUR)
    assert len(outages(mail)) == 2
    assert not [m for m in slack.messages() if "slack" in m["text"]], "Slack is not told of itself"


def test_a_blip_is_no_outage_and_ten_minutes_are_one(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(http(503), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + 5 * MINUTE)
    assert outages(mail) == []
    life.live(life.clock.at + TOLD_FROM)
    assert len(outages(mail)) == 1
    assert "503" in bodies(mail)


def test_where_nobody_stands_in_another_channel_is_told_that_it_is_broken(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("board", from_level=9, language="fr")
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(says("channel_not_found"), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + 5 * MINUTE)
    assert fires(mail) == [], "it takes no such fires, and stands in for nobody"
    (broken,) = outages(mail)
    assert broken.startswith("« slack » ne répond plus depuis")
    assert "Aucun canal ne prend le relais" in bodies(mail)


def test_where_there_is_no_other_channel_it_is_told_nowhere_and_only_noted(
    told: Told, slack: SlackStandin, sessions: Sessions
) -> None:
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(says("is_archived"), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + 15 * MINUTE)
    with sessions() as session:
        assert session.scalars(select(Notice)).all() == []
        channel = session.scalars(select(Channel)).one()
        assert (channel.told_since, "archived" in channel.broken_why) == (channel.broken_since, True)


def test_a_channel_that_was_only_edited_is_not_said_to_work(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin, sessions: Sessions
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    until(life, "ignited")
    slack.fail(says("is_archived"), times=1000, method="*")
    break_slack(life)
    life.live(life.clock.at + 5 * MINUTE)
    with sessions.begin() as session:
        channels.mended(session, session.scalars(select(Channel.id).where(Channel.name == "slack")).one())
    life.live(life.clock.at + 30 * MINUTE)
    assert len(outages(mail)) == 1


def probing(life: Street) -> Street:
    life.chain = replace(life.chain, delivery=replace(life.chain.delivery, probed=frozenset({"slack"})))
    return life


def test_a_quiet_slack_that_was_archived_is_found_in_the_afternoon_and_told_of(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]}, language="en")
    life = probing(told())
    afternoon = life.clock.at.replace(hour=15, minute=0)  # 16:00 in Paris
    life.clock.at = afternoon - 10 * MINUTE
    life.live(afternoon - 5 * MINUTE)
    slack.requests.clear()
    slack.archived.add("C0ALERTS")
    life.live(afternoon + 10 * MINUTE)
    (broken,) = outages(mail)
    assert broken.startswith("“slack” cannot be told since")
    assert "un-archive it" in bodies(mail)
    slack.archived.clear()
    life.live(afternoon + 2 * HOUR)
    assert len(slack.calls("conversations.info")) == 2, "asked again once an hour"
    assert [one[:27] for one in outages(mail)][1:] == ["“slack” can be told again, "]
    life.live(afternoon + 4 * HOUR)
    assert len(slack.calls("conversations.info")) == 2, "one that works is asked once a day"
    assert slack.messages() == [], "nobody is bothered"


def test_one_probe_that_fails_by_chance_is_no_news(
    told: Told, add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = probing(told())
    life.clock.at = life.clock.at.replace(hour=15, minute=0)
    slack.fail(http(503), method="auth.test")
    life.live(life.clock.at + HOUR)
    assert len(slack.calls("auth.test")) == 2
    assert mail.mails == []
