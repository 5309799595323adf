"""`tocsin duty`, as a user runs it, and what `check` says of rotas."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from typer.testing import CliRunner, Result

from app.cli import app as command_line
from tests.conftest import keeping_logs

FILE = """
people:
  - {name: Léa, slack_user: U0LEA}
  - {name: Max}
rotas:
  - name: comms
    time_zone: Europe/Paris
    layers:
      - {people: [Léa], starts_on: 2020-01-06, hand_over: 18:00, hours: {since: 08:00, until: 20:30}}
    lead: Max
    night: {since: 22:00, until: 07:00, from_level: 2}
channels:
  - {name: wall, kind: terminal}
policies:
  - {name: default, rota: comms}
watches:
  - {name: Evian, query: Evian}
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def called(*words: str) -> Result:
        return CliRunner().invoke(command_line, words)

    with keeping_logs():
        yield called


def test_a_rota_is_applied_shown_swapped_published_and_checked(
    call: Callable[..., Result], tmp_path: Path
) -> None:
    assert "no rota yet" in call("duty").output
    file = tmp_path / "team.yaml"
    file.write_text(FILE)
    assert call("apply", str(file), "--yes").exit_code == 0, call("apply", str(file), "--yes").output
    assert (
        "no changes" in call("apply", str(file), "--yes").output.lower()
        or call("apply", str(file)).exit_code == 0
    )
    assert "Max" in call("duty").output
    shown = call("duty", "shifts", "--days", "3").output
    assert "20:30" in shown
    assert "nobody" in shown
    swap = call("duty", "swap", "Max", "2026-12-05T09:00", "2027-12-06T09:00", "--why", "fête")
    assert "Max is on duty in comms" in swap.output, swap.output
    assert "there is no person “Zoé”" in str(
        call("duty", "swap", "Zoé", "2026-12-05", "2026-12-06").exception
    )
    calendar = tmp_path / "duty.ics"
    assert call("duty", "calendar", "--to", str(calendar)).exit_code == 0
    assert Calendar.from_ical(calendar.read_text()).walk("VEVENT")
    assert "0 fires with a call in 28 days" in call("duty", "figures").output
    checked = call("check").output
    assert "no call reaches Max" in checked
    assert "nobody is on duty" in checked
    assert "called for Evian" in checked
