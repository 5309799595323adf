"""The dialog that asks until when an incident is to keep quiet."""

import json
from datetime import datetime, timedelta
from typing import Any

from app.channels.slack.buttons import PREFIX
from app.channels.slack.parts import plain_text
from app.channels.wording.words import Words

_HOUR = timedelta(hours=1)


def snooze_view(incident_id: int, channel: str, words: Words, *, now: datetime) -> dict[str, Any]:
    """A modal with one time to choose, two hours ahead on the full hour to begin with."""
    ahead = (now + 2 * _HOUR).replace(minute=0, second=0, microsecond=0)
    picker = {
        "type": "datetimepicker",
        "action_id": "v",
        "initial_date_time": int(ahead.timestamp()),
    }
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}snooze",
        "private_metadata": json.dumps({"incident": incident_id, "channel": channel}),
        "title": plain_text(words.say("Snooze")),
        "submit": plain_text(words.say("Snooze")),
        "close": plain_text(words.say("Cancel")),
        "blocks": [
            {"type": "input", "block_id": "until", "label": plain_text(words.say("Until")), "element": picker}
        ],
    }
