"""What waits for the steps that mostly have nothing to do: asked for all of them in one statement.

A step says by an expression whether there may be something for it, and looks for itself only if there may.
Expressions know these instants and words, which `Waiting` binds: `now`; `clock`, the time of an attempt to
tell; `afternoon`, of probes; `probed`, kinds of channel.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.db import Sessions, is_gone, only_read
from app.logs import log


def asked_of(expressions: Mapping[str, ColumnElement[bool]]) -> Select[Any]:
    """The statement that asks for all, by the names of their steps."""
    columns: Any = [expression.label(name) for name, expression in expressions.items()]
    return select(*columns)


class Waiting:
    """What waits in one pass: looked up when a step first asks, and then added to."""

    def __init__(
        self, sessions: Sessions, asked: Select[Any], bound: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._sessions, self._asked, self._bound = sessions, asked, bound
        self._known: Mapping[str, bool] | None = None
        self._made: set[str] = set()

    def for_step(self, name: str) -> bool:
        """Whether there may be something to do; what is not known is looked for by the step itself."""
        if self._known is None:
            self._known = self._look()
        return name in self._made or bool(self._known.get(name, True))

    def expect(self, name: str) -> None:
        """Something was done that may be work for that step."""
        self._made.add(name)

    def _look(self) -> Mapping[str, bool]:
        try:
            with self._sessions() as session:
                only_read(session)
                row = session.execute(self._asked, dict(self._bound())).one()
        except Exception as error:
            if is_gone(error):
                raise
            # One of the steps cannot look: that keeps none of the others from it.
            log().error("not known what waits", exc_info=error)
            return {}
        return dict(row._mapping)  # noqa: SLF001 - its public name, whatever it looks like
