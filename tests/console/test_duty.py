"""Who is on duty, on pages: rotas are made in a form, people stand in, and what is missing is told."""

from re import findall

import pytest
from sqlalchemy import func, select

from app.admin import people
from app.admin.team_specs import PersonSpec
from app.models import Person, Policy, Rota, Substitution
from app.pipeline.oncall.duty import read_duty
from app.runtime import Runtime
from tests.console.conftest import Browser, SignsIn

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FIRST = {
    "layer0_people": "Léa\r\nMax\r\n", "layer0_starts_on": "2026-11-16", "layer0_days": "7",
    "layer0_hand_over": "09:00",
}  # fmt: skip
ROTA = {"name": "comms", "time_zone": "Europe/Paris", "call_minutes": "3", "lapse_minutes": "60", "lead": ""}


@pytest.fixture
def lea(signs_in: SignsIn, runtime: Runtime, fire: int) -> Browser:
    assert fire
    lea = signs_in("Léa", "admin")
    with runtime.sessions.begin() as session:
        for name, slack in (("Max", "U0MAX"), ("Zoé", None)):
            spec = PersonSpec(name=name, slack_user=slack)
            people.create(session, spec, by="test", now=runtime.now())
    lea.get("/duty/new")
    return lea


def layers(runtime: Runtime) -> list[tuple[int, ...]]:
    """The people of each layer of the first rota, by id."""
    with runtime.sessions() as session:
        return [tuple(one["people"]) for one in session.get_one(Rota, 1).layers]


def test_a_rota_is_made_in_a_form_and_a_policy_calls_by_it(lea: Browser, runtime: Runtime) -> None:
    assert "No rota says who is called" in lea.get("/duty")
    page = lea.get("/duty/new")
    assert "Léa\nMax\nZoé</textarea>" in page, "everybody is in it to begin with"
    assert lea.post("/duty", **ROTA, **FIRST) == (303, "/duty?done=1")
    page = lea.get("/duty?done=1")
    assert "<strong>Léa</strong> until 23 Nov 08:00, then Max" in page
    assert "No policy calls by it yet" in page
    assert "No call reaches Léa" in page
    assert page.count('<rect class="first"') == 3, "the rest of this week, the next, and the one after"
    assert lea.post("/duty/1/policies", policy="default")[0] == 303
    assert "Called for the watches of default" in lea.get("/duty")
    with runtime.sessions() as session:
        assert session.scalars(select(Policy.rota)).one() == "comms"
    assert "De garde" in lea.get("/duty", language="fr")
    assert "BEGIN:VCALENDAR" in lea.http.get("/duty/1/calendar.ics").text


def test_layers_are_added_and_taken_away_without_a_script(lea: Browser, runtime: Runtime) -> None:
    more = {"layer1_people": "Zoé", "layer1_starts_on": "2026-11-16", "layer1_since": "18:00"}
    more |= {"layer1_until": "09:00", "layer1_weekdays": "sat"}
    assert lea.post("/duty", **ROTA, **FIRST, **more)[0] == 303
    assert layers(runtime) == [(1, 2), (3,)]
    page = lea.get("/duty/1")
    assert 'name="layer1_weekdays" value="sat" checked' in page
    assert 'name="layer2_people"' in page, "one more can be filled in"
    filled = dict(findall(r'<input id="(layer1_\w+)" name="\w+" type="\w+" value="([^"]*)"', page))
    assert filled == {
        "layer1_starts_on": "2026-11-16", "layer1_days": "7", "layer1_hand_over": "09:00",
        "layer1_since": "18:00", "layer1_until": "09:00",
    }  # fmt: skip
    assert lea.post("/duty/1", **(ROTA | FIRST | more | {"layer0_people": " "}))[0] == 303
    assert layers(runtime) == [(3,)]
    assert "Nobody is on duty" in lea.get("/duty")
    assert '<rect class="gap"' in lea.get("/duty")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"layer0_people": "Léa\nNobody"}, "layer0_people"),
        ({"layer0_people": ""}, "layer0_people"),
        ({"layer0_people": "", "layer2_people": "Léa", "layer2_starts_on": "soon"}, "layer2_starts_on"),
        ({"layer0_days": "0"}, "layer0_days"),
        ({"layer0_days": "many"}, "layer0_days"),
        ({"layer0_since": "25:00", "layer0_until": "09:00"}, "layer0_since"),
        ({"layer0_weekdays": "noday"}, "layer0_weekdays"),
        ({"night_since": "22:00", "night_until": ""}, "night_until"),
        ({"night_since": "22:00", "night_until": "07:00", "night_level": "0"}, "night_level"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"call_minutes": "0"}, "call_minutes"),
        ({"lead": "Nobody"}, "lead"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    lea: Browser, runtime: Runtime, given: dict[str, str], field: str
) -> None:
    status, page = lea.post("/duty", **(ROTA | FIRST | given))
    assert (status, "is not saved" in page) == (422, True)
    assert f'id="{field}-wrong"' in page
    assert "2026-11-16" in page
    with runtime.sessions() as session:
        assert session.scalars(select(func.count()).select_from(Rota)).one() == 0


