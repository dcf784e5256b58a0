"""Random lives of a shelter: whatever opens, closes, moves and shrinks, no client is lost and no past day changes."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import select

from placement.capacity.history import free_beds
from placement.capacity.report import RoomInput, report_capacity
from placement.capacity.room_state import room_states
from placement.core.codes import Gender, Scheme, StayStatus
from placement.core.errors import PlacementError
from placement.core.place_codes import PlaceStatus
from placement.placements.stays import stays
from placement.registrations.case_rows import PointInput
from placement.shelters import closing, moving, reads, register
from placement.tables import Bed, BedClaim, Location, Room, Shelter, Stay, Unit
from tests.support.proof import FULL
from tests.support.town import Town, shelter

LIVES = 10
"""In one store: each day of a life reads all that is there, so that more of them in one would take longer each."""
STORES = 50 if FULL else 1
DAYS = 10
PROFILE = {"admits": [Gender.FEMALE, Gender.OTHER], "languages": ["nl"], "interpreter_languages": ["*"]}
TABLES = {Shelter: 1, Location: 2, Unit: 4, Room: 8}


class Life:
    """One shelter, from its first day on; `seen`: what was answered at the end of each day."""

    def __init__(self, town: Town, rng: Random, done: Counter[str]) -> None:
        self.town, self.rng, self.done = town, rng, done
        provider = town.do(register.make_provider, "Aanbieder")
        self.shelter = town.do(register.make_shelter, provider.id, "Opvang").id
        self.add_location()
        self.add_unit()
        self.add_room()
        self.seen: dict[object, tuple[dict[str, int | None], dict[str, tuple[str, int]]]] = {}

    def units(self) -> list[Unit]:
        query = select(Unit).join(Location).where(Location.shelter_id == self.shelter).order_by(Unit.id)
        return self.town.all(query)

    def rooms(self) -> list[Room]:
        query = select(Room).join(Unit).join(Location).where(Location.shelter_id == self.shelter).order_by(Room.id)
        return self.town.all(query)

    def locations(self) -> list[Location]:
        return self.town.all(select(Location).where(Location.shelter_id == self.shelter).order_by(Location.id))

    def places(self, table):
        query = select(Shelter).where(Shelter.id == self.shelter)
        if table is Shelter:
            return self.town.all(query)
        return {Location: self.locations, Unit: self.units, Room: self.rooms}[table]()

    def any_place(self):
        table = self.rng.choices(list(TABLES), list(TABLES.values()))[0]
        return table, self.rng.choice(self.places(table))

    def soon(self):
        return self.town.at.date() + timedelta(days=self.rng.randint(0, 3))

    def add_location(self):
        name = f"Locatie {self.rng.random()}"
        self.town.do(register.make_location, self.shelter, name, PointInput(place="Zwolle"))

    def add_unit(self):
        location = self.rng.choice(self.locations())
        days = {"profile": PROFILE, "opens_on": self.soon() if self.done["lives"] % 2 else None}
        self.town.do(register.make_unit, location.id, f"Unit {self.rng.random()}", Scheme.COSM, **days)

    def add_room(self):
        unit = self.rng.choice(self.units())
        name, beds = f"Kamer {self.rng.random()}", self.rng.randint(1, 4)
        self.town.do(register.make_room, unit.id, name, beds, opens_on=self.soon())

    def change_room(self):
        room = self.rng.choice(self.rooms())
        values = {"name": f"Kamer {self.rng.random()}", "beds": self.rng.randint(0, 4)}
        self.town.do(register.change_room, room.id, room.version, values)

    def close(self):
        table, place = self.any_place()
        self.town.do(closing.close, table, place.id, place.version, self.soon())

    def reopen(self):
        table, place = self.any_place()
        self.town.do(closing.reopen, table, place.id, place.version)

    def move(self):
        unit, location = self.rng.choice(self.units()), self.rng.choice(self.locations())
        self.town.do(moving.move_unit, unit.id, unit.version, location.id)

    def report(self):
        units = self.ids()
        with self.town.act() as act:
            rooms = room_states(act.session, act.day, units=units)
        self.town.do(report_capacity, self.shelter, [RoomInput(room) for room in rooms], actor=shelter(self.shelter))

    def client_comes(self):
        unit = self.rng.choice(self.units())
        client = self.town.register()
        hold = self.town.hold_in(client, unit.id)
        self.town.confirm(hold, actor=shelter(self.shelter))
        self.town.arrive(hold)

    def client_leaves(self):
        if living := self.living():
            self.town.do(stays.end, self.rng.choice(living).id, "own_housing")

    def living(self) -> list[Stay]:
        units = [unit.id for unit in self.units()]
        query = select(Stay).where(Stay.status == StayStatus.IN_HOUSE).order_by(Stay.id)
        return [stay for stay in self.town.all(query) if stay.unit_id in units]

    def day(self):
        verbs = [self.add_room, self.add_unit, self.add_location, self.change_room, self.close, self.reopen, self.move]
        for verb in self.rng.choices([*verbs, *[self.client_comes] * 3, self.client_leaves, self.report], k=6):
            try:
                verb()
                self.done[verb.__name__] += 1
            except PlacementError as refused:
                self.done[f"{verb.__name__} refused ({refused.code})"] += 1
        self.report()
        self.town.do(closing.carry_out_due)
        self.require_sound()
        self.seen[self.town.at.date()] = self.answered(self.town.at.date())
        self.town.later(days=1)
        self.town.do(closing.carry_out_due)

    def answered(self, day):
        """Free beds by unit, and rooms with their names and beds, of a day."""
        units = self.ids()
        with self.town.act() as act:
            history = free_beds(act)
            free = {unit: row[history.days.index(day)] for unit, row in history.free.items() if unit in units}
            rooms = reads.rooms_on(act, self.shelter, day)
        return {unit: count for unit, count in free.items() if count is not None}, {
            room.id: (room.values["name"], room.beds) for room in rooms
        }

    def ids(self):
        return {unit.id for unit in self.units()}

    def require_sound(self):
        day, units = self.town.at.date(), self.ids()
        with self.town.act() as act:
            states = room_states(act.session, act.day, units=units)
        for state in states.values():
            assert state.vacancy.free_now >= 0
            assert len(state.claims) <= len(state.beds)
        beds = {bed.id: bed for bed in self.town.all(select(Bed))}
        for stay in self.living():
            claims = self.town.all(select(BedClaim).where(BedClaim.registration_id == stay.registration_id))
            assert [claim for claim in claims if claim.ends_on is None and beds[claim.bed_id].exists_on(day)]
        for table in (Shelter, Location, Unit, Room):
            for place in self.places(table):
                assert (place.status is PlaceStatus.CLOSED) == (place.closed_on is not None)


def live(town, seed, done, days=DAYS):
    life = Life(town, Random(seed), done)
    for _ in range(days):
        life.day()
    for day, answered in life.seen.items():
        assert life.answered(day) == answered, (seed, day)
    for place in life.places(Shelter):
        if place.status in {PlaceStatus.PLANNED, PlaceStatus.OPEN, PlaceStatus.CLOSING}:
            for stay in life.living():
                town.do(stays.end, stay.id, "own_housing")
            town.do(closing.close, Shelter, place.id, place.version, town.at.date())
    done["lives"] += 1


@pytest.mark.long
@pytest.mark.parametrize("store", range(STORES))
def test_lives_of_a_register_lose_no_client_and_no_past_day(town, store):
    done: Counter[str] = Counter()
    for seed in range(store * LIVES, (store + 1) * LIVES):
        live(town, seed, done)
    assert done["lives"] == LIVES
    verbs = ("add_room", "change_room", "close", "reopen", "move", "client_comes", "client_leaves")
    assert min(done[verb] for verb in verbs) >= LIVES // 4, done


@pytest.mark.wide
def test_one_life_of_a_register_loses_no_client(town):
    live(town, 1, Counter(), days=2)
