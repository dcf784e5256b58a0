"""An independent recount of the report of a random history, from the raw rows: own SQL and plain loops.

Each part gives figures by their position in the report, such as `free.by_kind[women].yesterday`.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from tests.support.reports.random_history import AS_OF, ON
from tests.support.reports.raw_rows import KINDS, Tables, rounded
from tests.support.reports.recount_forecast import came_out, expected

WEEK = date(2026, 11, 16)  # 24 November 2026 is a Tuesday: the last complete week began on the 16th
PLACES = ("beds", "used", "used_by_others", "held", "out_of_service", "withheld", "free", "not_ready", "free_rooms")


def leaves(value, where=""):
    """Yields every figure of a document with its position. A row of a list is named by its key, not by its number."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{where}.{name}".strip("."))
    elif isinstance(value, tuple) and value and isinstance(value[0], dict):
        keys = ROWS.get(where.rpartition(".")[2], ("code",))
        for row in value:
            named = "/".join(str(row[key]) for key in keys)
            yield from leaves({key: part for key, part in row.items() if key not in keys}, f"{where}[{named}]")
    elif not (value == () and where.rpartition(".")[2] in ROWS):
        yield where, list(value) if isinstance(value, tuple) else value


ROWS = {
    "by_kind": ("kind",), "shelters": ("shelter",), "units": ("unit",), "out": ("reason", "until"),
    "bottlenecks": ("unit", "extra"), "regions": ("region",), "came_out": ("expected_on", "kind"),
}  # fmt: skip


ANY = "*"
"""Any other row of a tally: it counts nothing."""


def tally(where, codes, figure="count"):
    for code, count in Counter(codes).items():
        yield f"{where}[{code}].{figure}", str(count)
    yield f"{where}[{ANY}].{figure}", "0"


def recount(session, blocking_causes):
    tables = Tables(session)
    counted = {"format": "placement-report/1", "on": ON, "as_of": AS_OF, "view": "all", "whose": []}
    counted |= {"people_on": None, "free.few": []}  # of readers: tests/placement/reports/test_memory.py
    for part in (_places, _free, _waiting, _flow, _clocks, expected, came_out, _quality):
        counted.update(part(tables, blocking_causes))
    return counted


def _sums(rooms):
    counted = {name: sum(room[name] for room in rooms) for name in PLACES[:7]}
    counted["not_ready"] = max(0, counted["beds"] - sum(counted[name] for name in PLACES[1:7]))
    counted["free_rooms"] = sum(1 for room in rooms if room["free"] and room["empty"])
    return counted | {"rooms": len(rooms)}


def _series(tables, of):
    reports = [tables.before.get(ON - timedelta(days=back)) for back in range(28, 0, -1)]
    return [None if report is None else of(report) for report in reports]


def _unit_before(unit_id):
    def of(report):
        units = [unit for shelter in report["shelters"] for unit in shelter["units"] if unit["unit"] == unit_id]
        return units[0] if units else None

    return of


def _in_use(part):
    return part and part["used"] + part["used_by_others"]


def _places(tables, _):
    country = Counter()
    for shelter in tables["shelter"]:
        where = f"shelters[{shelter['id']}]"
        theirs = [unit for unit in tables["unit"] if tables.shelter_of[unit["location_id"]] == shelter["id"]]
        mine = [room for room in tables.rooms if room["unit"] in {unit["id"] for unit in theirs}]
        own = tables.newest(shelter["id"], confirmed=True)
        hours = (AS_OF - own["at"]).total_seconds() / 3600 if own else None
        yield f"{where}.name", shelter["name"]
        yield f"{where}.reported_at", own and own["at"]
        yield (
            f"{where}.freshness",
            "never" if own is None else "fresh" if hours <= 24 else "ageing" if hours <= 72 else "stale",
        )
        yield f"{where}.beds", sum(room["beds"] for room in mine)
        yield f"{where}.free", sum(room["free"] for room in mine)
        for unit in theirs:
            sums = yield from _unit(tables, unit, f"{where}.units[{unit['id']}]", shelter["id"])
            country.update(sums)
    for name in (*PLACES, "rooms"):
        yield f"country.{name}", country[name]
    yield "country.shelters", len(tables["shelter"])
    yield "country.units", len(tables["unit"])
    yield "country.series_free", _series(tables, lambda report: report["free"]["free"])
    yield "country.series_used", _series(tables, lambda report: _in_use(report["country"]))


