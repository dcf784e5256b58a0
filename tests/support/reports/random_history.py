"""A random history of the small country, written straight into its tables: for a recount by another way."""

import json
from datetime import timedelta
from random import Random

from sqlmodel import select

from placement.core.clock import day_of
from placement.core.codes import OutOfService, Region
from placement.core.reason_codes import Step, reasons_for
from placement.core.request_codes import RequestKind
from placement.reports.causes import BlockingCauses
from placement.reports.inputs import Extra
from placement.reports.model import Kind
from placement.reports.moments import moment_of
from placement.reports.sections.waiting_clients import CAUSES
from placement.tables import (
    Bed,
    BedClaim,
    CapacityReport,
    DailyReport,
    Decision,
    Hold,
    Proposal,
    Registration,
    Request,
    Room,
    RoomReport,
    Shelter,
    Stay,
    Unit,
)
from tests.support.stores import AT

ON = AT.date()
AS_OF = moment_of(ON)


HELD = {
    # how it stood at the moment: (hours from there to when it was made, its status, hours to the answer)
    "waits": (-2, "waiting_for_shelter", None),
    "confirmed": (-3, "confirmed", -1),
    "made_later": (1, "waiting_for_shelter", None),
    "refused_before": (-4, "refused", -1),
    "refused_later": (-2, "refused", 1),
    "expired_before": (-5, "expired", None),
    "expired_later": (-3, "expired", None),
    "arrives_later": (-3, "confirmed", -2),
    "did_not_come": (-5, "released", -1),
}
BEGIN_LATER = {"waits", "confirmed"}
"""Held beds that others may use until the hold begins."""


def write_history(session, rng):
    """Writes a random history: registrations that wait, were refused, live in a place or left; beds held; reported
    counts, some of them wrong; and reports of earlier days. Returns the engine's results for the waiting registrations
    that it could be asked about.
    """
    units = session.exec(select(Unit).order_by(Unit.id)).all()
    rooms = session.exec(select(Room).order_by(Room.id)).all()
    beds = session.exec(select(Bed).order_by(Bed.id)).all()
    unit_of = {room.id: room.unit_id for room in rooms}
    number = 0
    ways = rng.sample(list(HELD), len(HELD))
    for bed in beds:
        day, lived_in = ON - timedelta(days=rng.randint(150, 260)), False
        while day < ON + timedelta(days=3) and rng.random() < 0.93:
            number += 1
            begins = day + timedelta(days=rng.randint(0, 20))
            ends = begins + timedelta(days=rng.randint(1, 110))
            if begins >= ON:
                break
            day, lived_in = ends, ends > ON
            _live(session, rng, number, unit_of[bed.room_id], bed.id, begins=begins, ends=None if lived_in else ends)
            if lived_in:
                break
        if not lived_in and day < ON and ways:
            _held(session, rng, ways.pop(), unit_of[bed.room_id], bed.id)
    for more in range(rng.randint(0, 25)):
        _waits(session, rng, f"W{more}", rng.choice(units).id)
    for shelter in session.exec(select(Shelter).order_by(Shelter.id)).all():
        _reports(session, rng, shelter.id, rooms)
    _days_before(session, rng, [unit.id for unit in units])
    session.flush()
    return _engine(session, rng, units) if rng.random() < 0.8 else None


def _engine(session, rng, units):
    """Makes a result of the engine about some of the registrations, whether or not they wait."""
    known = [name for name in session.exec(select(Registration.id).order_by(Registration.id)) if rng.random() < 0.8]
    extras = {(rng.choice(units).id, rng.choice(["room_1", "room_4", "high_care"])) for _ in range(rng.randint(1, 5))}
    found = tuple(Extra(unit, extra, rng.randint(1, 12)) for unit, extra in sorted(extras))
    return BlockingCauses({name: rng.choice(CAUSES) for name in known}, found)


def _days_before(session, rng, units):
    """Writes reports of earlier days. Some days have no report, some have a second version, and some units did not
    exist yet.
    """
    for back in range(1, 41):
        on = ON - timedelta(days=back)
        for version in range(1, rng.choice([1, 2, 2, 2, 3])):
            session.add(
                DailyReport(on=on, version=version, as_of=moment_of(on), made_at=moment_of(on), made_by="A",
                            late=False, changed=[], rows="{}", report=json.dumps(_told_before(rng, units)))
            )  # fmt: skip


def _told_before(rng, units):
    places = lambda: {"free": rng.randint(0, 9), "used": rng.randint(0, 9), "used_by_others": rng.randint(0, 4)}  # noqa: E731
    expected = []
    for kind in Kind:
        low = rng.randint(0, 4)
        figures = {"low": low, "high": low + rng.randint(0, 5), "likely": low + rng.randint(0, 20) / 10}
        expected.append({"kind": kind, **(figures if rng.random() < 0.8 else dict.fromkeys(figures))})
    known = [unit for unit in units if rng.random() < 0.9]
    return {
        "free": {"free": rng.randint(0, 20), "by_kind": [{"kind": kind, "free": rng.randint(0, 9)} for kind in Kind]},
        "country": places(),
        "shelters": [{"units": [{"unit": unit, **places()} for unit in known]}],
        "expecting": {"by_kind": expected},
    }


