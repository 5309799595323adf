"""The chart of an alert: what was observed against what is usual, point by point."""

from itertools import pairwise

from app.channels.base import Alert
from app.channels.document import Chart, Series
from app.channels.wording.sentences import is_unknown
from app.channels.wording.words import Words

_POINTS = 20


def chart_of(alert: Alert, words: Words) -> tuple[Chart | None, int]:
    """(the chart, or None below two points; how many points are left out as they were not observed)."""
    points = alert.facts.points[-_POINTS:]
    heard = [point for point in points if point.observed is not None]
    if len(heard) < 2:
        return None, 0
    steps = {after.at - before.at for before, after in pairwise(points)}
    title = words.say("Mentions")
    if len(steps) == 1:
        title = words.say("Mentions in {span}", span=words.span(steps.pop()))
    usual, highest = words.say("usual"), words.say("highest usual")
    if is_unknown(alert.facts):
        usual, highest = words.say("usual: not known yet"), words.say("an emergency watch rings from here on")
    chart = Chart(
        title=title,
        unit=words.say("mentions"),
        labels=tuple(words.labels([point.at for point in heard])),
        zone=words.local(alert.at).tzname() or alert.time_zone,
        observed=_series(words.say("observed"), [point.observed for point in heard]),
        usual=_series(usual, [point.expected for point in heard]),
        highest=_series(highest, [point.high for point in heard]),
    )
    return chart, len(points) - len(heard)


def _series(name: str, values: list[float | None] | list[float]) -> Series:
    return Series(name, tuple(round(value or 0, 1) for value in values))
