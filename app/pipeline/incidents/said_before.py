"""What was said of a watch before an incident: what the incident's posts are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Mention, Post
from app.reading.folding import fold
from app.reading.glance import Glance
from app.reading.kind import FEAST_USUAL, HARM_USUAL, LAUNCH_USUAL
from app.reading.novelty import LEAST_USUAL

_READ = 400  # posts from before the onset
_PRIOR = 20  # posts for which it counts what is usual of any brand


@dataclass(frozen=True, slots=True)
class UsualShares:
    """Of what was said of the watch before the onset; where little is known of it, as of any brand."""

    harm: float = HARM_USUAL
    launch: float = LAUNCH_USUAL
    praise: float = 0.0  # less blame
    topic: float = 0.0  # of the largest topic of now
    feast: float = FEAST_USUAL


ANY_BRAND = UsualShares()


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """The newest posts from before the onset, with the languages that their sources gave."""

    texts: tuple[str, ...]
    languages: tuple[str | None, ...]

    def shares(self, seen: Glance, topic: Sequence[str]) -> UsualShares:
        """What of it is usual; `seen` is the glance at these posts, `topic` the words of what is said now."""
        read = len(self.texts)
        n = read + _PRIOR
        harm, launch, feast = seen.parts
        said = [fold(word) for word in topic] if read >= LEAST_USUAL else []
        holds = [any(word in text for word in said) for text in map(fold, self.texts)]
        return UsualShares(
            harm=(harm + _PRIOR * HARM_USUAL) / n,
            launch=(launch + _PRIOR * LAUNCH_USUAL) / n,
            feast=(feast + _PRIOR * FEAST_USUAL) / n,
            praise=(int(seen.positive.sum()) - int(seen.negative.sum())) / n,
            topic=sum(holds) / max(1, read),
        )


def said_before(session: Session, watch_id: int, began: datetime) -> SaidBefore:
    """The posts of the watch from before its incident began."""
    query = (
        select(Post.title, Post.text, Post.lang)
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.watch_id == watch_id, Mention.at < began)
        .order_by(Mention.at.desc(), Post.id)
        .limit(_READ)
    )
    rows = session.execute(query).all()
    return SaidBefore(tuple(f"{title} {text}".strip() for title, text, _ in rows), tuple(r[2] for r in rows))
