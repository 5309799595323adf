"""What kind of stir an incident is: a table of rules that prints what each of its terms says. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from app.kinds import IncidentKind, KindTerm

# What each term adds to "it is a fire", each share against what is usual of this watch. Stories of crises and
# of harmless storms, told again in the streets of other brands at like volumes, say where nought lies: there
# five of six harmless ones keep quiet, and no fire that rings by its volume. Terms by a third larger or
# smaller make little difference.
_VOLUME_ALONE = 0.5
_HARM, _NO_HARM = 4.0, 6.0
_LAUNCH = 3.0
_FEAST = 3.0
_PRAISE = 2.0
_RISEN = 0.75  # the tone is worse than on the watch's usual days, beyond what its days differ
_PLANNED = 0.75
# What is so large that no launch, no feast and no praise accounts for it is a fire, whatever the words are:
# what rings for nothing costs a look, what keeps silent costs the brand.
_UNEXPLAINED = 2.0
_LARGE, _HUGE = 1.5, 2.5  # times the threshold: from the first on it begins to count, from the second in full
_EXPLAINED = 0.35  # part of the posts that launch, feast and praise must make to explain it whole
HARM_USUAL, LAUNCH_USUAL, FEAST_USUAL = 0.2, 0.1, 0.05  # parts of what is said of any brand
# They tell a crowd from a corner, not a fire from a launch: enough to tip what is in the balance.
_AGREE, _FEW, _ONE_TOPIC = 0.25, 0.5, 0.25
_TIPPING = frozenset((KindTerm.sources_agree, KindTerm.one_topic))
_LEAST_SIGNED, _FEW_VOICES = 6, 0.34  # posts that tell whose they are, and accounts for each of these
_COMMON = 0.3  # part of the posts that speak of one thing that is not usual
_PRIOR = 4.0  # posts that count as usual ones: three angry posts are no mood yet
# The second key: these terms say by themselves that it is a fire, before the volume does, so more is asked.
_BY_THEMSELVES = frozenset((
    KindTerm.volume_alone, KindTerm.harm, KindTerm.no_harm, KindTerm.launch, KindTerm.feast,
    KindTerm.praise, KindTerm.few_voices, KindTerm.planned,
))  # fmt: skip
# What they must come to, of so many posts; also what speaks of a fire must, where it was taken for none.
_TURNS, _LEAST_READ = 0.35, 3

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
    beyond: float = 1.0  # its score, in thresholds
    usual_harm: float = HARM_USUAL  # part of the posts before that tell of harm
    usual_launch: float = LAUNCH_USUAL  # of a launch
    usual_praise: float = 0.0  # that praise, less those that blame
    usual_common: float = 0.0  # part of the posts before that speak of that one thing
    feast: int = 0  # posts that tell of a match, a show or a calendar day, and of no harm done
    usual_feast: float = FEAST_USUAL  # part of the posts before
    kept_quiet: bool = False  # it crossed the threshold and was taken for no fire until now


@dataclass(frozen=True, slots=True)
class Judgement:
    """The kind, and what speaks for it: each term with what it adds to "it is a fire"."""

    kind: IncidentKind
    score: float  # what the terms come to, above nought: a fire
    terms: tuple[tuple[KindTerm, float], ...]
    second_key: bool = False  # what is said is that of a fire, whatever the volume is


def kind_of(evidence: Evidence) -> Judgement:
    """The kind of an incident.

    First what proves its volume worthless: that all watches are up with all that the source brings, in the
    usual words and tone; that mostly one account or copies are heard, and what is left would not ring. Then
    the sum of the terms: a fire above nought, else a planned event if one was told, else buzz. What was taken
    for no fire becomes one by what is said or by its size, never by what merely tells a crowd from a corner.
    """
    e = evidence
    if all_up(e.others, e.others_up) and e.swings and not _speaks(e):
        proof = ((KindTerm.everywhere, -1.0), (KindTerm.swing, -1.0))
        return Judgement(IncidentKind.artefact, 0.0, proof)
    if e.loudest >= _MOSTLY and e.mentions >= _LEAST_LOUD and not e.others_ring:
        return Judgement(IncidentKind.amplified, 0.0, ((KindTerm.one_account, -1.0),))
    if e.amplified >= _MOSTLY and not e.rings_alone:
        return Judgement(IncidentKind.amplified, 0.0, ((KindTerm.copies, -1.0),))
    terms = _terms(e)
    score = round(sum(value for _, value in terms), 2)
    firm = sum(value for term, value in terms if term not in _TIPPING)
    if score > 0 and (firm >= _TURNS or not e.kept_quiet):
        return Judgement(IncidentKind.fire, score, terms, second_key=turns(e, terms))
    return Judgement(IncidentKind.planned if e.planned else IncidentKind.buzz, score, terms)


def turns(e: Evidence, terms: Iterable[tuple[KindTerm, float]] | None = None) -> bool:
    """Whether what is said is that of a fire by itself: the second key, were it of the kind."""
    said = sum(value for term, value in terms or _terms(e) if term in _BY_THEMSELVES)
    return e.read >= _LEAST_READ and said >= _TURNS


def all_up(others: int, up: int) -> bool:
    """Whether most of the other watches of the same sources are up at the same time."""
    return others >= _LEAST_OTHERS and up >= _ALL_UP * others


def _speaks(e: Evidence) -> bool:
    """Whether tone, harm or one new thing speak for a fire, whatever the volume is worth."""
    more = e.harm - e.usual_harm * e.read
    chance = sqrt(e.usual_harm * (1 - e.usual_harm) * e.read)
    harmful = _HARM * more >= _TELLS * (e.read + _PRIOR) and more >= _SPREADS * chance
    return e.risen or e.common - e.usual_common >= _COMMON or harmful


def _unexplained(e: Evidence) -> float:
    """What speaks for a fire where nothing was read, or where it is large and nobody launches or praises."""
    if not e.read:
        return _UNEXPLAINED
    explained = (e.launch + e.feast + e.positive) / (e.read * _EXPLAINED)
    large = min(1.0, max(0.0, (e.beyond - _LARGE) / (_HUGE - _LARGE)))
    return _UNEXPLAINED * large * max(0.0, 1 - explained)


def _terms(e: Evidence) -> tuple[tuple[KindTerm, float], ...]:
    n = e.read + _PRIOR
    more = (e.harm + _PRIOR * e.usual_harm) / n - e.usual_harm
    harm = (_HARM if more > 0 else _NO_HARM) * more
    found: list[tuple[KindTerm, float]] = [
        (KindTerm.volume_alone, -_VOLUME_ALONE),
        (KindTerm.unexplained, _unexplained(e)),
        (KindTerm.harm if harm > 0 else KindTerm.no_harm, harm),
        (KindTerm.launch, -_LAUNCH * max(0.0, e.launch - e.usual_launch * e.read) / n),
        (KindTerm.feast, -_FEAST * max(0.0, e.feast - e.usual_feast * e.read) / n),
        (KindTerm.praise, -_PRAISE * max(0.0, e.positive - e.negative - e.usual_praise * e.read) / n),
    ]
    if e.risen:
        found.append((KindTerm.more_negative, _RISEN))
    if e.agree > 1:
        found.append((KindTerm.sources_agree, _AGREE))
    if e.signed >= _LEAST_SIGNED and e.accounts <= _FEW_VOICES * e.signed:
        found.append((KindTerm.few_voices, -_FEW))
    if e.common >= _COMMON:
        found.append((KindTerm.one_topic, _ONE_TOPIC))
    if e.planned:
        found.append((KindTerm.planned, -_PLANNED))
    return tuple((term, round(value, 2)) for term, value in found if abs(value) >= 0.05)
