"""A brand that is listened to, and the chain that tells of it in a Slack on loopback."""

from datetime import timedelta

from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.clock import step_start
from app.db import Sessions
from app.models import Channel, Policy, Source, Watch
from app.pipeline import Chain
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.incidents.follow import Following
from app.pipeline.ingest.collect import IngestContext
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.retain import Sweeping
from app.pipeline.scoring.detect import ScoringEngine
from detectors import FireDetector
from tests.pipeline.brand import START
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin

NEVER = timedelta(days=3650)


def chain_told_to(slack: SlackStandin, clock: StillClock) -> Chain:
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)

    def opened(channel: Channel) -> SlackChannel:
        web = open_web(slack.token, slack.url, timeout=HANG)
        where = channel.settings.get("channel", "C0ALERTS")
        return SlackChannel(web, where, pace, on_call=channel.settings.get("on_call", ()))

    return Chain(
        IngestContext(Matchers(), lambda _source: None, NEVER),
        Following(ScoringEngine(FireDetector())),
        DeliveryContext(opened, "fr", lambda _incident: None),
        sweeping=Sweeping(every=timedelta(days=1)),  # nothing is as old as NEVER
    )


def settle(sessions: Sessions) -> int:
    """A watch, a source that posts are brought to, and a Slack channel; the id of the source."""
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        policy = Policy(name="default", remind_minutes=0, **stamps)  # reminders have tests of their own
        source = Source(
            name="forum",
            kind="push",
            settings={},
            health_since=START,
            heard_until=step_start(START),
            **stamps,
        )
        watch = Watch(
            name="Vélinor",
            query={"any_of": ["Vélinor"]},
            languages=[],
            policy=policy,
            time_zone="Europe/Paris",
            **stamps,
        )
        session.add_all([policy, source, watch, Channel(name="slack", kind="slack", settings={}, **stamps)])
        session.flush()
        return source.id
