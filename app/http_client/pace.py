"""One pace for each host and credential: not more often than it allows, and not while it wants to rest."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from threading import Lock

import httpx

from app.backoff import HOSTS, wait_after
from app.errors import NotYet
from app.http_client.limits import LIMITS, QUOTAS, Limit, Quota, day_of, fits, next_day

_BEHIND = timedelta(minutes=30)  # no run takes so long: the clock was set back
_KEPT = timedelta(days=31)  # what was used of quotas
_SPARED = 20  # of a quota, one part in so many may be used for what is no part of listening
BREAK_AFTER = 5  # failures of a host in a row, of whichever source
_SECRET_HEADERS = ("authorization", "api-key", "x-api-key", "apikey")
_SECRET_PARAMS = ("key", "access_token", "api_key", "token")

Key = tuple[str, str]  # host, and a digest of what opens it
Used = tuple[str, str, str]  # quota, digest, day


class Paces:
    """What was asked of whom, and who wants to be left alone; safe for many threads."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._monotonic = monotonic
        self._at, self._read_at = datetime.min.replace(tzinfo=UTC), monotonic()
        self._calls: dict[tuple[str, str, int], deque[datetime]] = defaultdict(deque)
        self._rests: dict[Key, datetime] = {}
        self._failed: dict[str, int] = defaultdict(int)
        self._used: dict[Used, int] = defaultdict(int)  # of the newest days
        self._unsaved: dict[Used, int] = defaultdict(int)
        self._spared: dict[Used, int] = defaultdict(int)  # of what was used, not for listening

    def go(self, url: httpx.URL, headers: Mapping[str, str], *, now: datetime, spare: bool = False) -> Key:
        """Count a call; NotYet, with the time to wait, if it may not be made now.

        `spare`: it is no part of listening, and leaves half of each pace and most of each quota to that.
        """
        key = (url.host, credential(url, headers))
        with self._lock:
            now = self._time(now)
            rest = max(self._rests.get(key, now), self._rests.get((url.host, "*"), now))
            if rest > now:
                raise NotYet(f"{url.host} asked to be left alone, or is out of order.", rest - now)
            windows = []
            for place, limit in enumerate(LIMITS):
                if fits(limit.host, limit.path, url.host, url.path):
                    calls = self._calls[url.host, key[1], place]
                    while calls and now - calls[0] >= 2 * limit.per:
                        calls.popleft()
                    most, per = _half(limit) if spare else (limit.calls, limit.per)
                    if len(calls) >= most and now - calls[-most] < per:
                        free = calls[-most] + per
                        raise NotYet(f"{url.host} is asked as often as it allows already.", free - now)
                    windows.append(calls)
            counted = list(_quotas(url))
            for quota in counted:
                used = (quota.name, key[1], day_of(quota, now))
                gone = self._used.get(used, 0) >= quota.calls
                if gone or (spare and self._spared[used] >= quota.calls // _SPARED):
                    raise NotYet(
                        f"the {quota.calls:,} {quota.name} of today are used up"
                        f"{'' if gone else ', but for those that listening needs'}.",
                        next_day(quota, now) - now,
                    )
            for calls in windows:
                calls.append(now)
            for quota in counted:
                used = (quota.name, key[1], day_of(quota, now))
                if used not in self._used:
                    self._forget_days_before(used)
                self._used[used] += 1
                self._spared[used] += spare
                self._unsaved[used] += 1
        return key

    def rest(self, key: Key, wait: timedelta, *, now: datetime) -> None:
        """Nobody asks this host, with this credential, before the wait is over."""
        with self._lock:
            at = self._time(now)
            self._rests = {other: until for other, until in self._rests.items() if until > at}
            self._rests[key] = max(at + wait, self._rests.get(key, at))

    def answered(self, host: str, *, good: bool, now: datetime) -> None:
        """Count failures in a row; a host that goes on failing is left alone by all, longer each time."""
        with self._lock:
            if good:
                self._failed.pop(host, None)
                return
            self._failed[host] += 1
            over = self._failed[host] - BREAK_AFTER
            if over >= 0:
                self._rests[host, "*"] = self._time(now) + wait_after(HOSTS, over + 1)

    def used(self) -> list[tuple[Used, int]]:
        """What was used of quotas since this was last asked, to be kept."""
        with self._lock:
            unsaved = list(self._unsaved.items())
            self._unsaved.clear()
        return unsaved

    def remember(self, used: Iterable[tuple[Used, int]]) -> None:
        """What was used before this process began."""
        with self._lock:
            for key, calls in used:
                self._used[key] += calls

    def _forget_days_before(self, used: Used) -> None:
        """Forget what was used so long ago that no clock is set back to it."""
        last = (date.fromisoformat(used[2]) - _KEPT).isoformat()
        for old in [one for one in self._used if one[2] < last]:
            del self._used[old]
            self._spared.pop(old, None)

    def _time(self, now: datetime) -> datetime:
        # `now` stands still during a run; what the run itself takes counts, too.
        here = self._monotonic()
        running = self._at + timedelta(seconds=here - self._read_at) if self._at.year > 1 else now
        if running - now > _BEHIND:
            self._set_back(running - now)
            running = now
        self._at, self._read_at = max(running, now), here
        return self._at

    def _set_back(self, by: timedelta) -> None:
        """Keep all waits as long as they are, on a clock that was set back."""
        self._rests = {key: until - by for key, until in self._rests.items()}
        for calls in self._calls.values():
            calls.extend([calls.popleft() - by for _ in range(len(calls))])


def digest_of(secret: str) -> str:
    """The digest of a secret as calls that hold nothing else are counted under."""
    return sha256(secret.encode(errors="replace")).hexdigest()[:12] if secret else ""


def credential(url: httpx.URL, headers: Mapping[str, str]) -> str:
    """A digest of what opens the door; empty where nothing does."""
    given = [value for name, value in headers.items() if name.lower() in _SECRET_HEADERS]
    given += [url.params[name] for name in _SECRET_PARAMS if name in url.params]
    return digest_of("\n".join(given))


def _half(limit: Limit) -> tuple[int, timedelta]:
    """Half of the pace that the limit allows: (calls, in which time)."""
    return (limit.calls // 2, limit.per) if limit.calls > 1 else (1, 2 * limit.per)


def _quotas(url: httpx.URL) -> Iterator[Quota]:
    for quota in QUOTAS:
        lifted = quota.unless and quota.unless in url.params
        missing = quota.only_with and quota.only_with not in url.params
        if fits(quota.host, quota.path, url.host, url.path) and not lifted and not missing:
            yield quota