def _last_days(tables, unit):
    """Yields the last days of a unit: its own, and those of its location and shelter."""
    [location] = [row for row in tables["location"] if row["id"] == unit["location_id"]]
    [shelter] = [row for row in tables["shelter"] if row["id"] == location["shelter_id"]]
    for place in (unit, location, shelter):
        day = place["closes_on"] if place["status"] == "closing" else place["open_until"]
        if day is not None:
            yield day


def _unit(tables, unit, where, shelter_id):
    rooms = [room for room in tables.rooms if room["unit"] == unit["id"]]
    sums = _sums(rooms)
    for name, count in sums.items():
        yield f"{where}.{name}", count
    facts = {
        "name": unit["name"],
        "scheme": unit["scheme"],
        "shelter": shelter_id,
        "region": tables.region_of[unit["location_id"]],
        "open_until": min(_last_days(tables, unit), default=None),
    }
    for name, fact in facts.items():
        yield f"{where}.{name}", fact
    out = Counter()
    for room in rooms:
        if room["out"]:
            out[room["out"]] += room["out_of_service"]
    for (reason, until), beds in out.items():
        yield f"{where}.out[{reason}/{until}].beds", beds
    yield f"{where}.discrepancies.too_many", sum(room["too_many"] for room in rooms)
    yield f"{where}.discrepancies.counted_otherwise", sum(room["otherwise"] for room in rooms)
    before = _series(tables, _unit_before(unit["id"]))
    yield f"{where}.series_free", [day and day["free"] for day in before]
    yield f"{where}.series_used", [_in_use(day) for day in before]
    return sums


def _free(tables, _):
    def against(where, now, of):
        days = [of(report) for on, report in tables.before.items() if ON - timedelta(days=28) <= on < ON]
        yesterday = tables.before.get(ON - timedelta(days=1))
        yield f"{where}.free", now
        yield f"{where}.yesterday", yesterday and of(yesterday)
        yield f"{where}.mean_28", rounded(sum(days) / len(days)) if days else None

    yield from against("free", sum(room["free"] for room in tables.rooms), lambda report: report["free"]["free"])
    for kind in KINDS:
        now = sum(room["free"] for room in tables.rooms if tables.is_of(kind, room))
        kind_of = lambda report, kind=kind: {row["kind"]: row["free"] for row in report["free"]["by_kind"]}[kind]  # noqa: E731
        yield from against(f"free.by_kind[{kind}]", now, kind_of)


