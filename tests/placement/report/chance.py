"""A random history of the small country, written straight into its tables: for a recount by another way."""

from datetime import timedelta

from sqlmodel import select

from placement.reasons import Step, reasons_for
from placement.report.moments import moment_of
from placement.tables import (
    Bed,
    BedClaim,
    CapacityReport,
    Decision,
    Hold,
    Proposal,
    Registration,
    Room,
    RoomReport,
    Shelter,
    Stay,
    Unit,
)
from placement.vocabulary import OutOfService, Region
from tests.conftest import AT

ON = AT.date()
AS_OF = moment_of(ON)


def write_history(session, rng):
    """Registrations that wait, were refused, live somewhere or left; counts that were reported, some of them wrong."""
    units = session.exec(select(Unit).order_by(Unit.id)).all()
    rooms = session.exec(select(Room).order_by(Room.id)).all()
    beds = session.exec(select(Bed).order_by(Bed.id)).all()
    unit_of = {room.id: room.unit_id for room in rooms}
    number = 0
    for bed in beds:
        day = ON - timedelta(days=rng.randint(150, 260))
        while day < ON + timedelta(days=3) and rng.random() < 0.93:
            number += 1
            begins = day + timedelta(days=rng.randint(0, 20))
            ends = begins + timedelta(days=rng.randint(1, 110))
            day = ends
            if begins >= ON:
                break
            _live(session, rng, number, unit_of[bed.room_id], bed.id, begins=begins, ends=ends if ends <= ON else None)
            if ends > ON:
                break
    for more in range(rng.randint(0, 25)):
        _waits(session, rng, f"W{more}", rng.choice(units).id)
    for shelter in session.exec(select(Shelter).order_by(Shelter.id)).all():
        _reports(session, rng, shelter.id, rooms)
    session.flush()


def _registration(session, rng, name, since, **facts):
    her = Registration(
        id=f"R-{name}", region=rng.choice(list(Region)), registrant="NP", residence_basis="none_yet",
        urgency=rng.randint(1, 4), needed_by=ON, waits_since=since, registered_by="A", **facts,
    )  # fmt: skip
    session.add(her)
    session.flush()
    return her


def _live(session, rng, number, unit, bed, *, begins, ends):
    arrived = AS_OF + timedelta(days=(begins - ON).days, hours=-rng.randint(1, 3))
    left = {"closed_reason": "own_housing", "closed_at": AS_OF + timedelta(days=(ends - ON).days)} if ends else {}
    status = "closed" if ends else "placed"
    her = _registration(session, rng, f"L{number}", arrived - timedelta(days=rng.randint(0, 9)), status=status, **left)
    stay = Stay(
        id=f"S-{number}", registration_id=her.id, unit_id=unit, starts_on=begins, arrived_at=arrived,
        limit_on=begins + timedelta(days=rng.choice([30, 90])), status="ended" if ends else "in_house", ended_on=ends,
        end_reason=rng.choice(reasons_for(Step.END)).code if ends else None,
        blocker=rng.choice([None, "medical", "waits_for_housing"]),
    )  # fmt: skip
    session.add(stay)
    session.flush()
    session.add(
        BedClaim(bed_id=bed, stay_id=stay.id, registration_id=her.id, whole_room=rng.random() < 0.1,
                 starts_on=begins, ends_on=ends)
    )  # fmt: skip


def _waits(session, rng, name, unit):
    """Some were proposed to, refused, or never answered; some have closed since."""
    since = AS_OF - timedelta(hours=rng.randint(1, 900))
    closed = rng.random() < 0.2
    gone = {"closed_reason": "unreachable", "closed_at": since + timedelta(hours=1)} if closed else {}
    status = "closed" if closed else rng.choice(["open", "open", "open", "draft"])
    her = _registration(session, rng, name, since, status=status, **gone)
    for turn in range(rng.randint(0, 2)):
        at = AS_OF - timedelta(hours=rng.randint(1, 400))
        session.add(
            Proposal(id=f"P-{name}{turn}", registration_id=her.id, registration_version=1, status="declined",
                     made_at=at, made_by="A", expires_at=at, policy_version=0, engine_version="0")
        )  # fmt: skip
        session.flush()
        kind = rng.choice(["accept", "override", "decline"])
        step = {"override": Step.OVERRIDE, "decline": Step.DECLINE}.get(kind)
        session.add(
            Decision(id=f"D-{name}{turn}", proposal_id=f"P-{name}{turn}", kind=kind, status="final", unit_id=unit,
                     reason=rng.choice(reasons_for(step)).code if step else None, decided_at=at, decided_by="A")
        )  # fmt: skip
        session.flush()
        if kind != "decline":
            how = rng.choice(["refused", "expired"])
            session.add(
                Hold(id=f"H-{name}{turn}", registration_id=her.id, unit_id=unit, decision_id=f"D-{name}{turn}",
                     status=how, starts_on=at.date(), made_at=at, made_by="A", expires_at=at + timedelta(hours=4),
                     answered_at=at + timedelta(minutes=9) if how == "refused" else None,
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
