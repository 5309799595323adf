"""What kind of stir an incident is: a table of rules that prints what each of its terms says. Pure."""

from dataclasses import dataclass
from math import sqrt

from app.kinds import IncidentKind, KindTerm

# What each term adds to "it is a fire", in the unit of one unexplained excess. An excess that nobody explains
# is a fire: what rings for nothing costs a look, what keeps silent costs the brand.
_UNEXPLAINED = 1.0
_HARM, _NO_HARM, _HARM_USUAL = (
    4.0,
    6.0,
    0.2,
)  # a fifth of what is said of a brand is bad anyway
_LAUNCH = 3.0
_PRAISE = 2.0
_CHANGED = 1.0  # the tone is not that of the watch's usual days
_PLANNED = 0.75
# They tell a crowd from a corner, not a fire from a launch: enough to tip what is in the balance.
_AGREE, _FEW, _ONE_TOPIC = 0.25, 0.5, 0.25
_LEAST_SIGNED, _FEW_VOICES = 6, 0.34  # posts that tell whose they are, and accounts for each of these
_COMMON = 0.3  # part of the posts that speak of one thing that is not usual
_PRIOR = 4.0  # posts that count as usual ones: three angry posts are no mood yet

_MOSTLY, _LEAST_LOUD = 0.6, 5  # of the posts; one post has always one author
_LEAST_OTHERS, _ALL_UP = 3, 0.6  # other watches, and the part of them that is up at the same time
_TELLS, _SPREADS = 0.5, 4.0  # of harm, over what is usual: so much speaks for a fire, beyond so much chance


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beside the volume; posts since the onset, as far as they were read."""

    read: int
    harm: int  # posts that tell of harm, or are negative
    launch: int  # posts that tell of a launch, and of no harm
    positive: int
    negative: int
    risen: bool = False  # the negative share is well above that of usual days
    fallen: bool = False  # well below
    planned: bool = False  # a planned event that was told
    amplified: float = 0.0  # part of the mentions that is pushed: repeated as honest people do not
    rings_alone: bool = True  # what is left without it would have crossed the threshold as well
    others_ring: bool = False  # what the others wrote would have, without the one account
    loudest: float = 0.0  # part of the mentions that one account wrote
    mentions: int = 0  # all that were counted
    agree: int = 1  # sources that each bring a tenth of it or more
    signed: int = 0  # posts that tell whose they are
    accounts: int = 0  # that wrote these
    common: float = (
        0.0  # part of the posts that speak of the one thing that most speak of, and usually do not
    )
    others: int = 0  # other watches that share its sources
    others_up: int = 0  # of these, how many are up at the same time
    swings: bool = False  # its sources bring as much more of everything, also of what no watch asks for
    usual_harm: float | None = None  # part of the posts before that tell of harm; None: as of any brand
    usual_common: float = 0.0  # part of the posts before that speak of that one thing


@dataclass(frozen=True, slots=True)
class Judgement:
    """The kind, and what speaks for it: each term with what it adds to "it is a fire"."""

    kind: IncidentKind
    score: float  # above nought: a fire
    terms: tuple[tuple[KindTerm, float], ...]


def kind_of(evidence: Evidence) -> Judgement:
    """The kind of an incident.

    First what proves its volume worthless: that all watches are up with all that the source brings, in the
    usual words and tone; that mostly one account or copies are heard, and what is left would not ring. Then
    the sum of the terms: a fire above nought, else a planned event if one was told, else buzz.
    """
    e = evidence
    if all_up(e.others, e.others_up) and e.swings and not _speaks(e):
        proof = ((KindTerm.everywhere, -_UNEXPLAINED), (KindTerm.swing, -_UNEXPLAINED))
        return Judgement(IncidentKind.artefact, 0.0, proof)
    if e.loudest >= _MOSTLY and e.mentions >= _LEAST_LOUD and not e.others_ring:
        return Judgement(IncidentKind.amplified, 0.0, ((KindTerm.one_account, -_UNEXPLAINED),))
    if e.amplified >= _MOSTLY and not e.rings_alone:
        return Judgement(IncidentKind.amplified, 0.0, ((KindTerm.copies, -_UNEXPLAINED),))
    terms = _terms(e)
    score = sum(value for _, value in terms)
    if score > 0:
        return Judgement(IncidentKind.fire, score, terms)
    return Judgement(IncidentKind.planned if e.planned else IncidentKind.buzz, score, terms)


def all_up(others: int, up: int) -> bool:
    """Whether most of the other watches of the same sources are up at the same time."""
    return others >= _LEAST_OTHERS and up >= _ALL_UP * others


def _speaks(e: Evidence) -> bool:
    """Whether tone, harm or one new thing speak for a fire, whatever the volume is worth."""
    usual = _HARM_USUAL if e.usual_harm is None else e.usual_harm
    more = e.harm - usual * e.read
    chance = sqrt(usual * (1 - usual) * e.read)
    harmful = _HARM * more >= _TELLS * (e.read + _PRIOR) and more >= _SPREADS * chance
    return e.risen or e.common - e.usual_common >= _COMMON or harmful


def _terms(e: Evidence) -> tuple[tuple[KindTerm, float], ...]:
    n = e.read + _PRIOR
    more = (e.harm + _PRIOR * _HARM_USUAL) / n - _HARM_USUAL
    harm = (_HARM if more > 0 else _NO_HARM) * more
    found: list[tuple[KindTerm, float]] = [
        (KindTerm.unexplained, _UNEXPLAINED),
        (KindTerm.harm if harm > 0 else KindTerm.no_harm, harm),
        (KindTerm.launch, -_LAUNCH * e.launch / n),
        (KindTerm.praise, -_PRAISE * max(0, e.positive - e.negative) / n),
    ]
    if e.risen:
        found.append((KindTerm.more_negative, _CHANGED))
    if e.fallen:
        found.append((KindTerm.less_negative, -_CHANGED))
    if e.agree > 1:
        found.append((KindTerm.sources_agree, _AGREE))
    if e.signed >= _LEAST_SIGNED and e.accounts <= _FEW_VOICES * e.signed:
        found.append((KindTerm.few_voices, -_FEW))
    if e.common >= _COMMON:
        found.append((KindTerm.one_topic, _ONE_TOPIC))
    if e.planned:
        found.append((KindTerm.planned, -_PLANNED))
    return tuple((term, round(value, 2)) for term, value in found if abs(value) >= 0.05)
