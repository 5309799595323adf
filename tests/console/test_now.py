"""Now: one sentence that is true, and a tile for each watch, what burns first."""

from datetime import timedelta
from re import DOTALL, findall

import pytest
from sqlalchemy import select, text

from app.admin import teams, watches
from app.admin.specs import WatchSpec
from app.admin.team_specs import TeamSpec
from app.clock import step_start
from app.models import Coverage, Incident, PlannedEvent, Source, State, Watch
from app.runtime import Runtime
from tests.api.conftest import Clock
from tests.console.conftest import SignsIn

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def _sentence(page: str) -> str:
    [found] = findall(r"<h1[^>]*>(.*?)</h1>", page, DOTALL)
    return str(found).replace("<strong>", "").replace("</strong>", "")


def _tiles(page: str) -> list[tuple[str, str]]:
    """(how it is coloured, its name) of each tile."""
    return [
        (tone, name.strip())
        for tone, name in findall(r'<li class="tile (\w+)">\s*<h2>(?:<a[^>]*>)?([^<]+)', page)
    ]


@pytest.fixture
def heard(runtime: Runtime, fire: int, clock: Clock) -> None:  # noqa: ARG001 - its source
    """The source of the fire was heard just now."""
    with runtime.sessions.begin() as session:
        source = session.scalars(select(Source)).one()
        at = step_start(clock.at) - timedelta(minutes=10)
        session.merge(Coverage(source_id=source.id, at=at, coverage=1.0))


def _watch(runtime: Runtime, name: str, **more: object) -> int:
    with runtime.sessions.begin() as session:
        spec = WatchSpec.model_validate({"name": name, "query": f"any of: {name}", **more})
        return watches.create(session, spec, by="test", now=runtime.now()).id


@pytest.mark.usefixtures("heard")
def test_it_says_what_burns_and_who_has_it_and_what_is_heard(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    _watch(runtime, "Volvic")
    lea = signs_in("Léa")
    page = lea.get("/")
    assert _sentence(page) == "1 fire burns: Danone; nobody has it; 1 of 1 sources are heard."
    assert _tiles(page) == [("burning", "Danone"), ("off", "Volvic")]
    assert f'href="/fires/{fire}"' in page
    lea.post(f"/fires/{fire}/acknowledge")
    assert "each is in somebody’s hands" in _sentence(lea.get("/"))
    with runtime.sessions.begin() as session:
        incident = session.get_one(Incident, fire)
        incident.state, incident.out_at = State.out, runtime.now()
    page = lea.get("/")
    assert _sentence(page) == "Nothing burns; 1 of 1 sources are heard."
    assert "Fires that are out" in page


def test_that_nothing_is_heard_is_no_calm(signs_in: SignsIn, runtime: Runtime, clock: Clock) -> None:
    _watch(runtime, "Volvic")
    lea = signs_in("Léa", language="fr")
    assert _sentence(lea.get("/")) == "Rien ne brûle; aucune source n’est configurée."
    assert _tiles(lea.get("/")) == [("unheard", "Volvic")]
    with runtime.sessions.begin() as session:
        session.add(
            Source(
                name="<b>Forum</b>", kind="push", settings={}, health_since=clock.at, created_at=clock.at,
                updated_at=clock.at,
            )
        )  # fmt: skip
        session.flush()
        old = step_start(clock.at) - timedelta(hours=3)
        source = session.scalars(select(Source)).one()
        session.add(Coverage(source_id=source.id, at=old, coverage=1.0))
    page = lea.get("/")
    assert "0 sources sur 1 sont à l’écoute" in _sentence(page)
    assert "&lt;b&gt;Forum&lt;/b&gt;" in page
    assert "<b>Forum" not in page


@pytest.mark.usefixtures("heard")
def test_what_cannot_be_read_or_is_kept_quiet_or_stands_still_is_not_calm(
    signs_in: SignsIn, runtime: Runtime, fire: int, clock: Clock
) -> None:
    lea = signs_in("Léa")
    with runtime.sessions.begin() as session:
        session.get_one(Incident, fire).suppressed_by_kind = True
        session.add(
            PlannedEvent(
                name="launch", starts_at=clock.at, ends_at=clock.at + timedelta(hours=2), factor=2.0,
                created_by="Max", created_at=clock.at,
            )
        )  # fmt: skip
    page = lea.get("/")
    assert _tiles(page) == [("quiet", "Danone")]
    assert "Planned, until 11:14: launch" in page
    with runtime.sessions.begin() as session:
        session.execute(text("UPDATE incident SET state = 'frozen'"))
    page = lea.get("/")
    assert _tiles(page) == [("burning", "Danone")]
    assert "something is open that cannot be read" in page


def test_a_row_that_cannot_be_read_closes_the_house_to_nobody(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa")
    with runtime.sessions.begin() as session:
        session.execute(text("UPDATE watch SET time_zone = 'Mars/Phobos', learning = '[1'"))
        session.execute(text("UPDATE person SET language = 'tlh', time_zone = 'Mars/Phobos'"))
        session.execute(text("UPDATE source SET health = 'odd', settings = '[]'"))
    for path in ("/", f"/fires/{fire}", "/mentions", "/watches", "/listening", "/people", "/calendar"):
        assert "Danone" in lea.get(path) or path in {"/listening", "/people", "/calendar"}, path


@pytest.mark.usefixtures("heard")
def test_a_person_of_one_team_sees_its_watches_alone(signs_in: SignsIn, runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        teams.create(session, TeamSpec(name="Evian"), by="test", now=runtime.now())
    _watch(runtime, "Evian", team="Evian")
    theirs = signs_in("Max", teams={"Evian": "responder"})
    assert [name for _, name in _tiles(theirs.get("/"))] == ["Evian"]
    assert "Danone" not in theirs.get("/")
    assert {name for _, name in _tiles(signs_in("Léa").get("/"))} == {"Danone", "Evian"}


def test_many_watches_come_in_pages_and_are_found_by_name(signs_in: SignsIn, runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        first = watches.create(
            session, WatchSpec(name="Brand 0", query="brand0"), by="test", now=runtime.now()
        )
        session.add_all(
            Watch(
                name=f"Brand {n}", query={"any_of": [f"brand{n}"]}, languages=[], policy_id=first.policy_id,
                created_at=runtime.now(), updated_at=runtime.now(),
            )
            for n in range(1, 130)
        )  # fmt: skip
    lea = signs_in("Léa")
    page = lea.get("/")
    assert (len(_tiles(page)), "Page 1 of 3" in page) == (60, True)
    assert len(page.encode()) < 100_000
    names = {name for n in (1, 2, 3) for _, name in _tiles(lea.get(f"/?page={n}"))}
    assert len(names) == 130
    assert _tiles(lea.get("/?page=99")) == _tiles(lea.get("/?page=3"))
    assert len(_tiles(lea.get("/?q=brand 12"))) == 11
    assert "No watch is called that" in lea.get("/?q=<script>")
    assert "<script>" not in lea.get("/?q=<script>").replace("<script src", "")


@pytest.mark.usefixtures("heard")
def test_the_curve_of_a_tile_is_a_picture_of_its_own(signs_in: SignsIn, runtime: Runtime, fire: int) -> None:
    lea = signs_in("Léa")
    with runtime.sessions() as session:
        watch_id = session.get_one(Incident, fire).watch_id
    for _ in range(2):
        answer = lea.http.get(f"/watches/{watch_id}/today.svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.text.startswith("<svg")
        assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert lea.http.get("/watches/99/today.svg").status_code == 404
