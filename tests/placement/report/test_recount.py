"""Every figure of the report, counted again from the raw rows by another way: own SQL and plain loops."""

import json
import os
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import text

from placement.report import building, clocks, expecting, waiting
from placement.report.history import rows_at
from tests.placement.report.chance import AS_OF, ON, write_history

WEEK = date(2026, 11, 16)  # 24 November 2026 is a Tuesday: the last complete week began on the 16th
HISTORIES = 200 if os.environ.get("PROOF_SIZE") == "full" else 10


def instant(value):
    """As a store gives it: SQLite a text without zone, PostgreSQL a moment."""
    if value is None or isinstance(value, datetime):
        return value.astimezone(UTC) if value else None
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def day(value):
    return date.fromisoformat(value) if isinstance(value, str) else value


def rows_of(session, table):
    found = [dict(row) for row in session.execute(text(f'SELECT * FROM "{table}"')).mappings()]  # noqa: S608
    for row in found:
        for name, value in row.items():
            if name.endswith("_at") or name in {"at", "waits_since"}:
                row[name] = instant(value)
            elif name.endswith(("_on", "_until", "free_from")):
                row[name] = day(value)
            elif name in {"admits", "features", "other_use"} and isinstance(value, str):
                row[name] = json.loads(value)
    return found


def room_by_room(session):
    """Of each room: its unit, beds, used, others, out, withheld, free, whether somebody is there, known ends."""
    claims, stays = rows_of(session, "bedclaim"), {row["id"]: row for row in rows_of(session, "stay")}
    beds, reports = rows_of(session, "bed"), rows_of(session, "capacityreport")
    said = rows_of(session, "roomreport")
    when = {report["id"]: report["at"] for report in reports}
    for room in sorted(rows_of(session, "room"), key=lambda row: row["id"]):
        here = {bed["id"] for bed in beds if bed["room_id"] == room["id"]}
        live = [
            claim for claim in claims
            if claim["bed_id"] in here and claim["starts_on"] <= ON and not claim["cancelled"]
            and (claim["ends_on"] is None or claim["ends_on"] > ON)
        ]  # fmt: skip
        mine = [row for row in said if row["room_id"] == room["id"] and when[row["report_id"]] <= AS_OF]
        word = max(mine, key=lambda row: row["report_id"]) if mine else None
        out = others = withheld = 0
        ends = []
        if word:
            withheld = word["withheld"]
            if word["out_until"] is None or word["out_until"] > ON:
                out = word["out_of_service"]
                ends += [(word["out_until"], out)] if word["out_until"] and out else []
            for use in word["other_use"]:
                if use["until"] is None or day(use["until"]) > ON:
                    others += use["count"]
                    ends += [(day(use["until"]), use["count"])] if use["until"] else []
        left = len(here) - len(live) - out - others - withheld
        shut = word is None or any(claim["whole_room"] for claim in live) or (word["free_from"] or ON) > ON
        yield {
            "unit": room["unit_id"], "room": room, "beds": len(here), "free": 0 if shut else max(0, left),
            "used": sum(stays[claim["stay_id"]]["arrived_at"] <= AS_OF for claim in live),
            "others": others, "out": out, "withheld": withheld, "empty": not live and not others, "ends": ends,
        }  # fmt: skip


def check_places(session, report):
    rooms = list(room_by_room(session))
    units = {row["id"]: row for row in rows_of(session, "unit")}
    told = {unit.unit: unit for shelter in report.shelters for unit in shelter.units}
    assert sorted(told) == sorted(units)
    for unit_id, unit in told.items():
        mine = [room for room in rooms if room["unit"] == unit_id]
        assert unit.beds == sum(room["beds"] for room in mine)
        assert unit.used == sum(room["used"] for room in mine)
        assert unit.used_by_others == sum(room["others"] for room in mine)
        assert unit.out_of_service == sum(room["out"] for room in mine) == sum(row.beds for row in unit.out)
        assert unit.withheld == sum(room["withheld"] for room in mine)
        assert unit.free == sum(room["free"] for room in mine)
        assert unit.free_rooms == sum(1 for room in mine if room["free"] and room["empty"])
    assert report.free.free == report.country.free == sum(room["free"] for room in rooms)
    belongs = {
        "women": lambda unit, _: unit["max_age"] > 17 and unit["scheme"] != "omm" and "female" in unit["admits"],
        "men": lambda unit, _: unit["max_age"] > 17 and unit["scheme"] != "omm" and "male" in unit["admits"],
        "families": lambda unit, _: unit["children_max_age"] is not None,
        "multi_problem": lambda unit, _: unit["scheme"] == "omm",
        "accessible": lambda _, room: "wheelchair" in room["features"],
        "minors": lambda unit, _: unit["scheme"] == "minors",
    }
    for row in report.free.by_kind:
        mine = [room for room in rooms if belongs[row.kind](units[room["unit"]], room["room"])]
        assert row.free == sum(room["free"] for room in mine), row.kind
        known = sum(count for room in mine for until, count in room["ends"] if ON < until <= ON + timedelta(days=14))
        assert next(one.known for one in report.expecting.by_kind if one.kind == row.kind) == known


