"""A coordinator reads no unit of another region in any answer, file or page, outside cases and open proposals."""

import pytest

from api.http.response_formats import CSV
from placement.core.codes import Role
from tests.support.api.service import API, somebody
from tests.support.stores import one_store

OWN = "noord-holland"
ANSWERS = ("/capacity", "/capacity/history", "/capacity/shortage")
PAGES = ("/", "/today/board", "/country", "/country/shortage", "/places", "/reports")
pytestmark = one_store


@pytest.fixture
def reader(service):
    return service.person(Role.COORDINATOR, OWN)


@pytest.fixture
def names(service):
    """Returns the ids of units and the names of shelters: of the own region, and of the others."""
    found = service.desk.get("/capacity").json()["shelters"]
    rows = [(unit["region"] == OWN, unit["unit"], one["name"]) for one in found for unit in one["units"]]
    own, others = ({name for is_own, *both in rows for name in both if is_own is side} for side in (True, False))
    assert own
    assert others - own
    return own, others - own


def shown(service, who, path, **headers):
    answer = service.client.get(path, headers=who.authorization() | headers)
    assert answer.is_success, answer.text
    return answer.text


def named(text, names):
    return {name for name in names if name in text}


@pytest.mark.parametrize("path", [*(API + path for path in ANSWERS), *PAGES])
def test_coordinator_reads_no_unit_of_another_region(service, reader, names, path):
    assert named(shown(service, reader, path), names[1]) == set()


@pytest.mark.wide
def test_own_units_are_read_by_name_and_the_desk_reads_all(service, reader, names):
    for path in ("/country", f"{API}/capacity"):
        own, others = (named(shown(service, service.desk, path), some) for some in names)
        assert own
        assert others
        assert named(shown(service, reader, path), names[0]) == own


def test_file_of_the_country_has_own_units_alone(service, reader, names):
    file = shown(service, reader, f"{API}/capacity", Accept=CSV)
    assert (named(file, names[0]), named(file, names[1])) == (names[0], set())


def test_sums_are_those_of_the_named_units(service, reader):
    found = reader.get("/capacity").json()
    units = [unit for shelter in found["shelters"] for unit in shelter["units"]]
    assert (found["beds"], found["free_now"]) == (
        sum(unit["beds"] for unit in units),
        sum(unit["free_now"] for unit in units),
    )
    assert found["free_now"] < service.desk.get("/capacity").json()["free_now"]
    assert [row["free"] for row in found["elsewhere"]] == [None]


@pytest.mark.wide
def test_proposal_names_other_regions_until_it_is_decided(reader):
    client = reader.made("/registrations", somebody(region=OWN))["id"]
    proposal = reader.made(f"/registrations/{client}/proposals")
    others = lambda found: {one["unit"] for one in found["others"] if one["region"] != OWN}  # noqa: E731
    assert others(proposal)
    reader.made(f"/proposals/{proposal['id']}/decision", {"decision": "decline", "reason": "declines_place"})
    later = reader.get(f"/proposals/{proposal['id']}").json()
    assert (others(later), later["ways_out"]) == (set(), [])
    assert later["chosen"] == proposal["chosen"]


def test_shortage_has_clients_and_no_points(service, reader):
    """Points rise with urgency and waiting time: equal answers for other clients hide both."""
    for caller in (reader, service.desk):
        found = caller.get("/capacity/shortage").json()
        assert all(set(row) == {"unit", "extra", "serves"} for row in found["extras"])
    assert found["extras"]