def _waiting(tables, blocking_causes):
    housed = {claim["registration_id"] for claim in tables.claims}
    wait = [
        row for row in tables["registration"]
        if row["status"] not in {"draft", "missing"} and row["waits_since"] <= AS_OF and row["id"] not in housed
        and not (row["closed_on"] and row["closed_on"] <= ON)
    ]  # fmt: skip
    days = sorted(int((AS_OF - one["waits_since"]).total_seconds() // 86400) for one in wait)
    yield "waiting.total", str(len(wait))
    yield "waiting.median_days", days[(len(days) - 1) // 2] if len(days) >= 5 else None
    yield "waiting.longest_days", days[-1] if len(days) >= 5 else None
    yield from tally("waiting.by_urgency", (one["urgency"] for one in wait))
    yield from tally(
        "waiting.by_cause",
        (blocking_causes.causes.get(one["id"], "no_scheme") if blocking_causes else "unknown" for one in wait),
    )
    yield from tally("regions", (one["region"] for one in wait), "waiting")
    for extra in blocking_causes.extras if blocking_causes else ():
        where = f"waiting.bottlenecks[{extra.unit}/{extra.extra}]"
        yield f"{where}.serves", str(extra.serves)
        yield f"{where}.scheme", tables.units[extra.unit]["scheme"]
    kept = {claim["registration_id"] for claim in tables.claims if not tables.lives(claim)}
    move = [kind for row in tables["registration"] if row["id"] in housed - kept for kind in _sought(row["requests"])]
    yield "waiting.moving", str(len(move))
    yield from tally("waiting.moving_by_kind", move)
    yield "waiting.missing", str(sum(row["status"] == "missing" for row in tables["registration"]))


def _sought(requests):
    """Yields the kinds of places sought at the moment; at most a single kind."""
    for request in requests:
        asked = request.kind in {"transfer", "onward"} and request.made_at <= AS_OF
        if asked and not (request.ended_on and request.ended_on <= ON):
            yield request.kind


def _came_from(tables, stay):
    """Returns the place that the client left for this place, on the day of the arrival."""
    client, day = stay["registration_id"], stay["starts_on"]
    for other in tables["stay"]:
        moved_on = other["end_reason"] == "moved_on" and other["ended_on"] == day
        if moved_on and other["registration_id"] == client and other["arrived_at"] < stay["arrived_at"]:
            return other
    return None


def _flow(tables, _):
    begins, ends = datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)
    within = lambda at: at is not None and begins <= at < ends  # noqa: E731
    new = [row for row in tables["registration"] if row["taken_over_on"] is None and row["status"] != "draft"]
    registered = [row for row in new if within(row["waits_since"])]
    decided = [row for row in tables["decision"] if within(row["decided_at"])]
    refused = [row for row in tables["hold"] if row["status"] == "refused" and within(row["answered_at"])]
    late = [row for row in tables["hold"] if row["status"] == "expired" and within(row["expires_at"])]
    expired = [row for row in late if row["asked_at"] is not None]
    left = [row for row in tables["stay"] if row["ended_on"] and WEEK <= row["ended_on"] <= WEEK + timedelta(days=6)]
    ended = [row for row in left if row["end_reason"] != "moved_on"]
    came = [row for row in tables["stay"] if within(row["arrived_at"]) and not row["taken_over_on"]]
    moved = [row for row in came if _came_from(tables, row)]
    overrides = [row for row in decided if row["kind"] == "override"]
    yield "flow.begins_on", WEEK
    yield "flow.ends_on", WEEK + timedelta(days=6)
    yield "flow.registered", str(len(registered))
    yield "flow.arrived", str(len(came) - len(moved))
    yield "flow.moved", str(len(moved))
    areas = {row["id"]: row["region"] for row in tables["registration"]}
    yield from tally("regions", (areas[stay["registration_id"]] for stay in moved), "moved")
    yield "flow.decisions", str(len(decided))
    yield "flow.refused", str(len(refused))
    yield "flow.expired", str(len(expired))
    yield "flow.ended", str(len(ended))
    yield from tally("flow.by_decision", (row["kind"] for row in decided))
    yield from tally("flow.override_reasons", (row["reason"] for row in overrides))
    yield from tally("flow.decline_reasons", (row["reason"] for row in decided if row["kind"] == "decline"))
    yield from tally("flow.refusal_reasons", (row["reason"] for row in refused))
    yield from tally("flow.end_reasons", (row["end_reason"] for row in ended))
    least, rest = divmod(100 * len(overrides), len(decided) or 1)
    share = f"{least}\u2013{least + 1}" if rest else str(least)
    yield "flow.override_percent", share if decided else None


def _clocks(tables, _):
    for row in tables["placeentry"]:
        if row["kind"] == "area":
            yield f"regions[{row['code']}].name", row["facts"]["name"]
    regions = {row["id"]: row["region"] for row in tables["registration"]}
    near, past = [], []
    for stay in tables["stay"]:
        if stay["arrived_at"] and stay["arrived_at"] <= AS_OF and (stay["ended_on"] is None or stay["ended_on"] > ON):
            if stay["limit_on"] <= ON:
                past.append(stay)
                continue
            first = stay
            while before := _came_from(tables, first):
                first = before
            if (ON - first["starts_on"]).days >= {90: 60, 30: 20}[(stay["limit_on"] - first["starts_on"]).days]:
                near.append(stay)
    yield "clocks.near", str(len(near))
    yield "clocks.past", str(len(past))
    yield from tally("clocks.past_by_blocker", (stay["blocker"] or "none_named" for stay in past))
    yield from tally("regions", (regions[stay["registration_id"]] for stay in near), "near")
    yield from tally("regions", (regions[stay["registration_id"]] for stay in past), "past")


def _quality(tables, _):
    reported = {row["id"]: tables.newest(row["id"], confirmed=True) for row in tables["shelter"]}
    hours = {name: (AS_OF - own["at"]).total_seconds() / 3600 if own else 9999 for name, own in reported.items()}
    newest = {name: tables.newest(name) for name in reported}
    found = {
        "shelters_not_reported": sorted(name for name, age in hours.items() if age > 24),
        "stale_units": sorted(
            name for name, unit in tables.units.items() if hours[tables.shelter_of[unit["location_id"]]] > 72
        ),
        "corrected_shelters": sorted(name for name, report in newest.items() if report and not report["confirmed"]),
    }  # fmt: skip
    for name, which in found.items():
        yield f"quality.{name}", which
    yield "quality.not_reported", len(found["shelters_not_reported"])
    yield "quality.stale", len(found["stale_units"])
    yield "quality.corrected", len(found["corrected_shelters"])
    yield "quality.discrepancies", sum(1 for room in tables.rooms if room["too_many"] or room["otherwise"])
