"""What somebody says in Slack of a post that is shown: it is not about the watch."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.admin import relevance
from app.channels.slack.mrkdwn import named
from app.channels.wording.words import Words
from app.errors import BadInput, NotFound
from app.models import Incident, Relation
from app.reading.relevance import LEAST_EACH


def not_about(
    session: Session, incident: Incident, post_id: int, words: Words, *, by: str, now: datetime
) -> str:
    """Label the post, and say how many labels there are by now; whose label it is stands in the audit log."""
    watch = named(incident.watch.name)
    known = session.get(Relation, (incident.watch_id, post_id))
    if known is not None and not known.about:
        return words.say("{who} said so already: it is not about {watch}.", who=named(known.by), watch=watch)
    try:
        relevance.relate(session, incident.watch_id, post_id, about=False, by=by, now=now)
    except NotFound:
        return words.say("That post is not there any more.")
    except BadInput:
        return words.say("There are enough labels: more teach nothing.")
    session.flush()
    labels = relevance.count(session, incident.watch_id)
    noted = words.say("Noted: it is not about {watch}.", watch=watch)
    counted = words.say(
        "Labels so far: {noise} not about it, {about} about it; it takes {least} of each.",
        noise=words.number(labels.noise),
        about=words.number(labels.about),
        least=words.number(LEAST_EACH),
    )
    if min(labels.noise, labels.about) < LEAST_EACH:
        return f"{noted} {counted}"
    learn = words.say(
        "An admin lets Tocsin learn from them with: {command}",
        command=f"`tocsin relevance {incident.watch_id} --learn`",
    )
    return f"{noted} {learn}"
