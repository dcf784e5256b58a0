"""Days of a quarter by a moved clock, as a black box: each morning has no fault."""

import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.ledger import commit
from tests.support.proof import FULL
from tests.support.quarter.ledger import Ledger, new_client, next_look
from tests.support.quarter.mornings import is_within
from tests.support.quarter.room import copy_all
from tests.support.quarter.run import TABLE, Run

TEN = datetime(2026, 12, 8, 10, 5, tzinfo=ZoneInfo("Europe/Amsterdam"))


def a_client(urgency=2, needed_by="2026-12-12", **state):
    facts = {"persons": [{"gender": "female", "age": 30}], "urgency": urgency, "needed_by": needed_by}
    return new_client("R-1", "amsterdam", facts, TEN) | state


@pytest.mark.parametrize(
    ("urgency", "needed_by", "looks_at"),
    [
        (1, "2026-12-08", "08 11:05"),
        (2, "2026-12-12", "09 09:00"),
        (3, "2026-12-12", "12 09:00"),
        (4, None, "15 10:05"),
    ],
)
def test_next_look_is_as_the_guide_of_tasks_has_it(urgency, needed_by, looks_at):
    assert f"{next_look(a_client(urgency, needed_by)):%d %H:%M}" == looks_at


def test_ledger_counts_beds_lived_in_and_beds_kept():
    moving = {"hold": "H-1", "beds": {"R2": 1}}
    ledger = Ledger({"clients": {"R-1": a_client(state="move_held", beds={"R1": 2}, next=moving)}})
    assert (ledger.taken(kept=False), ledger.taken(kept=True)) == ({"R1": 2}, {"R2": 1})
    ledger.clients["R-1"]["state"] = "missing"
    assert (ledger.taken(kept=False), ledger.taken(kept=True)) == ({}, {})


def test_ledger_has_beds_used_by_others_until_their_day():
    ledger = Ledger({"rooms": {"R1": {"others": [[1, "2026-12-10"], [1, None]], "out": [[1, "2026-12-09"]]}}})
    days = ("2026-12-08", "2026-12-09", "2026-12-10")
    assert [ledger.other_beds("R1", "others", day) for day in days] == [2, 2, 1]
    assert [ledger.other_beds("R1", "out", day) for day in days] == [1, 0, 0]


def test_bed_kept_from_a_later_day_is_in_use_from_that_day():
    rooms = {"R1": {"beds": 2, "others": [[1, "2026-12-10"], [1, None]], "out": []}}
    kept = a_client(state="held", next={"beds": {"R1": 1}, "starts": "2026-12-10"})
    ledger = Ledger({"clients": {"R-1": kept}, "rooms": rooms})
    assert [ledger.beds_on(f"2026-12-{day}")["R1"] for day in ("09", "10")] == [2, 2]
    assert [ledger.held_on(f"2026-12-{day}") for day in ("09", "10")] == [0, 1]
    kept["next"]["starts"] = "2026-12-09"
    assert ledger.beds_on("2026-12-09")["R1"] == 3


def test_ledger_on_disk_is_the_ledger(tmp_path):
    ledger = Ledger({"clients": {"R-1": a_client()}, "day": 3})
    ledger.owes("Er wordt een plaats gevraagd", "staff-s01", "staff-s01", "desk-1")
    ledger.write(tmp_path / "ledger.json")
    again = Ledger.of(tmp_path / "ledger.json")
    assert vars(again) == vars(ledger)
    assert set(again.owed.values()) == {1}


def test_figure_of_the_report_is_compared_as_it_is_shown():
    shown = {"25": 25, "<7": 6, "8\u201316": 16}
    assert all(is_within(number, words) for words, number in shown.items())
    assert not any(is_within(number + 1, words) for words, number in shown.items())


def test_empty_place_closes_on_its_day():
    rooms = {name: {"unit": name[:2], "open": True} for name in ("U1-R1", "U2-R1")}
    ledger = Ledger({"rooms": rooms, "units": {"U1": {"closes": None}, "U2": {"closes": None}}})
    ledger.clients["R-1"] = a_client(state="placed", beds={"U1-R1": 1})
    ledger.closes("U1", "2026-12-10")
    assert [one["closes"] for one in ledger.units.values()] == ["2026-12-10", None]
    open_rooms = []
    for day, state in (("09", "closed"), ("10", "placed"), ("11", "closed")):
        ledger.clients["R-1"]["state"] = state
        ledger.close_empty_places(f"2026-12-{day}")
        open_rooms.append(len(ledger.rooms_of("U1")))
    assert open_rooms == [1, 1, 0]


def test_copy_of_a_room_has_nothing_of_running_processes(tmp_path):
    kept = tmp_path / "now" / "pg"
    kept.mkdir(parents=True)
    for name in ("PG_VERSION", "postmaster.pid", ".handle_pids.json", ".s.PGSQL.5432.lock"):
        (kept / name).touch()
    copy_all(tmp_path / "now", tmp_path / "made")
    assert [one.name for one in (tmp_path / "made" / "pg").iterdir()] == ["PG_VERSION"]


@pytest.mark.wide
def test_two_days_have_no_fault():
    with tempfile.TemporaryDirectory(prefix="placement-days-") as folder:
        lives(folder, 2, postgres=False)


@pytest.mark.long
def test_quarter_has_no_fault():
    """Lives 90 days, and goes on from the last finished day of this commit."""
    at = commit()
    if FULL and at is not None:
        lives(Path(tempfile.gettempdir()) / f"placement-quarter-{at[:8]}", 90, postgres=True)
        return
    with tempfile.TemporaryDirectory(prefix="placement-days-") as folder:
        lives(folder, 90 if FULL else 3, postgres=True)


def lives(folder, days, *, postgres):
    assert Run(Path(folder), postgres=postgres).lives(days), TABLE.read_text()
