"""A test message to a channel, for who wants to know whether it arrives."""

from datetime import datetime

from app.admin.change import get_or_404, record
from app.channels.base import Earlier
from app.channels.notices import Trial, known_language
from app.db import Sessions
from app.models import Channel
from app.pipeline.delivery.failover import note_success
from app.pipeline.delivery.messages import DeliveryContext, first_zone


def send_test(
    sessions: Sessions, context: DeliveryContext, channel_id: int, *, by: str, now: datetime
) -> str:
    """Send it past the queue, and say where it went; a ChannelError says why it did not arrive, and the mend.

    One that is switched off is tried as well: whoever sets it up tries it first.
    """
    with sessions() as session:
        channel = get_or_404(session, Channel, channel_id)
        zone = str(first_zone(session))
    language = known_language(channel.language, context.language)
    trial = Trial(channel=channel.name, by=by, at=now, language=language, time_zone=zone)
    context.open(channel).say(trial, Earlier(), now=now)
    with sessions.begin() as session:
        told = get_or_404(session, Channel, channel_id)
        if told.broken_since or told.failing_since:
            note_success(told, now=now)
        record(session, told, "test", before=None, after={"name": told.name}, by=by, now=now)
    return f"a test message went to “{channel.name}” ({channel.kind}): see that it arrived"
