"""a stay begins on the day of arrival: its first day is that of its arrival, and its limit follows from it

The day on which a bed was claimed first stays with the hold. The first day of a stay is no column any more, so that it
is right without a key. The limit of a clock that began too early moves by as many days; a client who has not arrived
has no limit. A row whose key is missing, damaged or destroyed keeps its limit: it cannot be read, and when the key is
put back it is too early by the days between the decision and the arrival.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import context, op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

IN_CLEAR = ("id", "registration_id", "hold_id", "ended_on", "end_reason")
STAY = sa.table("stay", *(sa.column(name) for name in (*IN_CLEAR, "starts_on", "arrived_at", "limit_on", "before")))
MOVED_ON = "moved_on"


def upgrade() -> None:
    for stays in _by_case("starts_on", "arrived_at", "limit_on").values():
        for stay in stays:
            first = _first_of_clock(stay, stays)
            if first is None:
                _set(stay, "limit_on", None)
            elif first["starts_on"] is not None and stay["limit_on"] is not None:
                moved = _arrived_on(first) - date.fromisoformat(first["starts_on"])
                if moved.days:
                    _set(stay, "limit_on", date.fromisoformat(stay["limit_on"]) + moved)
    op.drop_column("stay", "starts_on")


def downgrade() -> None:
    """A client who has not arrived gets the day of the hold again, and the limit of others for it (three months). What
    was said of a stay cannot be taken back any more: an older version expects both days in it.
    """
    op.add_column("stay", sa.Column("starts_on", sa.Text(), nullable=True))
    claimed = _claimed_on()
    for stays in _by_case("arrived_at", "limit_on").values():
        for stay in stays:
            begun = _arrived_on(stay) or claimed.get(stay["hold_id"])
            if begun is not None:
                _set(stay, "starts_on", begun)
                if stay["limit_on"] is None:
                    _set(stay, "limit_on", date.fromordinal(begun.toordinal() + 90))
    op.execute(sa.update(STAY).values(before=None))


def _by_case(*sealed):
    """By case its stays with these values open; those of which a value cannot be read are left out."""
    seals, found = context.config.attributes["seals"], {}
    for row in op.get_bind().execute(sa.select(*(STAY.c[name] for name in (*IN_CLEAR, *sealed)))).mappings().all():
        stay = dict(row)
        if not _opens(seals, stay["registration_id"]):
            continue
        for name in sealed:
            stay[name] = seals.opened(stay[name], ("stay", name, (stay["id"],)))
        if isinstance(stay["ended_on"], str):
            stay["ended_on"] = date.fromisoformat(stay["ended_on"])
        if all(stay[name] is None or isinstance(stay[name], str) for name in sealed):
            found.setdefault(stay["registration_id"], []).append(stay)
    return found


def _opens(seals, case) -> bool:
    return not seals.is_lost(case) and not seals.is_destroyed(case)


def _claimed_on():
    seals = context.config.attributes["seals"]
    rows = op.get_bind().execute(sa.text("SELECT id, registration_id, starts_on FROM hold")).all()
    return {
        hold: date.fromisoformat(seals.opened(day, ("hold", "starts_on", (hold,))))
        for hold, case, day in rows
        if day is not None and _opens(seals, case)
    }


def _set(stay, column, value) -> None:
    seals, place = context.config.attributes["seals"], ("stay", column, (stay["id"],))
    stored = seals.seal(stay["registration_id"], value, place)
    op.execute(sa.update(STAY).where(STAY.c.id == stay["id"]).values({column: stored}))


def _first_of_clock(stay, stays):
    """The stay with which the clock of this stay began, through all moves; None where the client has not arrived."""
    if stay["arrived_at"] is None:
        return None
    first, rest = stay, [one for one in stays if one["end_reason"] == MOVED_ON and one["id"] != stay["id"]]
    while True:
        before = [one for one in rest if one["ended_on"] == _arrived_on(first) and _moment(one) < _moment(first)]
        if not before:
            return first
        first = max(before, key=_moment)
        rest.remove(first)


def _moment(stay):
    return datetime.fromisoformat(stay["arrived_at"]).astimezone(UTC)


def _arrived_on(stay):
    if stay["arrived_at"] is None:
        return None
    return context.config.attributes["seals"].day_of(_moment(stay))