def check_waiting(session, report):
    housed = {
        claim["registration_id"] for claim in rows_of(session, "bedclaim")
        if claim["ends_on"] is None or claim["ends_on"] > ON
    }  # fmt: skip
    wait = [
        row for row in rows_of(session, "registration")
        if row["status"] != "draft" and row["waits_since"] <= AS_OF and row["id"] not in housed
        and not (row["closed_at"] and row["closed_at"] <= AS_OF)
    ]  # fmt: skip
    assert report.waiting.total == str(len(wait))
    for row in report.waiting.by_urgency:
        assert row.count == str(sum(str(one["urgency"]) == row.code for one in wait))
    for row in report.regions:
        assert row.waiting == str(sum(one["region"] == row.region for one in wait))
    days = sorted(int((AS_OF - one["waits_since"]).total_seconds() // 86400) for one in wait)
    if len(days) < 5:
        assert report.waiting.median_days is report.waiting.longest_days is None
    else:
        assert (report.waiting.median_days, report.waiting.longest_days) == (days[(len(days) - 1) // 2], days[-1])


def check_flow(session, report):
    begins, ends = datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)
    within = lambda at: at is not None and begins <= at < ends  # noqa: E731
    flow = report.flow
    assert (flow.begins_on, flow.ends_on) == (WEEK, WEEK + timedelta(days=6))
    registered = [r for r in rows_of(session, "registration") if within(r["waits_since"]) and r["status"] != "draft"]
    stays, holds = rows_of(session, "stay"), rows_of(session, "hold")
    decided = [row for row in rows_of(session, "decision") if within(row["decided_at"])]
    refused = [row for row in holds if row["status"] == "refused" and within(row["answered_at"])]
    ended = [row for row in stays if row["ended_on"] and WEEK <= row["ended_on"] <= WEEK + timedelta(days=6)]
    expired = [row for row in holds if row["status"] == "expired" and within(row["expires_at"])]
    assert flow.arrived == str(sum(within(row["arrived_at"]) for row in stays))
    assert flow.expired == str(len(expired))
    assert flow.registered == str(len(registered))
    assert flow.decisions == str(len(decided))
    assert flow.refused == str(len(refused))
    assert flow.ended == str(len(ended))
    groups = [
        (flow.by_decision, Counter(row["kind"] for row in decided)),
        (flow.override_reasons, Counter(row["reason"] for row in decided if row["kind"] == "override")),
        (flow.decline_reasons, Counter(row["reason"] for row in decided if row["kind"] == "decline")),
        (flow.refusal_reasons, Counter(row["reason"] for row in refused)),
        (flow.end_reasons, Counter(row["end_reason"] for row in ended)),
    ]
    for told, counted in groups:
        assert set(counted) <= {row.code for row in told}
        for row in told:
            assert row.count == str(counted[row.code])


def check_clocks(session, report):
    regions = {row["id"]: row["region"] for row in rows_of(session, "registration")}
    near, past = [], []
    for stay in rows_of(session, "stay"):
        if stay["ended_on"] is None or stay["ended_on"] > ON:
            if stay["limit_on"] <= ON:
                past.append(stay)
            elif (ON - stay["starts_on"]).days >= {90: 60, 30: 20}[(stay["limit_on"] - stay["starts_on"]).days]:
                near.append(stay)
    assert report.clocks.near == str(len(near))
    assert report.clocks.past == str(len(past))
    for row in report.clocks.past_by_blocker:
        assert row.count == str(sum((stay["blocker"] or "none_named") == row.code for stay in past))
    for row in report.regions:
        assert row.near == str(sum(regions[stay["registration_id"]] == row.region for stay in near))
        assert row.past == str(sum(regions[stay["registration_id"]] == row.region for stay in past))


def check_quality(session, report):
    reports = rows_of(session, "capacityreport")
    stale = not_reported = corrected = 0
    for shelter in rows_of(session, "shelter"):
        mine = [row for row in reports if row["shelter_id"] == shelter["id"] and row["at"] <= AS_OF]
        own = [row["at"] for row in mine if row["confirmed"]]
        hours = (AS_OF - max(own)).total_seconds() / 3600 if own else 9999
        not_reported += hours > 24
        stale += hours > 72
        corrected += bool(mine) and not max(mine, key=lambda row: row["id"])["confirmed"]
    assert report.quality.not_reported == not_reported
    assert len({unit.split("-")[0] for unit in report.quality.stale_units}) == stale
    assert report.quality.corrected == corrected


def check_expectation(session, report):
    """Kaplan-Meier as the textbook has it, and the range by adding up every chance in a dictionary."""
    stays, units = rows_of(session, "stay"), {row["id"]: row for row in rows_of(session, "unit")}
    gone = [stay for stay in stays if stay["ended_on"] and stay["ended_on"] <= ON]
    assert report.expecting.stays_known == len(gone)
    if len(gone) < 20:
        assert all(row.likely is None for row in report.expecting.by_kind)
        return

    def survival(of, at):
        lengths = [((stay["ended_on"] if stay in gone else ON) - stay["starts_on"]).days for stay in of]
        left = 1.0
        for length in sorted({n for n, stay in zip(lengths, of, strict=True) if stay in gone and n <= at}):
            at_risk = sum(n >= length for n in lengths)
            left *= 1 - sum(n == length and stay in gone for n, stay in zip(lengths, of, strict=True)) / at_risk
        return left

    chances = Counter({0: 1.0})
    likely = 0.0
    for stay in stays:
        unit = units[stay["unit_id"]]
        if stay in gone or unit["scheme"] != "omm":
            continue
        theirs = [one for one in stays if units[one["unit_id"]]["scheme"] == "omm"]
        of = theirs if sum(one in gone for one in theirs) >= 20 else stays
        now, later = (survival(of, (ON - stay["starts_on"]).days + more) for more in (0, 14))
        chance = 1 - later / now if now > 1e-12 else 1.0
        likely += chance
        more = Counter()
        for beds, p in chances.items():
            more[beds] += p * (1 - chance)
            more[beds + 1] += p * chance
        chances = more
    up_to, low, high = 0.0, None, None
    for beds in sorted(chances):
        up_to += chances[beds]
        low = beds if low is None and up_to >= 0.1 + 1e-9 else low
        high = beds if high is None and up_to >= 0.9 + 1e-9 else high
    told = next(row for row in report.expecting.by_kind if row.kind == "multi_problem")
    assert (told.low, told.high) == (low, high)
    assert told.likely == pytest.approx(likely, abs=0.051)


CHECKS = (check_places, check_waiting, check_flow, check_clocks, check_quality, check_expectation)


@contextmanager
def history_of(place, seed):
    """A random history, as long as it is looked at."""
    with place.database.transaction() as session:
        write_history(session, Random(seed))
        yield session
        session.rollback()


def recount(place, seeds, checks=CHECKS):
    """Counts are compared before they are protected: what of them is told, test_protection.py tries."""
    for seed in seeds:
        with history_of(place, seed) as session, pytest.MonkeyPatch.context() as patch:
            patch.setattr(building, "protect", lambda cells, *_: {key: str(count) for key, count in cells.items()})
            report = building.build(rows_at(session, place.settings, ON))
            for check in checks:
                check(session, report)


def test_no_figure_differs_from_a_recount(vacant):
    recount(vacant, range(HISTORIES))


@pytest.mark.parametrize(
    ("where", "name", "broken", "check"),
    [
        (clocks, "is_near", lambda stay: stay.day > round(stay.limit * 2 / 3), check_clocks),
        (clocks, "is_past", lambda stay: stay.day > stay.limit, check_clocks),
        (waiting, "median_low", lambda days: days[len(days) // 2], check_waiting),
        (expecting, "DAYS", 15, check_places),
    ],
)
def test_a_report_that_counts_otherwise_is_caught(vacant, monkeypatch, where, name, broken, check):  # noqa: PLR0917
    monkeypatch.setattr(where, name, broken)
    with pytest.raises(AssertionError):
        recount(vacant, range(40), [check])


def test_the_random_histories_hold_what_is_to_be_counted(vacant):
    seen = Counter()
    for seed in range(HISTORIES):
        with history_of(vacant, seed) as session:
            cells, _ = building.people(rows_at(session, vacant.settings, ON))
            seen.update({key[:2] for key, count in cells.items() if count})
    wanted = {
        ("waiting", "urgency"),
        ("waiting", "region"),
        ("clocks", "near"),
        ("clocks", "past"),
        ("clocks", "blocker"),
    }
    wanted |= {("flow", name) for name in ("registered", "arrived", "decisions", "refused", "expired", "ended")}
    wanted |= {("flow", f"{name}_reasons") for name in ("override", "decline", "refusal", "end")}
    assert wanted <= set(seen)