def _held(session, rng, way, unit, bed):
    """Writes a bed that was held for a client."""
    made, status, answered = HELD[way]
    made_at, starts_on = AS_OF + timedelta(hours=made), ON + timedelta(days=2 if way in BEGIN_LATER else 0)
    client = _registration(session, rng, f"H-{way}", AS_OF - timedelta(hours=rng.randint(30, 300)), status="held")
    _decided(session, f"H-{way}", client.id, unit, at=made_at)
    answered_at = AS_OF + timedelta(hours=answered) if answered else None
    hold = Hold(id=f"H-{way}", registration_id=client.id, unit_id=unit, decision_id=f"D-H-{way}", status=status,
                starts_on=starts_on, made_at=made_at, made_by="A",
                asked_at=made_at, expires_at=made_at + timedelta(hours=4), answered_at=answered_at,
                reason="no_capacity" if status == "refused" else None,
                ended_on=day_of(answered_at) if status in {"refused", "released"} else None)  # fmt: skip
    session.add(hold)
    session.flush()
    stay = None
    if way in {"confirmed", "arrives_later", "did_not_come"}:
        came = {"status": "in_house", "arrived_at": AS_OF + timedelta(hours=1), "limit_on": ON + timedelta(days=90)}
        arrived = came if way == "arrives_later" else {}
        ended = {"status": "ended", "ended_on": ON, "end_reason": "no_show"} if way == "did_not_come" else {}
        stay = Stay(id=f"S-{way}", registration_id=client.id, unit_id=unit, hold_id=hold.id,
                    **{"status": "planned", **arrived, **ended})  # fmt: skip
        session.add(stay)
        session.flush()
    session.add(
        BedClaim(bed_id=bed, hold_id=hold.id, stay_id=stay.id if stay else None, registration_id=client.id,
                 starts_on=starts_on, cancelled=status in {"refused", "expired", "released"})
    )  # fmt: skip


def _decided(session, name, registration, unit, *, at, kind="accept", reason=None):
    proposal = f"P-{name}".replace("_", "-")  # as names of keys are written
    session.add(
        Proposal(id=proposal, registration_id=registration, registration_version=1, status="declined",
                 made_at=at, made_by="A", expires_at=at, policy_version=0, engine_version="0")
    )  # fmt: skip
    session.flush()
    session.add(
        Decision(id=f"D-{name}", proposal_id=proposal, registration_id=registration, kind=kind,
                 status="final", unit_id=unit, reason=reason, decided_at=at, decided_by="A")
    )  # fmt: skip
    session.flush()


def _registration(session, rng, name, since, **facts):
    client = Registration(
        id=f"R-{name}".replace("_", "-"), region=rng.choice(list(Region)), registrant="NP", residence_basis="none_yet",
        urgency=rng.randint(1, 4), needed_by=ON, waits_since=since, registered_by="A", **facts,
    )  # fmt: skip
    session.add(client)
    session.flush()
    return client


def _live(session, rng, number, unit, bed, *, begins, ends):
    arrived = AS_OF + timedelta(days=(begins - ON).days, hours=-rng.randint(1, 3))
    left = {"closed_reason": "own_housing", "closed_on": ends} if ends else {}
    status = "closed" if ends else "placed"
    since = arrived - timedelta(days=rng.randint(0, 9))
    over = {"taken_over_on": _taken_over(number, begins, ends or ON)}
    moved_on = None if over["taken_over_on"] else _moved_on(number, begins, ends or ON)
    sought = {"requests": _requests(number, begins, moved_on, lives=not ends)}
    client = _registration(session, rng, f"L{number}", since, status=status, **left, **over, **sought)
    limit_on = begins + timedelta(days=rng.choice([30, 90]))
    if moved_on:
        session.add(
            Stay(id=f"S-{number}-first", registration_id=client.id, unit_id=unit, arrived_at=arrived,
                 limit_on=limit_on, status="ended", ended_on=moved_on, end_reason="moved_on")
        )  # fmt: skip
        session.flush()
        session.add(
            BedClaim(bed_id=bed, stay_id=f"S-{number}-first", registration_id=client.id, starts_on=begins,
                     ends_on=moved_on)
        )  # fmt: skip
        begins, arrived = moved_on, arrived + (moved_on - begins)
    stay = Stay(
        id=f"S-{number}", registration_id=client.id, unit_id=unit, arrived_at=arrived,
        limit_on=limit_on, status="ended" if ends else "in_house", ended_on=ends,
        end_reason=rng.choice(reasons_for(Step.END)).code if ends else None,
        blocker=rng.choice([None, "medical", "waits_for_housing"]), **over,
    )  # fmt: skip
    session.add(stay)
    session.flush()
    session.add(
        BedClaim(bed_id=bed, stay_id=stay.id, registration_id=client.id, whole_room=rng.random() < 0.1,
                 starts_on=begins, ends_on=ends)
    )  # fmt: skip


