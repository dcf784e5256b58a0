"""The raw rows of a random history, read by SQL of its own, and what stands at the moment of the report."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select, text

from placement.core.clock import AMSTERDAM
from placement.tables import BedClaim, CapacityReport, DailyReport, Decision, Hold, Registration, RoomReport, Stay
from tests.support.reports.random_history import AS_OF, ON

KINDS = {
    "women": lambda unit, _: unit["max_age"] > 17 and unit["scheme"] != "omm" and "female" in unit["admits"],
    "men": lambda unit, _: unit["max_age"] > 17 and unit["scheme"] != "omm" and "male" in unit["admits"],
    "families": lambda unit, _: unit["children_max_age"] is not None,
    "multi_problem": lambda unit, _: unit["scheme"] == "omm",
    "accessible": lambda _, room: "wheelchair" in room["features"],
    "minors": lambda unit, _: unit["scheme"] == "minors",
}
SEALED = {
    "hold": Hold, "stay": Stay, "bedclaim": BedClaim, "dailyreport": DailyReport, "roomreport": RoomReport,
    "capacityreport": CapacityReport,
    "decision": Decision, "registration": Registration,
}  # fmt: skip
TOLD = ("waits_since", "taken_over_on", "requests")
"""Of the record of a registration, what a report counts."""
_JSON = {"admits", "facts", "features", "other_use", "report"}


def rounded(number):
    """Rounds to one decimal, whichever way a half is rounded."""
    return pytest.approx(number, abs=0.05 + 1e-9)


def _first_day(stay):
    return {"starts_on": stay.arrived_at and stay.arrived_at.astimezone(AMSTERDAM).date()}


class Tables:
    """Raw rows, as each store gives them: read once, and asked in plain loops."""

    def __init__(self, session):
        self._session = session
        self._read = {}
        self.units = {row["id"]: row for row in self["unit"]}
        self.shelter_of = {row["id"]: row["shelter_id"] for row in self["location"]}
        self.region_of = {row["id"]: row["region"] for row in self["location"]}
        self.holds = {row["id"]: row for row in self["hold"]}
        self.stays = {row["id"]: row for row in self["stay"]}
        self.claims = [claim for claim in self["bedclaim"] if self._stands(claim)]
        self.rooms = [self._room(row) for row in self["room"]]
        self.before = {}
        for row in sorted(self["dailyreport"], key=lambda row: row["version"]):
            self.before[row["on"]] = row["report"]  # the last version counts

    def __getitem__(self, table):
        if table not in self._read:
            found = self._opened(table) if table in SEALED else self._raw(table)
            self._read[table] = [{name: _plain(name, value) for name, value in row.items()} for row in found]
        return self._read[table]

    def _raw(self, table):
        return [dict(row) for row in self._session.execute(text(f'SELECT * FROM "{table}"')).mappings()]  # noqa: S608

    def _opened(self, table):
        """Rows of which a part is sealed, or a pseudonym: with the keys, and without any query of the service."""
        found = self._session.exec(select(SEALED[table]))
        more = {"registration": lambda row: row.facts(TOLD), "stay": _first_day}.get(table, lambda _: {})
        return [row.model_dump() | more(row) for row in found]

    def _stands(self, claim):
        """Checks whether the bed was kept or lived in at the moment, whatever happened to it since."""
        if claim["ends_on"] is not None and claim["ends_on"] <= ON:
            return False
        hold, stay = self.holds.get(claim["hold_id"]), self.stays.get(claim["stay_id"])
        if hold is None:
            return claim["starts_on"] <= ON and not claim["cancelled"]
        if hold["made_at"] > AS_OF:
            return False
        if claim["cancelled"] and stay:
            return stay["ended_on"] is None or stay["ended_on"] > ON
        ended_at = {"expired": hold["expires_at"]}.get(hold["status"], hold["answered_at"])
        return not (claim["cancelled"] and ended_at and ended_at <= AS_OF)

    def lives(self, claim):
        stay = self.stays.get(claim["stay_id"])
        return bool(stay and stay["arrived_at"] and stay["arrived_at"] <= AS_OF)

    def newest(self, shelter_id, *, confirmed=False):
        mine = [row for row in self["capacityreport"] if row["shelter_id"] == shelter_id and row["at"] <= AS_OF]
        mine = [row for row in mine if row["confirmed"] or not confirmed]
        return max(mine, key=lambda row: row["id"]) if mine else None

    def _room(self, room):
        here = {bed["id"] for bed in self["bed"] if bed["room_id"] == room["id"]}
        live = [claim for claim in self.claims if claim["bed_id"] in here]
        report = self.newest(self.shelter_of[self.units[room["unit_id"]]["location_id"]])
        words = [
            row
            for row in self["roomreport"]
            if report and row["report_id"] == report["id"] and row["room_id"] == room["id"]
        ]
        word = words[0] if words else None
        out = others = withheld = 0
        ends = []
        if word:
            withheld = word["withheld"]
            if word["out_until"] is None or word["out_until"] > ON:
                out = word["out_of_service"]
                ends += [(word["out_until"], out)] if word["out_until"] and out else []
            for use in word["other_use"]:
                until = date.fromisoformat(use["until"]) if use["until"] else None
                if until is None or until > ON:
                    others += use["count"]
                    ends += [(until, use["count"])] if until else []
        left = len(here) - len(live) - out - others - withheld
        shut = word is None or any(claim["whole_room"] for claim in live) or (word["free_from"] or ON) > ON
        used = sum(self.lives(claim) for claim in live)
        trusted = bool(word and not withheld)
        later = sum(claim["starts_on"] > ON for claim in live if not self.lives(claim))
        held = len(live) - used
        while held > len(live) - used - later and used + held + out + others + withheld > len(here):
            held -= 1  # somebody else uses this bed until the hold begins
        return {
            "unit": room["unit_id"], "features": room["features"], "beds": len(here), "used": used,
            "held": held, "used_by_others": others, "out_of_service": out, "withheld": withheld,
            "free": 0 if shut else max(0, left), "empty": not live and not others, "ends": ends,
            "out": (word["out_reason"], word["out_until"]) if out else None,
            "too_many": max(0, -left - later) if trusted else 0,
            "otherwise": bool(trusted and left + later >= 0 and word["counted_free"] != word["derived_free"]),
        }  # fmt: skip

    def is_of(self, kind, room):
        return KINDS[kind](self.units[room["unit"]], room)

    def units_of(self, kind):
        return {room["unit"] for room in self.rooms if self.is_of(kind, room)}


def _plain(name, value):
    """Converts a value of either database. SQLite gives texts, and moments without a zone; PostgreSQL gives a day or a
    moment.
    """
    if value is None:
        return None
    if name in _JSON:
        return json.loads(value) if isinstance(value, str) else value
    if name.endswith("_at") or name in {"at", "waits_since", "as_of"}:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if name == "on" or name.endswith(("_on", "_until", "free_from")):
        return date.fromisoformat(value) if isinstance(value, str) else value
    return value
