"""Kinds of places. The kinds overlap, so the free places of all kinds do not add up to all free places."""

from placement.core.codes import Gender, Scheme
from placement.reports.inputs import RoomRow, UnitRow
from placement.reports.model import Kind


def is_of(kind: Kind, unit: UnitRow, room: RoomRow) -> bool:
    multi_problem = unit.scheme == Scheme.OMM
    return {
        Kind.WOMEN: unit.adults and not multi_problem and Gender.FEMALE in unit.admits,
        Kind.MEN: unit.adults and not multi_problem and Gender.MALE in unit.admits,
        Kind.FAMILIES: unit.children,
        Kind.MULTI_PROBLEM: multi_problem,
        Kind.ACCESSIBLE: room.wheelchair,
        Kind.MINORS: unit.scheme == Scheme.MINORS,
    }[kind]


def unit_is_of(kind: Kind, unit: UnitRow) -> bool:
    """Checks whether any of the unit's rooms is of this kind."""
    return any(is_of(kind, unit, room) for room in unit.rooms)
