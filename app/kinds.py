"""Kinds of incident and what speaks for each: words that the reading, the tables and the channels share."""

from enum import StrEnum


class IncidentKind(StrEnum):
    """What the posts make of an incident."""

    fire = "fire"
    buzz = "buzz"
    amplified = "amplified"
    planned = "planned"
    artefact = "artefact"


class KindTerm(StrEnum):
    """What speaks for a fire, or against one."""

    volume_alone = "volume_alone"
    unexplained = "unexplained"
    harm = "harm"
    no_harm = "no_harm"
    more_negative = "more_negative"
    less_negative = "less_negative"
    launch = "launch"
    feast = "feast"
    praise = "praise"
    planned = "planned"
    copies = "copies"
    one_account = "one_account"
    everywhere = "everywhere"
    swing = "swing"
    sources_agree = "sources_agree"
    few_voices = "few_voices"
    one_topic = "one_topic"
