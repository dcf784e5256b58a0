"""A thief with the password of the database changes what decides about the place of a client: an old record of the
case, the cell of a location, whom a unit admits. What was changed is placed no more, and everything else goes on.
"""

import pytest
from sqlalchemy import text

from placement.registrations.facts_anew import THAT_DECIDE
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.audit_log import logged
from tests.support.stores import each_store

NEAR_AMSTERDAM = {"S01-L1-U1", "S01-L1-U2"}
DANGER = {"threats": [{"place": "Amsterdam", "min_km": 80}]}
FAR = {"cell_row": 0, "cell_column": 0}


@pytest.fixture
def thief(service):
    return Thief(service)


@pytest.fixture
def case(service):
    return service.desk.made("/registrations", somebody())["id"]


def endangered(service, case):
    """Adds a danger to a case by HTTP."""
    path = f"/registrations/{case}"
    version = service.desk.get(path).json()["version"]
    assert service.desk.patch(path, DANGER, If_Match=f'"{version}"').is_success


def offered(service, case):
    """Returns the units that a new proposal offers without a broken rule about distance; nothing if it is rejected."""
    answer = service.desk.post(f"/registrations/{case}/proposals")
    if not answer.is_success:
        return set()
    found = answer.json()
    units = [found["chosen"], *found["alternatives"], *found["others"]]
    near = {one["unit"] for one in found["others"] if "threat_distance" in {rule["rule"] for rule in one["broken"]}}
    return {one["unit"] for one in units if one is not None} - near


def goes_on(service):
    """Checks that lists, pages and proposals of others are as always."""
    other = service.desk.made("/registrations", somebody())["id"]
    assert service.desk.get("/registrations").is_success
    assert service.desk.get("/tasks").is_success
    assert service.desk.get("/capacity").is_success
    return bool(offered(service, other))


def is_known(service, row):
    pass_a_minute(service)
    broken = {f"{one.facts['table']}/{one.facts['row']}" for one in logged(service, event="rows:seal_broken")}
    return row in broken.union(*(one.facts["rows"] for one in logged(service, event="rows:differ")))


@pytest.mark.wide
@each_store
def test_old_record_of_a_case_is_not_placed(service, thief, case):
    old = thief.row("registration", id=case)
    endangered(service, case)
    assert not offered(service, case) & NEAR_AMSTERDAM
    thief.put_back("registration", {"id": case, "content": old["content"]})
    assert not offered(service, case) & NEAR_AMSTERDAM
    assert service.desk.get(f"/registrations/{case}").is_success
    assert is_known(service, f"registration/{case}")
    assert goes_on(service)


@pytest.mark.wide
@each_store
def test_old_row_of_a_case_is_not_placed_after_a_minute(service, thief, case):
    old = thief.row("registration", id=case)
    endangered(service, case)
    thief.put_back("registration", old)
    assert is_known(service, f"registration/{case}")
    assert not offered(service, case)
    assert service.desk.get(f"/registrations/{case}").is_success
    assert goes_on(service)


@pytest.mark.wide
@each_store
@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("location", "UPDATE location SET cell_row = 40, cell_column = 40 WHERE id = 'S01-L1'"),
        ("unit", "UPDATE unit SET location_id = 'S03-L1' WHERE id = 'S01-L1-U2'"),
    ],
    ids=["cell", "location"],
)
def test_moved_place_takes_no_client(service, thief, case, table, change):
    endangered(service, case)
    with thief.writing() as connection:
        connection.execute(text(change))
    assert not offered(service, case) & NEAR_AMSTERDAM
    assert is_known(service, f"{table}/{'S01-L1' if table == 'location' else 'S01-L1-U2'}")
    assert goes_on(service)


@each_store
def test_unit_that_admits_others_takes_no_client(service, thief, case):
    with thief.writing() as connection:
        connection.execute(text("UPDATE unit SET admits = '[\"female\",\"male\"]' WHERE id = 'S01-L1-U2'"))
    assert "S01-L1-U2" not in offered(service, case)
    assert is_known(service, "unit/S01-L1-U2")
    assert goes_on(service)


