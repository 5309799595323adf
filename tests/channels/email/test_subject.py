"""The subject of a mail: on the wire it is broken into lines, and nothing of it is lost there."""

from random import Random

from app.channels.base import Earlier
from tests.channels.email.test_transport import channel
from tests.channels.factory import NOW, alert
from tests.standins.mail import MailStandin

WORDS = ("été", "« mangez »", "mentions", "jusqu’ici", "·", "plain", "×15", "🔥", "Subject:")


def test_it_arrives_as_it_was_written_wherever_its_lines_are_broken() -> None:
    with MailStandin() as server:
        for seed in range(60):
            rng = Random(seed)
            watch = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 9)))
            channel(server).tell(alert(watch=watch, delivery_id=seed + 1), Earlier(), now=NOW)
            assert watch in server.mails[-1]["Subject"], seed
