"""The words of alerts, in the language and the time zone of their watch.

The sentences of the code and of the catalogue are templates: `{name}` is the place of a value, and what
stands between two `*` is bold. A template is read once; values are put into its places and never read.
"""

import gettext
import io
import re
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from app.channels.document import Inline, Instant, Run, Span, embolden, inline, merge

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def mark(message: str) -> str:
    """The message itself: says that it stands in a table and is to be translated."""
    return message


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = LOCALE / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()  # the message ids are the English sentences
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, bool], ...]:
    """(text, the name of the value after it, whether both are bold) of each piece of the template."""
    return tuple(
        (text, value, n % 2 == 1)
        for n, stretch in enumerate(template.split("*"))
        for text, value, _, _ in Formatter().parse(stretch)
    )


def _whole(n: float) -> int:
    return int(n) if n == int(n) else int(n) + 1  # 1.4 mentions are not one mention


def _filled(template: str, values: dict[str, str | Span | Inline]) -> Inline:
    spans: list[Span] = []
    for text, value, bold in _pieces(template):
        spans += [Run(text, bold)] if text else []
        if value is not None:
            spans += embolden(values[value]) if bold else inline(values[value])
    return merge(spans)


class Words:
    """Says things in one language and one time zone."""

    def __init__(self, language: str, time_zone: str) -> None:
        self._locale = Locale.parse(language)
        self._zone = ZoneInfo(time_zone)
        self._catalogue = _catalogue(language)

    @property
    def language(self) -> str:
        """The language, by its code."""
        return str(self._locale.language)

    @property
    def zone(self) -> str:
        """The time zone, by its name."""
        return self._zone.key

    def say(self, message: str, /, **values: str) -> str:
        """The message in this language, with the values in their places."""
        return self._catalogue.gettext(message).format(**values)

    def count(self, one: str, many: str, n: float, /, **values: str) -> str:
        """The message in the number that this language asks for; `{n}` is the number."""
        return self._catalogue.ngettext(one, many, _whole(n)).format(n=self.number(n), **values)

    def write(self, message: str, /, **values: str | Span | Inline) -> Inline:
        """The message in this language as spans: with its bold, its instants, and values in their places.

        >>> [(span.text, span.bold) for span in Words("en", "UTC").write("*Closed* by {who}", who="*Bob*")]
        [('Closed', True), (' by *Bob*', False)]
        """
        return _filled(self._catalogue.gettext(message), values)

    def write_count(self, one: str, many: str, n: float, /, **values: str | Span | Inline) -> Inline:
        """The same in the number that this language asks for; `{n}` is the number."""
        return _filled(self._catalogue.ngettext(one, many, _whole(n)), {"n": self.number(n), **values})

    def in_language(self, code: str) -> str:
        """“in Spanish”, of a language by its code; the code itself where it has no name here."""
        return self.say("in {language}", language=self._locale.languages.get(code, code))

    def number(self, value: float) -> str:
        """A number: one decimal below ten, none above.

        >>> Words("fr", "UTC").number(1912.4).replace(chr(0x202f), " ")
        '1 912'
        >>> Words("fr", "UTC").number(2.44)
        '2,4'
        """
        pattern = "#,##0.#" if abs(value) < 10 else "#,##0"
        return format_decimal(value, format=pattern, locale=self._locale)

    def exact(self, value: float) -> str:
        """A number that people set: up to two decimals.

        >>> Words("fr", "UTC").exact(0.25)
        '0,25'
        """
        return format_decimal(value, format="#,##0.##", locale=self._locale)

    def share(self, part: float, whole: float) -> str:
        """A part as a percentage; never 0 % or 100 % of what is neither."""
        if whole <= 0:
            return format_percent(0, locale=self._locale)
        share = min(max(part / whole, 0.0), 1.0)
        if 0 < share < 1:
            share = min(max(share, 0.01), 0.99)
        return format_percent(share, locale=self._locale)

    def all_of(self, names: list[str]) -> str:
        """The names as one speaks them: "a, b and c"."""
        return format_list(names, locale=self._locale)

    def one_of(self, names: list[str]) -> str:
        """The names as a choice: "a, b or c"."""
        return format_list(names, style="or", locale=self._locale)

    def span(self, duration: timedelta) -> str:
        """A duration in its two largest units.

        >>> Words("fr", "UTC").span(timedelta(days=2, hours=3, minutes=4)).replace(chr(0xA0), " ")
        '2 j 3 h'
        """
        minutes = max(0, round(duration / timedelta(minutes=1)))
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        if days:
            return self.say("{days} d {hours} h", days=str(days), hours=str(hours))
        if hours and minutes:
            return self.say("{hours} h {minutes} min", hours=str(hours), minutes=str(minutes))
        if hours:
            return self.say("{hours} h", hours=str(hours))
        return self.say("{minutes} min", minutes=str(minutes))

    def local(self, at: datetime) -> datetime:
        """The instant on the watch's clock."""
        return at.astimezone(self._zone)

    def clock(self, at: datetime, *, seen_from: datetime) -> str:
        """The time of day, with the day unless it is that of `seen_from`.

        >>> from datetime import UTC
        >>> at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
        >>> Words("en", "Europe/Paris").clock(at, seen_from=at)
        '00:30'
        >>> Words("en", "UTC").clock(at, seen_from=at + timedelta(days=1))
        '21 Nov 23:30'
        """
        local = self.local(at)
        pattern = "HH:mm" if local.date() == self.local(seen_from).date() else "d MMM HH:mm"
        return format_datetime(local, pattern, locale=self._locale)

    def date(self, at: datetime, *, seen_from: datetime) -> Instant:
        """The instant, with its day unless it is that of `seen_from`."""
        today = self.local(at).date() == self.local(seen_from).date()
        return self.instant(at, seen_from=seen_from, near=today)

    def instant(self, at: datetime, *, seen_from: datetime, near: bool) -> Instant:
        """The same; `near` says whether the time of day is enough."""
        zone = self.local(at).tzname() or ""
        return Instant(at, self.clock(at, seen_from=seen_from), zone, near)

    def day(self, at: datetime) -> str:
        """The day of the instant, with its year.

        >>> from datetime import UTC
        >>> Words("fr", "Europe/Paris").day(datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
        '22 novembre 2026'
        """
        return format_datetime(self.local(at), "d MMMM yyyy", locale=self._locale)

    def moment(self, at: datetime) -> str:
        """The instant with its day, for a table in which the year and the zone are clear.

        >>> from datetime import UTC
        >>> Words("en", "UTC").moment(datetime(2026, 11, 21, 9, 5, tzinfo=UTC))
        '21 Nov 09:05'
        """
        return format_datetime(self.local(at), "d MMM HH:mm", locale=self._locale)

    def rate(self, a_month: float) -> str:
        """So many false alarms a month, as one says it.

        >>> Words("en", "UTC").rate(0.25)
        'one false alarm in 4 months'
        >>> Words("en", "UTC").rate(4.35)
        '4.35 false alarms a month'
        """
        months = round(1 / a_month) if 0 < a_month < 1 else 0
        if months > 1 and abs(1 / a_month - months) < 0.05:
            return self.count("one false alarm in {n} month", "one false alarm in {n} months", months)
        exact = self.exact(a_month)
        return self.count(
            "{budget} false alarm a month", "{budget} false alarms a month", a_month, budget=exact
        )

    def month(self, period: str) -> str:
        """A month by its name.

        >>> Words("fr", "UTC").month("2026-11")
        'novembre 2026'
        """
        year, month = map(int, period.split("-")[:2])
        return format_skeleton("yMMMM", date(year, month, 1), locale=self._locale)

    def short_month(self, period: str) -> str:
        """A month by the beginning of its name, for an axis.

        >>> Words("fr", "UTC").short_month("2026-11")
        'nov.'
        """
        year, month = map(int, period.split("-")[:2])
        return format_datetime(datetime(year, month, 1), "LLL", locale=self._locale)  # noqa: DTZ001 - no instant

    def alerts_of(self, period: str) -> str:
        """What a bulletin of a month is about; French elides before a vowel.

        >>> Words("fr", "UTC").alerts_of("2026-10")
        'Alertes d’octobre 2026'
        """
        said = self.say("Alerts of {month}", month=self.month(period))
        return re.sub(r"\bde (?=[aeiouyh])", "d’", said) if self._locale.language == "fr" else said

    def labels(self, instants: list[datetime]) -> list[str]:
        """Short labels of a time axis, no two alike even in the hour that a change of clock repeats."""
        local = [self.local(at) for at in instants]
        days = bool(local) and local[-1] - local[0] > _DAY - _HOUR
        pattern = "d MMM HH:mm" if days else "HH:mm"
        labels = [format_datetime(at, pattern, locale=self._locale) for at in local]
        if len(set(labels)) < len(labels):
            labels = [f"{label}{at.strftime('%z')}" for label, at in zip(labels, local, strict=True)]
        return labels
