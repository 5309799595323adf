"""Previews that are played behind a page, one at a time, so that the page can say how far each has come."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from app.api.preview import alone
from app.errors import AppError
from app.pipeline.simulation.compare import Preview

_KEPT = 32
Key = tuple[object, ...]
Play = Callable[[Callable[[float], None]], Preview]  # is told whom to tell the part that is done


@dataclass
class Playing:
    """A preview that was asked for."""

    part: float = 0.0  # that is done
    future: "Future[Preview]" = field(default_factory=Future)

    @property
    def is_over(self) -> bool:
        """Whether there is a preview, or a reason why there is none."""
        return self.future.done()

    def outcome(self) -> tuple[Preview | None, str]:
        """(the preview, why there is none) of one that is over; what nobody foresaw is raised."""
        try:
            return self.future.result(), ""
        except AppError as error:
            return None, str(error)


class Previews:
    """Those of this process: whoever asks for the same one again gets what is there."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._playing: dict[Key, Playing] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="preview")

    def ask(self, key: Key, play: Play) -> Playing:
        """The preview of that key, which begins to be played unless it is there."""
        with self._lock:
            known = self._playing.get(key)
            if known is not None:
                return known
            over = [one for one, playing in self._playing.items() if playing.is_over]
            for old in over[: max(0, len(self._playing) - _KEPT + 1)]:
                del self._playing[old]
            playing = self._playing[key] = Playing()
            self._pool.submit(_played, playing, play)
            return playing

    def close(self) -> None:
        """Play none of those that wait; one under way is not waited for, as it changes nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _played(playing: Playing, play: Play) -> None:
    def came(part: float) -> None:
        playing.part = part

    try:
        with alone():
            playing.future.set_result(play(came))
    except BaseException as error:  # noqa: BLE001 - whoever looks is told, whatever it is
        playing.future.set_exception(error)
