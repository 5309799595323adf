"""A fortnight of shifts as a picture: a row for each person, a bar for each turn, a gap where nobody is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from app.channels.text import cut, line
from app.channels.wording.words import Words
from app.pipeline.oncall.rota import Shift

_WIDTH, _LEFT, _ROW, _TOP = 720, 130, 26, 22
_DAY = timedelta(days=1)


def draw_shifts(
    shifts: Sequence[Shift], names: Mapping[int, str], words: Words, *, since: datetime, until: datetime
) -> Markup:
    """The picture as SVG; the table beside it says the same, so it is hidden from those who hear pages."""
    rows = list(dict.fromkeys(person for shift in shifts for person in shift.people))
    gap = len(rows) if any(not shift.people for shift in shifts) else None
    height = _TOP + _ROW * (len(rows) + (gap is not None)) + 4

    def x(at: datetime) -> float:
        return _LEFT + (_WIDTH - _LEFT) * ((at - since) / (until - since))

    head = Markup('<svg class="shifts" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">')
    edge = Markup('<line class="day" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>')
    label = Markup('<text{} x="{}" y="{}">{}</text>')
    drawn = [head.format(_WIDTH, height)]
    day = words.local(since).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    while day < until:
        at = x(day)
        drawn.append(edge.format(f"{at:.1f}", _TOP - 4, height))
        if day.toordinal() % 2:
            drawn.append(label.format("", f"{at + 3:.1f}", 14, words.moment(day).rsplit(" ", 1)[0]))
        day += _DAY  # on the clock of the wall: also where it is set by an hour
    for n, person in enumerate(rows):
        drawn.append(label.format("", 0, _TOP + n * _ROW + 17, cut(line(names[person]), 16)))
    if gap is not None:
        hollow = Markup(' class="gap"')
        drawn.append(label.format(hollow, 0, _TOP + gap * _ROW + 17, words.say("nobody")))
    bar = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>')
    for shift in shifts:
        left, wide = x(shift.since), max(2.0, x(shift.until) - x(shift.since) - 1)
        for place, person in enumerate(shift.people):
            top, kind = _TOP + rows.index(person) * _ROW, "first" if place == 0 else "next"
            drawn.append(bar.format(kind, f"{left:.1f}", top + 3, f"{wide:.1f}", _ROW - 8))
        if not shift.people and gap is not None:
            drawn.append(bar.format("gap", f"{left:.1f}", _TOP + gap * _ROW + 3, f"{wide:.1f}", _ROW - 8))
    drawn.append(Markup("</svg>"))
    return Markup("").join(drawn)
