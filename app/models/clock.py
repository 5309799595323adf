"""How far time had come at the newest pass of the chain."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class ClockMark(Base):
    """One row: the instant of the newest pass, by which the next one sees that the clock was moved.

    No other column of any table says it: a source that is not heard and a watch that is not judged stand
    still as well.
    """

    __tablename__ = "clock_mark"
    id: Mapped[int] = mapped_column(primary_key=True)  # 1
    passed_at: Mapped[datetime]  # instant of the newest pass, by the clock that it had
    pause_seconds: Mapped[float | None]  # from the pass before it; empty: there was none
    jumped_at: Mapped[datetime | None]  # when the last jump was noticed
    jumped_seconds: Mapped[float | None]  # how far: negative, the clock was set back; else no pass was made