def test_people_stand_in_for_each_other_and_it_is_taken_back(
    lea: Browser, signs_in: SignsIn, runtime: Runtime
) -> None:
    lea.post("/duty", **ROTA, **FIRST)
    ana = signs_in("Ana", "responder")
    with runtime.sessions.begin() as session:
        session.scalars(select(Person).where(Person.name == "Ana")).one().time_zone = "America/New_York"
    ana.get("/duty")
    times = {"starts_at": "2026-11-22T04:00", "ends_at": "2026-11-22T10:00"}
    assert ana.post("/duty/1/swaps", person="Max", instead_of="Léa", why="Swap", **times)[0] == 303
    page = ana.get("/duty")
    assert "Max for Léa" in page
    assert "<strong>Max</strong> until 10:00" in page, "of the clock of who reads it"
    with runtime.sessions() as session:
        rota = session.get_one(Rota, 1)
        duty = read_duty(session, rota, since=runtime.now(), until=runtime.now())
        assert duty.plan.on_duty(runtime.now())[0] == 2
    wrong = ({"person": "Léa", "instead_of": "Léa"}, {"ends_at": "2026-11-22T03:00"}, {"starts_at": "x"})
    for given in wrong:
        status, page = ana.post("/duty/1/swaps", **({"person": "Max", "instead_of": "", **times} | given))
        assert (status, "is not saved" in page) == (422, True), given
    assert ana.post("/duty/1/swaps/1/delete")[0] == 303
    assert "<strong>Léa</strong>" in ana.get("/duty")
    assert ana.post("/duty/1", **ROTA, **FIRST)[0] == 403
    zoe = signs_in("Zed", "viewer")
    zoe.get("/duty")
    assert zoe.post("/duty/1/swaps", person="Max", **times)[0] == 403
    with runtime.sessions() as session:
        assert session.scalars(select(func.count()).select_from(Substitution)).one() == 0


def test_a_rota_that_is_called_by_is_not_deleted(lea: Browser, runtime: Runtime) -> None:
    lea.post("/duty", **ROTA, **FIRST)
    lea.post("/duty/1/policies", policy="default")
    status, page = lea.post("/duty/1/delete")
    assert (status, "named by the policy default" in page) == (422, True)
    with runtime.sessions.begin() as session:
        session.scalars(select(Policy)).one().rota = ""
    assert lea.post("/duty/1/delete")[0] == 303
    assert "No rota says" in lea.get("/duty")


def test_a_rota_that_cannot_be_read_is_set_again_on_its_page(lea: Browser, runtime: Runtime) -> None:
    lea.post("/duty", **ROTA, **FIRST)
    for broken in ([{"people": "x"}], [3], [{"people": [1], "starts_on": "soon"}]):
        with runtime.sessions.begin() as session:
            session.get_one(Rota, 1).layers = broken
        assert "cannot be read" in lea.get("/duty")
        assert 'name="layer0_people"' in lea.get("/duty/1")
        swap = {"person": "Max", "instead_of": "Léa", "starts_at": "2026-11-23T09:00"}
        status, page = lea.post("/duty/1/swaps", **swap, ends_at="2026-11-24T09:00")
        assert (status, "set its people again" in page) == (422, True)
        assert lea.post("/duty/1", **ROTA, **FIRST)[0] == 303
        assert layers(runtime) == [(1, 2)]
    with runtime.sessions.begin() as session:
        session.get_one(Rota, 1).time_zone = "Europe/Atlantis"
    assert lea.http.get("/duty/1/calendar.ics").status_code == 200
    assert lea.post("/duty/1/delete")[0] == 303


def test_nothing_that_would_come_to_nothing_is_taken(lea: Browser) -> None:
    lea.post("/duty", **ROTA, **FIRST)
    lea.post("/duty", **(ROTA | {"name": "other"}), **FIRST)
    times = {"starts_at": "2026-11-23T09:00", "ends_at": "2026-11-24T09:00"}
    past = {"starts_at": "2026-11-20T09:00", "ends_at": "2026-11-21T09:00"}
    status, page = lea.post("/duty/1/swaps", person="Max", instead_of="Zoé", **times)
    assert (status, "has no place in this rota" in page) == (422, True)
    status, page = lea.post("/duty/1/swaps", person="Max", instead_of="Léa", **past)
    assert (status, "is over already" in page) == (422, True)
    assert lea.post("/duty/1/swaps", person="Zoé", instead_of="Léa", **times)[0] == 303
    assert lea.post("/duty/1/swaps", person="Max", instead_of="Zoé", **times)[0] == 303, "she stands in there"
    assert lea.post("/duty/1/policies", policy="default")[0] == 303
    status, page = lea.post("/duty/2/policies", policy="default")
    assert (status, "calls by the rota “comms” already" in page) == (409, True)
