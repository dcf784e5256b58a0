"""`python -m bench.report`: measures the time and the memory of a report about three years of daily history of 40
locations.

The database is a SQLite file in a temporary folder. The report is made in a process of its own, so its peak memory is
measured alone. To compare slow and fast machines, the time is also given as a multiple of the read of one row.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import typer
from cryptography.fernet import Fernet
from sqlmodel import Session

from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.reports import store as storing
from placement.reports.moments import moment_of
from placement.storage.database import Database
from placement.tables import (
    Bed,
    BedClaim,
    CapacityReport,
    DailyReport,
    Location,
    Provider,
    Registration,
    Room,
    RoomReport,
    Shelter,
    Stay,
    Unit,
)
from placement.tables.capacity import month_of

_ON = date(2026, 11, 24)
_ROOMS, _BEDS = 5, 2
_LOOKED_BACK = 42
_REGIONS = ("amsterdam", "rotterdam", "limburg", "den-haag")


def main(locations: int = 40, days: int = 3 * 365) -> None:
    """Measures one report."""
    with TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        database = Database.open(settings)
        database.migrate()
        with database.transaction() as session:
            for table, rows in _history(locations, days):
                for first in range(0, len(rows), 5_000):
                    session.add_all(table(**row) for row in rows[first : first + 5_000])  # a flush seals the rows
                    session.flush()
                    session.expunge_all()
        for back in range(_LOOKED_BACK, 0, -1):
            with database.transaction() as session:
                _make(session, settings, _ON - timedelta(days=back))
        with database.transaction() as session:
            _repeat_older(session, days)
        database.close()
        told = {"var": folder, "field_keys": settings.field_keys, "audit_key": settings.audit_key}
        program = (sys.executable, "-m", "bench.report", "--child", json.dumps(told))
        typer.echo(subprocess.run(program, capture_output=True, check=True, text=True).stdout.strip())  # noqa: S603


def _settings(folder: Path, **given: Any) -> Settings:
    keys = {"field_keys": (Fernet.generate_key().decode(),), "audit_key": cipher.new_key(), **given}
    return Settings(var=folder, database_url=f"sqlite:///{folder}/report.db", key_store=folder / "keys", **keys)


def measure(written: str) -> None:
    """Makes the last report and prints the measurements. Called in the separate process."""
    said = json.loads(written)
    settings = _settings(Path(said["var"]), field_keys=tuple(said["field_keys"]), audit_key=said["audit_key"])
    database = Database.open(settings)
    began, began_cpu = time.perf_counter(), time.process_time()
    with database.transaction() as session:
        _make(session, settings, _ON)
    made, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    for back in range(1, 21):
        with database.transaction() as session:
            session.get(DailyReport, (_ON - timedelta(days=back), 1))
    row = (time.perf_counter() - began) / 20
    typer.echo(f"made a report: {made:.2f} s, {cpu:.2f} s of the processor, {memory:.0f} MB at most")
    typer.echo(f"one row by its key: {1000 * row:.1f} ms; ratio: {made / row:.0f}")


def _make(session: Session, settings: Settings, on: date) -> None:
    storing.make(Act(session, SYSTEM, moment_of(on), settings), on)


def _repeat_older(session: Session, days: int) -> None:
    """Stores copies of a report for older days. Nobody reads them, but they give the table its usual size."""
    one = session.get_one(DailyReport, (_ON - timedelta(days=1), 1)).model_dump()
    session.add_all(DailyReport(**{**one, "on": _ON - timedelta(days=back)}) for back in range(_LOOKED_BACK + 1, days))


def _history(locations: int, days: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    rng = Random(1)  # noqa: S311
    names = [f"S{number:02}" for number in range(1, locations + 1)]
    rooms = [f"{name}-R{number}" for name in names for number in range(_ROOMS)]
    yield Provider, [{"id": "P", "name": "P"}]
    yield Shelter, [{"id": name, "provider_id": "P", "name": name} for name in names]
    yield (
        Location,
        [
            {
                "id": f"{name}-L",
                "shelter_id": name,
                "name": "L",
                "region": rng.choice(_REGIONS),
                "cell_row": 1,
                "cell_column": 1,
            }
            for name in names
        ],
    )
    profile = {"admits": ["female"], "languages": ["nl"], "interpreter_languages": ["*"], "specialisms": []}
    shared = {**profile, "name": "U", "scheme": "cosm", "min_age": 18, "max_age": 120, "version": 1}
    yield Unit, [{"id": f"{name}-U", "location_id": f"{name}-L", **shared} for name in names]
    yield Room, [{"id": room, "unit_id": f"{room[:3]}-U", "name": room, "features": []} for room in rooms]
    beds = [(bed, room) for bed, room in enumerate((room for room in rooms for _ in range(_BEDS)), start=1)]
    yield Bed, [{"id": bed, "room_id": room, "number": 1 + bed % _BEDS} for bed, room in beds]
    lived = list(_lives(rng, beds, days))
    yield Registration, [her for her, _, _ in lived]
    yield Stay, [stay for _, stay, _ in lived]
    yield BedClaim, [claim for _, _, claim in lived]
    reports = [
        {"id": 1 + back * locations + number, "shelter_id": name, "at": at, "month": month_of(at), "reported_by": name}
        for back in range(days)
        for at in [_morning(days - back)]
        for number, name in enumerate(names)
    ]
    yield CapacityReport, [{**report, "confirmed": True} for report in reports]
    said = {"out_of_service": 0, "other_use": [], "withheld": 0}
    yield (
        RoomReport,
        [
            {"report_id": report["id"], "room_id": f"{report['shelter_id']}-R{number}", **said}
            for report in reports
            for number in range(_ROOMS)
        ],
    )


def _morning(back: int) -> datetime:
    return moment_of(_ON - timedelta(days=back)) - timedelta(minutes=40)


def _lives(rng: Random, beds: list[tuple[int, str]], days: int) -> Iterator[tuple[dict[str, Any], ...]]:
    number = 0
    for bed, room in beds:
        began_on = _ON - timedelta(days=days)
        while began_on < _ON:
            number += 1
            ended_on = began_on + timedelta(days=rng.randint(5, 100))
            over = ended_on <= _ON
            arrived = datetime.combine(began_on, datetime.min.time(), UTC) + timedelta(hours=2)
            closed = {"closed_reason": "own_housing", "closed_on": ended_on} if over else {}
            her = {
                "id": f"R-{number}", "region": rng.choice(_REGIONS), "registrant": "NP", "residence_basis": "eu",
                "status": "closed" if over else "placed", "urgency": rng.randint(1, 4), "needed_by": began_on,
                "waits_since": arrived - timedelta(days=3), "registered_by": "A", **closed,
            }  # fmt: skip
            stay = {
                "id": f"S-{number}", "registration_id": her["id"], "unit_id": f"{room[:3]}-U", "starts_on": began_on,
                "status": "ended" if over else "in_house", "arrived_at": arrived, "blocker": None,
                "limit_on": began_on + timedelta(days=90), "ended_on": ended_on if over else None,
                "end_reason": "own_housing" if over else None,
            }  # fmt: skip
            claim = {
                "bed_id": bed, "stay_id": stay["id"], "registration_id": her["id"], "whole_room": False,
                "starts_on": began_on, "ends_on": ended_on if over else None, "cancelled": False,
            }  # fmt: skip
            yield her, stay, claim
            began_on = ended_on + timedelta(days=rng.randint(0, 5))


if __name__ == "__main__":
    if "--child" in sys.argv:
        measure(sys.argv[-1])
    else:
        typer.run(main)
