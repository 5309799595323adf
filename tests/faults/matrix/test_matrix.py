"""The fault matrix: of each fault either the fire is told, or the fault is, by a way that works."""

from collections.abc import Iterator

import httpx
import pytest
from _pytest.mark.structures import ParameterSet

from tests.faults.matrix.births import Births
from tests.faults.matrix.fault import Fault
from tests.faults.matrix.house import House
from tests.faults.matrix.proofs import FIRE, OTHERS
from tests.faults.matrix.quarter import Quarter
from tests.faults.matrix.table import FAULTS
from tests.faults.matrix.world import World

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def births(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Births]:
    with Births(tmp_path_factory.mktemp("births")) as births:
        yield births


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.whole)])
def quarter(
    request: pytest.FixtureRequest, births: Births, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Quarter:
    folder = tmp_path_factory.mktemp("quarter")
    if request.param == "sqlite":
        return Quarter(folder, world, births, empty=str(request.getfixturevalue("sqlite_template")))
    server, empty = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    return Quarter(folder, world, births, empty=empty, server=server)


def _shared(of: int) -> list[ParameterSet]:
    """All rows. The share of a change is one row for each mend, and of these one `of` so many."""
    first: dict[str, str] = {}
    for name, fault in FAULTS.items():
        first.setdefault(fault.mend.says, name)
    share = list(first.values())[::of]
    return [pytest.param(name, marks=() if name in share else pytest.mark.whole) for name in FAULTS]


@pytest.mark.parametrize("name", _shared(1))
def test_the_fire_is_told_or_the_fault_is(quarter: Quarter, name: str) -> None:
    fault = FAULTS[name]
    with quarter.house(fault.morning, name) as house:
        fault.inject(house)
        house.passes(fault.passes)
        assert fault.seen.holds(house), _seen(house)


@pytest.mark.parametrize("name", _shared(2))
def test_without_its_mend_nobody_would_see_it(quarter: Quarter, name: str) -> None:
    fault = FAULTS[name]
    with quarter.house(fault.morning, name, without=True) as house:
        assert not _is_seen(fault, house), _seen(house)


@pytest.mark.whole
@pytest.mark.parametrize("name", FAULTS)
def test_without_the_fault_nothing_is_missed_but_the_mend(quarter: Quarter, name: str) -> None:
    """Or a service that can do nothing would pass for one that lacks a mend."""
    with quarter.house("burning", name, without=True) as house:
        house.passes(2)
        assert FIRE.holds(house), _seen(house)
        assert OTHERS.holds(house), _seen(house)


def _is_seen(fault: Fault, house: House) -> bool:
    house.expect_nothing(hangs=fault.hangs)
    try:
        fault.inject(house)
        house.passes(fault.passes)
        return fault.seen.holds(house)
    except httpx.HTTPError:  # it does not even answer
        return False


def _seen(house: House) -> str:
    try:
        status = house.status()
    except (httpx.HTTPError, ValueError):
        status = {}
    rows = {key: status.get(key) for key in ("good", "clock_jump", "faults", "sources", "channels")}
    lines = [f"passes: {house.made}", *house.alerts(), *house.notices(), str(rows), house.said()[-3000:]]
    return "\n".join(lines)