def _taken_over(number, begins, last):
    """Returns the day on which a stay was taken over, for a tenth of the stays. It has its own random numbers, so that
    the rest of a history stays the same.
    """
    rng = Random(number)
    return begins + timedelta(days=rng.randint(0, (last - begins).days)) if rng.random() < 0.1 else None


def _moved_on(number, begins, last):
    """Returns the day on which a client moved on, for a fifth of the clients; for half of them it is in the counted
    week.
    """
    rng = Random(-number)
    in_week = ON - timedelta(days=rng.randint(2, 8))
    day = in_week if rng.random() < 0.5 else begins + timedelta(days=rng.randint(1, 40))
    return day if rng.random() < 0.2 and begins < day < min(last, ON) else None


def _requests(number, begins, moved_on, *, lives):
    """Makes the requests of a stay: the first request, and the request of a move. Half of the residents also have a
    request that is open at the moment, not yet made, or ended.
    """
    rng = Random(number * 7)
    kind = lambda: rng.choice([RequestKind.TRANSFER, RequestKind.ONWARD])  # noqa: E731
    at = lambda day: AS_OF + (day - ON)  # noqa: E731
    made = [Request(kind=RequestKind.FIRST, made_at=at(begins), made_by="A", outcome="placed", ended_on=begins)]
    if moved_on:
        made.append(Request(kind=kind(), made_at=at(begins), made_by="A", outcome="placed", ended_on=moved_on))
    if lives and rng.random() < 0.5:
        how = rng.choice([{}, {}, {"outcome": "withdrawn", "ended_on": ON + timedelta(days=rng.randint(-1, 1))}])
        made_at = AS_OF + timedelta(hours=rng.choice([-30, -1, -1, 1]))
        made.append(Request(kind=kind(), made_at=made_at, made_by="A", **how))
    return made


def _waits(session, rng, name, unit):
    """Writes a client who waits. Some had a proposal, were refused, or never had an answer; some cases have closed
    since.
    """
    since = AS_OF - timedelta(hours=rng.randint(1, 900))
    closed = rng.random() < 0.2
    gone = {"closed_reason": "unreachable", "closed_on": day_of(since + timedelta(hours=1))} if closed else {}
    status = "closed" if closed else rng.choice(["open", "open", "open", "draft"])
    client = _registration(session, rng, name, since, status=status, **gone)
    for turn in range(rng.randint(0, 2)):
        at = AS_OF - timedelta(hours=rng.randint(1, 400))
        kind = rng.choice(["accept", "override", "decline"])
        step = {"override": Step.OVERRIDE, "decline": Step.DECLINE}.get(kind)
        reason = rng.choice(reasons_for(step)).code if step else None
        _decided(session, f"{name}{turn}", client.id, unit, at=at, kind=kind, reason=reason)
        if kind != "decline":
            how = rng.choice(["refused", "expired"])
            lapsed = how == "expired" and turn == 1  # no shelter was asked
            session.add(
                Hold(id=f"H-{name}{turn}", registration_id=client.id, unit_id=unit, decision_id=f"D-{name}{turn}",
                     status=how, starts_on=at.date(), made_at=at, made_by="A",
                     expires_at=at + timedelta(hours=4), asked_at=None if lapsed else at,
                     answered_at=at + timedelta(minutes=9) if how == "refused" else None,
                     ended_on=day_of(at + timedelta(minutes=9)) if how == "refused" else None,
                     reason=rng.choice(reasons_for(Step.REFUSE)).code if how == "refused" else "hold_expired")
            )  # fmt: skip


def _reports(session, rng, shelter, rooms):
    for hours in sorted((rng.randint(1, 120) for _ in range(rng.randint(0, 4))), reverse=True):
        report = CapacityReport(
            shelter_id=shelter, at=AS_OF - timedelta(hours=hours), reported_by=shelter, confirmed=rng.random() < 0.8
        )
        session.add(report)
        session.flush()
        for room in rooms:
            if not room.id.startswith(shelter):
                continue
            until = rng.choice([None, ON, ON + timedelta(days=rng.randint(1, 20))])
            out, others = rng.choice([0, 0, 0, 1]), rng.choice([0, 0, 1, 2])
            session.add(
                RoomReport(
                    report_id=report.id, room_id=room.id, out_of_service=out,
                    out_reason=rng.choice(list(OutOfService)) if out else None, out_until=until if out else None,
                    other_use=[{"count": others, "gender": "female", "minor": False,
                                "until": until.isoformat() if until else None}] if others else [],
                    free_from=rng.choice([None, None, None, ON + timedelta(days=2)]),
                    withheld=rng.choice([0, 0, 0, 1]), counted_free=rng.choice([None, 0, 1]), derived_free=0,
                )
            )  # fmt: skip
