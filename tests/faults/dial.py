"""The face of a clock that several processes see without asking for it."""

import mmap
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
