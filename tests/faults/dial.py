"""The face of a clock that several processes see without asking for it."""

import mmap
import os
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from tests.standins.patience import HANG

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Dial:
    """Shows an instant, in eight bytes of a file; `hang` it before others look at it."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 8)

    @classmethod
    def hang(cls, file: Path, at: datetime) -> "Dial":
        """A new one."""
        file.write_bytes(bytes(8))
        dial = cls(file)
        dial.show(at)
        return dial

    def show(self, at: datetime) -> None:
        self._bytes[:8] = ((at - _EPOCH) // _MICROSECOND).to_bytes(8, "little")

    def read(self) -> datetime:
        return _EPOCH + int.from_bytes(self._bytes[:8], "little") * _MICROSECOND


class Clock:
    """The world's, as a service sees it: on the dial, and moved over one connection that stays open."""

    def __init__(self, world: str) -> None:
        address = urlsplit(world)
        assert address.hostname is not None
        self._line = HTTPConnection(address.hostname, address.port, timeout=HANG)
        self._one_at_a_time = Lock()
        self.now = Dial(Path(os.environ["CLOCK"])).read

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self._ask(f"/sleep/{seconds:.6f}")

    def passed(self) -> None:
        """A pass is over: nothing can be told now."""
        self._ask("/passed")

    def _ask(self, path: str) -> None:
        with self._one_at_a_time:
            self._line.request("GET", path)
            self._line.getresponse().read()
