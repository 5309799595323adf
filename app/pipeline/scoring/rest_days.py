"""Public holidays of a watch's country: days on which people post as on a Sunday."""

from datetime import date, datetime
from functools import lru_cache

import holidays

from app.logs import log

_EPOCH = date(1970, 1, 1).toordinal()
_NONE: frozenset[int] = frozenset()


def rest_days(country: str, since: datetime, until: datetime) -> frozenset[int]:
    """Public holidays of the years from `since` to `until`, as days since 1970; none without a country.

    `country`: ISO 3166, with or without a part of it: FR, DE-BY.
    """
    if not country:
        return _NONE
    # A year more on each side: at New Year the local day lies in another one, and live hours run on.
    return _of_years(country, since.year - 1, until.year + 1)


@lru_cache(maxsize=1024)
def _of_years(country: str, first: int, last: int) -> frozenset[int]:
    code, _, part = country.partition("-")
    try:
        found = holidays.country_holidays(code, subdiv=part or None, years=range(first, last + 1))
    except NotImplementedError:
        # Checked when it was set, but an update of the library may have dropped or renamed it since. The
        # watch must go on ringing, with its Sundays alone; who runs the service is told.
        log().warning("holidays not known any more, none count", country=country)
        return _NONE
    return frozenset(day.toordinal() - _EPOCH for day in found)


def known(country: str) -> bool:
    """Whether the holidays of a country, or of a part of it, are known."""
    code, _, part = country.partition("-")
    countries = holidays.list_supported_countries()
    return code in countries and (not part or part in countries[code])
