"""Dates of feeds: read as they are meant, in the languages of their readers, or not at all."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime as rfc822
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import given
from hypothesis import strategies as st

from app.sources.toolkit.date_words import HOMES
from app.sources.toolkit.dates import Order, order_of, read_date

READ = {
    # as the standards want it
    "Tue, 24 Nov 2026 08:05:09 GMT": "2026-11-24 08:05:09",
    "24 Nov 2026 08:05 +0130": "2026-11-24 06:35",
    "Tuesday, 24-Nov-26 08:05:09 GMT": "2026-11-24 08:05:09",
    "2026-11-24T08:05:09Z": "2026-11-24 08:05:09",
    "2026-11-24T08:05:09.25+01:00": "2026-11-24 07:05:09",
    "20261124T080509Z": "2026-11-24 08:05:09",
    # with zones that the standards do not know
    "Tue, 24 Nov 2026 08:05:00 CET": "2026-11-24 07:05",
    "Fri, 24 Jul 2026 08:05:00 MESZ": "2026-07-24 06:05",
    "Tue, 24 Nov 2026 08:05:00 AEDT": "2026-11-23 21:05",
    "Tue, 24 Nov 2026 08:05:00 America/New_York": "2026-11-24 13:05",
    "Tue, 24 Nov 2026 08:05:00 GMT+2": "2026-11-24 06:05",
    "Tue, 24 Nov 2026 08:05:00 UTC-3:30": "2026-11-24 11:35",
    "Tue, 24 Nov 2026 08:05:00 +01": "2026-11-24 07:05",
    "2026-11-24 08:05:00 +0100 CET": "2026-11-24 07:05",
    "2026-11-24T08:05:00\N{MINUS SIGN}05:00": "2026-11-24 13:05",
    "Tue Nov 24 08:05:00 CET 2026": "2026-11-24 07:05",
    "Tue Nov 24 2026 08:05:00 GMT+0100 (Central European Time)": "2026-11-24 07:05",
    # by the clock of half a day
    "Tue, 24 Nov 2026 12:05 AM": "2026-11-24 00:05",
    "Tue, Nov 24 2026 12:05 PM": "2026-11-24 12:05",
    "Nov 24, 2026 5pm": "2026-11-24 17:00",
    "24 de marzo de 2026, 5:06 p. m.": "2026-03-24 16:06",
    "Tue, 24 Nov 2026 24:00:00 GMT": "2026-11-25 00:00",
    # in numbers
    "2026/5/9 14:33:00": "2026-05-09 14:33",
    "2026.11.24 08:05": "2026-11-24 08:05",
    "24-11-2026 08:05:00": "2026-11-24 08:05",
    "24/11/26 18h30": "2026-11-24 18:30",
    "9.5.2026 08:05": "2026-05-09 08:05",
    "09/05/2026 08:05 AM": "2026-05-09 08:05",
    "1795507509": "2026-11-24 08:05:09",
    "1795507509000": "2026-11-24 08:05:09",
    # in words; what names no zone is at the clock of those who speak so
    "mar., 24 nov. 2026 09:05:09 +0100": "2026-11-24 08:05:09",
    "Mardi, 24 Novembre, 2026 - 09:05": "2026-11-24 08:05",
    "samedi 1er août 2026 à 8 h": "2026-08-01 06:00",
    "lun., 22 fevr. 2027 21:17:57 +0100": "2027-02-22 20:17:57",
    "dom, 24 mag 2026 09:05": "2026-05-24 07:05",
    "Dienstag, 24. März 2026, 10.30 Uhr": "2026-03-24 09:30",
    "tor 3 dec 2026 kl. 15:00": "2026-12-03 14:00",
    "Fri,25 Sep 2026 01:03:34 GMT": "2026-09-25 01:03:34",
    "Sunday, November 29th 2026, 3:04 pm": "2026-11-29 15:04",
}  # fmt: skip

DAYS = {
    "2026-11-24": "2026-11-24",
    "20261124": "2026-11-24",
    "24 novembre 2026": "2026-11-24",
    "November 24, 2026": "2026-11-24",
    "Tue, 24 Nov 2026 08:05:00 QQQ": "2026-11-24",  # nobody knows that zone
}  # fmt: skip

UNREAD = (
    "", "   ", "NaN", "soon", "hier à 12h", "il y a 3 heures", "3 hours ago", "2026-W12", "1/2/3", "12:30",
    "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +0000", "0", "-1", "12345", "1" * 40,
    "2026-02-30", "30/02/2026", "Tue, 24 Nov 2026 25:00:00 GMT", "Tue, 24 Nov 2026 08:61:00 GMT",
    "Posted on 24 Nov 2026", "24 Nov", "Nov 2026", "24 Nov 26 Dec 2026", "9999-12-31T23:59:59-12:00", "٢٤",
)  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), READ.items())
def test_a_date_is_the_instant_that_is_meant(text: str, meant: str) -> None:
    found = read_date(text)
    assert found is not None
    assert (found.at, found.precision) == (datetime.fromisoformat(meant).replace(tzinfo=UTC), "exact")


@pytest.mark.parametrize(("text", "meant"), DAYS.items())
def test_what_says_no_more_than_the_day_is_a_day(text: str, meant: str) -> None:
    found = read_date(text)
    assert found is not None
    assert (found.at, found.precision) == (datetime.fromisoformat(meant).replace(tzinfo=UTC), "day")


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_no_date_or_absurd_is_not_read(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("texts", "language", "order"),
    [
        (["02/11/2026", "23/11/2026 10:00"], "en", "day first"),
        (["02/11/2026", "11/23/2026 10:00"], "fr", "month first"),
        (["02/11/2026"], "fr", "day first"),
        (["02/11/2026"], None, "day first"),
        (["02/11/2026"], "en-US", "month first"),
        (["02/11/2026"], "en-GB", "day first"),
        (["02/11/2026"], "en", None),  # half of those who write English mean the one, and half the other
        (["11/23/2026", "23/11/2026"], "fr", None),
    ],
)
def test_how_a_feed_writes_its_numbers_is_seen_in_all_of_them(
    texts: list[str], language: str | None, order: Order | None
) -> None:
    assert order_of(texts, language) == order


def test_what_could_be_two_days_is_not_read_where_nobody_knows() -> None:
    assert read_date("02/11/2026 08:05", order=None) is None
    assert read_date("02/11/2026 08:05 AM", order=None) is None
    clear = read_date("02/02/2026 08:05", order=None)
    assert clear is not None
    assert clear.at == datetime(2026, 2, 2, 8, 5, tzinfo=UTC)


def test_abroad_the_clock_is_another() -> None:
    found = read_date("24 novembre 2026 09:05", language="fr-CA")
    assert found is not None
    assert found.at == datetime(2026, 11, 24, 14, 5, tzinfo=UTC)


minutes = st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001 - zones are put on below
    lambda at: at.replace(second=0, microsecond=0)
)


@given(minutes, st.integers(-11, 12))
def test_what_the_standards_write_is_read(at: datetime, hours: int) -> None:
    zoned = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    for text in (rfc822(zoned), zoned.isoformat(), zoned.strftime("%Y%m%dT%H%M%S%z")):
        found = read_date(text)
        assert found is not None, text
        assert found.at == zoned


@given(minutes, st.sampled_from([language for language in HOMES if language not in {"hu", "fi", "cs"}]))
def test_long_dates_of_each_language_are_read_by_its_clock(at: datetime, language: str) -> None:
    text = format_datetime(at, "d MMMM y HH:mm", locale=language)
    found = read_date(text, language=language)
    assert found is not None, text
    here = at.replace(tzinfo=ZoneInfo(HOMES[language]))
    in_utc = at.replace(tzinfo=UTC)  # where the month has the name that it has in English
    assert found.at in {here.astimezone(UTC), in_utc}, text


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = read_date(text)
    assert found is None or 1990 <= (found.at + timedelta(days=1)).year <= 2201
