"""What the posts of an incident say, and who says it; what people look at already stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import CompoundSelect, bindparam, func, select
from sqlalchemy.orm import Session

from app.channels.facts import Facts, Picture, Repeated, Sample, Says, Tipping, Topic, Voice, Voices
from app.models import IncidentKind, Mention, Post, Source, Watch
from app.pipeline.incidents.accounts import known_accounts
from app.pipeline.incidents.pictures import prints_of, shared_picture
from app.pipeline.incidents.said_before import ANY_BRAND, UsualShares, said_before
from app.pipeline.incidents.tally import MINE, Mine
from app.pipeline.ingest.match import taught
from app.reading import pictures, semantic
from app.reading.amplification import AuthoredText, amplified
from app.reading.glance import Glance, Toned, glance_of, toned
from app.reading.language import spoken
from app.reading.novelty import new_words
from app.reading.own_words import own_words, without
from app.reading.query import parse
from app.reading.samples import Choice, Text, choose
from app.reading.topics import DatedText, topics
from app.reading.voices import Voiced, voices

_EVENLY = 800  # posts read for what is said and by whom, evenly over the incident
_EVENLY_OF_NEWEST = 400  # of one of which only the newest are read: the older ones were read before
_OF_EACH, _LATEST = 20, 100  # of the first, most relayed and most followed ones; of the latest
NOW, LEAST_NOW = timedelta(hours=3), 5  # what a long incident is now, its first day does not say
_MEANT = 40  # posts that the slow reading by meaning looks at, where it is installed
PRESS = frozenset(("gdelt", "google_news", "rss"))  # kinds of sources

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PostAnalysis:
    """What the posts say."""

    samples: tuple[Sample, ...]
    new_words: tuple[str, ...]
    topics: tuple[Topic, ...]
    voices: Voices | None
    copies: float  # part of the posts that repeat others
    pushed: float = 0.0  # part that repeats in a way that honest people do not
    repeated: tuple[Repeated, ...] = ()
    picture: Picture | None = None
    kind: IncidentKind = IncidentKind.fire
    kind_because: tuple[Tipping, ...] = ()
    seen: Glance | None = None  # of its newest posts, to judge the kind anew by
    usual: UsualShares = ANY_BRAND

    @classmethod
    def of(cls, known: Facts) -> "PostAnalysis":
        """What was read when `known` was told."""
        copies = known.amplified / max(1, known.mentions)
        return cls(
            known.samples,
            known.new_words,
            known.topics,
            known.voices,
            copies,
            repeated=known.repeated,
            picture=known.picture,
            kind=known.kind,
            kind_because=known.kind_because,
        )


@dataclass(frozen=True, slots=True)
class _Named:
    """A post, and where it is from."""

    post: Post
    source: str
    kind: str

    @property
    def said(self) -> str:
        return f"{self.post.title} {self.post.text}".strip()

    @property
    def relayed(self) -> int:
        return (self.post.shares or 0) + (self.post.replies or 0)


def analyse_posts(session: Session, watch: Watch, mine: Mine, shown: Sequence[Sample] = ()) -> PostAnalysis:
    """Read the posts of the incident; what is `shown` already stays, as far as it is still there."""
    named = _posts(session, mine, [sample.post_id for sample in shown])
    texts = [one.said for one in named]
    amplification = amplified(
        [
            AuthoredText(one.post.author, one.post.published_at, text, one.post.url)
            for one, text in zip(named, texts, strict=True)
        ]
    )
    shared = pictures.same([prints_of(one.post.extra) for one in named])
    group, organic = pictures.folded(amplification.group, amplification.organic, shared)
    tone = _by_meaning(tone_for(watch, texts, [one.post.lang for one in named]))
    before, terms = said_before(session, watch.id, mine.began), _terms(watch)
    about = topics(
        [DatedText(f"{one.post.title} · {one.post.text}", one.post.published_at) for one in named],
        before.texts,
        leave_out=terms,
    )
    chosen = choose(
        [_text(one) for one in named],
        group,
        topics=[topic.posts for topic in about],
        organic=organic,
        negative=tone.likely[:, 0],
        shown=[(sample.post_id, sample.why) for sample in shown],
    )
    return PostAnalysis(
        samples=_samples(named, chosen, tone),
        new_words=new_words(texts, before.texts, leave_out=terms),
        topics=tuple(Topic(words=t.words, share=t.share, slope=t.slope) for t in about),
        voices=_voices(session, mine, named, group),
        copies=1.0 - float(organic.mean()) if named else 0.0,
        pushed=float(amplification.pushed.mean()) if named else 0.0,
        repeated=tuple(
            Repeated(kind=p.kind, posts=p.posts, accounts=p.accounts, seconds=p.seconds)
            for p in amplification.patterns[:3]
        ),
        picture=shared_picture([one.source for one in named], shared),
        seen=glance_of(tone.only(_newest(named, mine))),
        usual=before.shares(
            glance_of(tone_for(watch, before.texts, before.languages)), about[0].words if about else ()
        ),
    )


def _posts(session: Session, mine: Mine, also: Sequence[int]) -> list[_Named]:
    """Enough to choose from: some of all, the first, the loudest and the latest, and `also` these."""
    every_post = (
        select(Post, Source.name, Source.kind)
        .join(Mention, Mention.post_id == Post.id)
        .join(Source, Source.id == Post.source_id)
    )
    query = every_post.where(*MINE)
    whole = every_post.where(
        Mention.watch_id == bindparam("watch"),
        Mention.at >= bindparam("began"),
        Mention.at < bindparam("at"),
    )
    params = mine.params
    counted = session.execute(select(func.count()).where(*MINE), params).scalar_one()
    found: dict[int, _Named] = {}
    every = counted // (_EVENLY if mine.since == mine.began else _EVENLY_OF_NEWEST) + 1
    for some in (
        query.where(Mention.post_id % bindparam("every") == 0),
        # By the bucket first, which an index gives: of ten days no more is read than of one.
        whole.order_by(Mention.at, Post.published_at, Post.id).limit(_OF_EACH),
        every_post.where(Mention.watch_id == bindparam("watch"), Post.id.in_(_LOUDEST)),
        query.order_by(Mention.at.desc(), Post.published_at.desc(), Post.id.desc()).limit(_LATEST),
        every_post.where(Mention.watch_id == bindparam("watch"), Mention.post_id.in_(also)),
    )[: 1 if every == 1 else None]:
        rows = session.execute(some, {**params, "every": every})
        found |= {post.id: _Named(post, source, kind) for post, source, kind in rows}
    return sorted(found.values(), key=lambda one: (one.post.published_at, one.post.id))


def _loudest() -> CompoundSelect[tuple[int]]:
    """The most relayed and the most followed ones, of one look at all: joining the posts takes the time."""
    all_of_them = (
        select(
            Post.id,
            (func.coalesce(Post.shares, 0) + func.coalesce(Post.replies, 0)).label("relayed"),
            func.coalesce(Post.followers, 0).label("followed"),
        )
        .join(Mention, Mention.post_id == Post.id)
        .where(*MINE)
        .cte("all_of_them")
        .prefix_with("MATERIALIZED")
    )
    by_relays, by_followers = (
        select(all_of_them.c.id).order_by(loud.desc(), all_of_them.c.id).limit(_OF_EACH).subquery()
        for loud in (all_of_them.c.relayed, all_of_them.c.followed)
    )
    return select(by_relays.c.id).union(select(by_followers.c.id))


_LOUDEST = _loudest()


def _newest(named: Sequence[_Named], mine: Mine) -> list[int]:
    """Which posts say what kind of stir it is now: those of the last hours, if they are not too few."""
    newest = [i for i, one in enumerate(named) if one.post.bucket_at >= mine.at - NOW]
    return newest if len(newest) >= LEAST_NOW else list(range(len(named)))


def tone_for(watch: Watch, texts: Sequence[str], languages: Sequence[str | None]) -> Toned:
    """The posts as they sound to the watch: its own names say nothing, and its team has the last word."""
    names = own_words(parse(watch.query).asked, watch.name)
    heard = [without(names, text) for text in texts] if names else texts
    return toned(heard, languages).taught(taught(watch))


def _terms(watch: Watch) -> list[str]:
    return list(parse(watch.query).asked)


def _by_meaning(tone: Toned) -> Toned:
    """The tone, of some posts by their meaning where that reading is installed."""
    if not semantic.installed() or not tone.texts:
        return tone
    rows = np.unique(np.linspace(0, len(tone.texts) - 1, min(_MEANT, len(tone.texts))).astype(int))
    likely = tone.likely.copy()
    likely[rows] = semantic.judge([tone.texts[row] for row in rows], likely[rows])
    return Toned(tone.texts, likely)


def _voices(session: Session, mine: Mine, named: Sequence[_Named], group: Ints) -> Voices | None:
    if not named:
        return None
    _, first = np.unique(group, return_index=True)  # the posts are in order of time
    said_first = set(first.tolist())
    posts = [
        Voiced(
            one.post.author,
            one.post.published_at,
            one.post.followers or 0,
            relays=i not in said_first,
            press=one.kind in PRESS,
        )
        for i, one in enumerate(named)
    ]
    heard_voices = voices(
        posts, known_accounts(session, mine, sorted({post.author for post in posts if post.author}))
    )
    return Voices(
        signed=heard_voices.signed,
        accounts=heard_voices.accounts,
        new=heard_voices.new,
        relaying=heard_voices.relaying,
        press=heard_voices.press,
        posts=len(named),
        leading=tuple(
            Voice(name=v.name, posts=v.posts, followers=v.followers, known=v.known, relays=v.relays)
            for v in heard_voices.leading
        ),
    )


def _text(one: _Named) -> Text:
    post = one.post
    return Text(post.id, post.author, one.said, post.published_at, one.relayed, post.followers or 0)


def _samples(named: Sequence[_Named], choices: Sequence[Choice], tone: Toned) -> tuple[Sample, ...]:
    rows = {one.post.id: row for row, one in enumerate(named)}
    chosen = [rows[choice.post_id] for choice in choices]
    seen = glance_of(tone.only(chosen))
    return tuple(
        _sample(named[row], choice, _says(seen, place))
        for place, (row, choice) in enumerate(zip(chosen, choices, strict=True))
    )


def _says(seen: Glance, row: int) -> Says:
    """What the post is like; that it is harm tells more than that it is negative."""
    of_harm = seen.harm[row] and not seen.negative[row]
    kinds: tuple[tuple[Says, bool], ...] = (
        ("harm", bool(of_harm)), ("negative", bool(seen.negative[row])), ("launch", bool(seen.launch[row])),
        ("feast", bool(seen.feast[row])), ("positive", bool(seen.positive[row])),
    )  # fmt: skip
    return next((kind for kind, holds in kinds if holds), "")


def _sample(one: _Named, choice: Choice, says: Says) -> Sample:
    post = one.post
    return Sample(
        post_id=post.id,
        source=one.source,
        author=post.author,
        title=post.title,
        text=post.text,
        url=post.url,
        lang=post.lang,
        published_at=post.published_at,
        why=choice.why,
        alike=choice.alike,
        spoken=spoken(one.said, post.lang) or "",
        says=says,
    )