@pytest.mark.wide
@each_store
def test_cases_of_a_deleted_pair_are_not_placed_after_a_minute(service, thief, case):
    other = service.desk.made("/registrations", somebody(keep_apart=[case]))["id"]
    assert offered(service, other)
    with thief.writing() as connection:
        connection.execute(text("DELETE FROM keepapart"))
    assert is_known(service, f"registration/{case}")
    assert not offered(service, case) | offered(service, other)


@pytest.mark.wide
@each_store
@pytest.mark.parametrize("whole", [False, True], ids=["content", "row"])
def test_desk_enters_the_facts_anew_and_a_place_is_sought(service, thief, case, whole):
    old = thief.row("registration", id=case)
    endangered(service, case)
    thief.put_back("registration", old if whole else {"id": case, "content": old["content"]})
    assert is_known(service, f"registration/{case}")
    assert ("doubt", case) in tasks(service)
    shown = service.desk.get(f"/registrations/{case}").json()
    changed = {"If_Match": f'"{shown["version"]}"'}
    facts = DANGER | {
        name: shown[name] for name in sorted(THAT_DECIDE - {"threats", "persons", "avoided", "keep_apart"})
    }
    facts |= {"persons": [{"gender": "female", "age": 30}], "avoided": [], "keep_apart": []}
    path = f"/registrations/{case}"
    assert service.coordinator.patch(path, facts, **changed).status_code == 409
    assert service.desk.patch(path, facts, **changed).json()["type"].endswith("second_factor_needed")
    desk = service.verified(service.desk.account)
    assert desk.ask("PATCH", path, DANGER, **changed).json()["type"].endswith("facts_anew")
    assert desk.ask("PATCH", path, facts, **changed).is_success
    pass_a_minute(service)
    assert ("doubt", case) not in tasks(service)
    found = offered(service, case)
    assert found
    assert not found & NEAR_AMSTERDAM


def tasks(service):
    return {(one["kind"], one["registration"]) for one in service.desk.get("/tasks").json()["items"]}


@pytest.mark.wide
@each_store
def test_place_opens_by_its_shelters_report_and_the_desk(service, thief, case):
    """Two places are in doubt; the desk opens one after its shelter reported, and the other stays shut."""
    with thief.writing() as connection:
        connection.execute(text("UPDATE location SET cell_row = 40 WHERE id = 'S01-L1'"))
        connection.execute(text("UPDATE unit SET min_age = 99 WHERE id = 'S02-L1-U1'"))
    assert is_known(service, "location/S01-L1")
    assert {("place_doubt", None)} <= tasks(service)
    desk, staff = signed_in(service, "desk"), signed_in(service, "shelter_staff")
    assert warned(desk, "location/S01-L1", "unit/S02-L1-U1") == [True, True]
    assert warned(staff, "location/S01-L1", "unit/S01-L1-U1") == [True, False]
    anew = "/locations/S01-L1", {"where": {"place": "Amsterdam"}}
    version = {"If_Match": '"1"'}
    assert code_of(service.desk.patch(*anew, **version)) == "second_factor_needed"
    desk = service.verified(service.desk.account)
    assert code_of(desk.ask("PATCH", "/locations/S01-L1", {"name": "Huis"}, **version)) == "place_anew"
    assert code_of(desk.ask("PATCH", *anew, **version)) == "shelter_reports_first"
    assert not offered(service, case) & NEAR_AMSTERDAM
    service.shelter.made("/shelters/S01/capacity/confirm")
    assert code_of(desk.ask("PATCH", *anew, **version)) == "done"
    pass_a_minute(service)
    doubted = [row["row"] for row in service.desk.get("/doubt").json()["rows"]]
    assert doubted == ["unit/S02-L1-U1"]
    assert not any(warned(staff, "location/S01-L1"))
    assert offered(service, case) & NEAR_AMSTERDAM


def warned(reader, *places):
    """Returns for each place whether its page shows that it is in doubt."""
    pages = [reader.get(f"/register/{place}") for place in places]
    assert all(page.status_code == 200 for page in pages)
    return ["nobody is placed here" in page.text for page in pages]


def code_of(answer):
    return answer.json()["type"].rpartition(":")[2] if answer.is_error else "done"
