"""A carried-out import is taken back as a whole, until somebody was placed there."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.audit.events import Event
from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.errors import Conflict
from placement.core.place_codes import PlaceStatus
from placement.exchange import import_records
from placement.exchange.importing import import_file
from placement.shelters import register
from placement.tables import AuditEvent, Bed, ImportRecord, Location, Registration, Room, Shelter, Stay, Unit
from tests.support.exchange.books import book, saved
from tests.support.town import TODAY

HOUSE = {
    "Opvang": [["Opvang", "Aanbieder", "Telefoon"], ["De Berk", "Stichting Berk", "030 123 45 67"]],
    "Locaties": [["Opvang", "Locatie", "Plaats"], ["De Berk", "Noord", "Amersfoort"]],
    "Units": [["Locatie", "Unit", "Regeling", "Laat toe"], ["Noord", "Vrouwen", "cosm", "v"]],
    "Kamers": [["Unit", "Kamer", "Bedden"], ["Vrouwen", "Zolder", 2], ["U5-social", "R7", 4]],
}
CASE = ["Politie-eenheid zaak", "Aanmelder", "Verblijfsstatus"]
KNOWN = ["Amsterdam", "Nationale Politie", "bedenktijd (drie maanden)"]
LIVES = ["Huishouden", "Geslacht", "Leeftijd", "Kamer", "Gekomen op", *CASE]


def carried_out(town, **sheets):
    outcome = town.do(import_file, saved(book(**sheets)), "alles.xlsx", "nl")
    assert outcome.carried_out, outcome.findings
    return outcome.record


def take_back(town, record):
    return town.do(import_records.take_back, record)


def named(town, table, name):
    return town.all(select(table).where(table.name == name))


@pytest.mark.wide
def test_import_taken_back_closes_and_restores(town):
    lives = [LIVES, ["1", "v", 24, "Zolder", TODAY - timedelta(days=3), *KNOWN], ["2", "m", 30, "R7", TODAY, *KNOWN]]
    record = carried_out(town, **HOUSE, Bewoners=lives)
    take_back(town, record)
    for table, name in ((Shelter, "De Berk"), (Location, "Noord"), (Unit, "Vrouwen"), (Room, "Zolder")):
        assert [one.status for one in named(town, table, name)] == [PlaceStatus.CLOSED]
    assert len(town.all(select(Bed).where(Bed.room_id == "R7", Bed.until_on.is_(None)))) == 2
    assert [one.status for one in town.all(select(Stay))] == [StayStatus.ENDED] * 2
    cases = town.all(select(Registration))
    assert {(one.status, one.closed_reason) for one in cases} == {(RegistrationStatus.CLOSED, "entered_in_error")}
    assert [one for one in town.all(select(AuditEvent)) if one.content.event == Event.IMPORT_TAKEN_BACK]
    with pytest.raises(Conflict) as refused:
        take_back(town, record)
    assert refused.value.code == "import_taken_back"
    assert carried_out(town, **HOUSE)  # the corrected file comes in again


@pytest.mark.wide
def test_import_is_not_taken_back_after_a_client_was_placed(town):
    record = carried_out(town, **{name: HOUSE[name] for name in ("Opvang", "Locaties", "Units", "Kamers")})
    [room] = named(town, Room, "Zolder")
    later = carried_out(town, Bewoners=[LIVES, ["1", "v", 24, room.id, TODAY, *KNOWN]])
    with pytest.raises(Conflict) as refused:
        take_back(town, record)
    assert (refused.value.code, refused.value.facts["placed"]) == ("import_in_use", ["Zolder"])
    take_back(town, later)
    take_back(town, record)  # nobody is there, and nobody ever was


@pytest.mark.parametrize("since", ["changed", "a room more"])
def test_import_is_not_taken_back_after_a_later_change(town, since):
    record = carried_out(town, **HOUSE)
    [unit], [room] = named(town, Unit, "Vrouwen"), named(town, Room, "R7")
    if since == "changed":
        town.do(register.change_room, room.id, room.version, {"beds": 3})
    else:
        town.do(register.make_room, unit.id, "Kelder", 1)
    with pytest.raises(Conflict) as refused:
        take_back(town, record)
    assert refused.value.facts["placed"] == (["R7"] if since == "changed" else ["Vrouwen"])
    assert [one.taken_back_at for one in town.all(select(ImportRecord))] == [None]


def test_regions_of_an_import_end_when_it_is_taken_back(town):
    towns = [["Code", "Gemeente"], ["0344", "Utrecht"]]
    areas = [["Code", "Regio", "Gemeenten"], ["regio-nieuw", "Nieuw", "Utrecht"]]
    record = carried_out(town, **{"Gemeenten": towns, "Regio's": areas})
    take_back(town, record)
    with pytest.raises(Conflict):
        take_back(town, record)
