"""Corrections of records by the registrar. Each correction adds a dated version; the earlier versions stay."""

from collections.abc import Mapping

import msgspec
from sqlmodel import select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.count_codes import CountStatus
from placement.core.errors import Conflict, Invalid, VersionPassed, existing
from placement.counts import register
from placement.counts.code_lists import faults_of
from placement.tables import CountRecord
from placement.tables.count import CountContent


@needs(Permission.COUNT_CHANGE)
def change(act: Act, reference: str, version: int, changed: Mapping[str, object], reason: str) -> CountRecord:
    """Changes facts of a record. `changed`: the new values by name. The region changes only if the registrant's `unit`
    changes too. Raises `Invalid` with all faults, and if nothing would change.
    """
    row = _newest(act, reference, version)
    before = register.facts_of(row.month, row.content)
    unit = changed.get("unit", row.content.unit)
    kept = {"unit"} if unit != row.content.unit else {"unit", "region"}
    facts = msgspec.structs.replace(before, **{name: value for name, value in changed.items() if name not in kept})
    faults = faults_of(facts, act.day)
    if faults:
        raise Invalid(faults)
    content = register.content_of(facts, unit=None if unit is None else str(unit))
    month = facts.month.replace(day=1)
    fields = [name for name in facts.__struct_fields__ if getattr(facts, name) != getattr(before, name)]
    if not fields and unit == row.content.unit:
        raise Invalid.at("reason", "count_nothing_changed")
    audit_log.write(act, Event.COUNT_CHANGED, subject=reference, fields=fields)
    return _add(act, row, reason, content, month=month)


@needs(Permission.COUNT_CHANGE)
def merge(act: Act, reference: str, version: int, into: str, reason: str) -> CountRecord:
    """Merges a record into another record about the same person. After that, only the other record is counted. Raises
    `Invalid` if the other record is unknown, is the same record, or is not counted.
    """
    row, other = _newest(act, reference, version), _found(act, into)
    if into == reference or other is None or other.status is not CountStatus.VALID:
        raise Invalid.at("into", "count_merge_into", found=into)
    audit_log.write(act, Event.COUNT_MERGED, subject=reference, into=into)
    return _add(act, row, reason, status=CountStatus.MERGED, into=into)


@needs(Permission.COUNT_CHANGE)
def withdraw(act: Act, reference: str, version: int, reason: str) -> CountRecord:
    """Withdraws a record that should not have been sent. Raises `Conflict` if another record was merged into it."""
    row = _newest(act, reference, version)
    merged = select(CountRecord.reference).where(CountRecord.into == reference, *register.present_on(None))
    if act.session.exec(merged.limit(1)).first() is not None:
        raise Conflict("count_stands_for_another")
    audit_log.write(act, Event.COUNT_WITHDRAWN, subject=reference)
    return _add(act, row, reason, status=CountStatus.WITHDRAWN)


@needs(Permission.COUNT_CHANGE)
def tell_apart(act: Act, reference: str, version: int, reason: str) -> CountRecord:
    """Records that a record and other records with the same pseudonym are about different persons. The record is then
    no longer compared with the others.
    """
    row = _newest(act, reference, version)
    if row.person is None:
        raise Conflict("count_not_comparable")
    audit_log.write(act, Event.COUNT_CHANGED, subject=reference, fields=["person"])
    return _add(act, row, reason, person=None)


def _found(act: Act, reference: str) -> CountRecord | None:
    query = select(CountRecord).where(CountRecord.reference == reference, *register.present_on(None))
    return act.session.exec(query.with_for_update()).first()


def _newest(act: Act, reference: str, version: int) -> CountRecord:
    """Returns the newest version, locked. Raises `VersionPassed` if `version` is not the newest, and `Conflict` if the
    record is not counted any more.
    """
    row = existing(_found(act, reference))
    if row.version != version:
        raise VersionPassed("version_passed", given=version, newest=row.version)
    if row.status is not CountStatus.VALID:
        raise Conflict("count_not_valid", status=row.status)
    return row


def _add(
    act: Act, row: CountRecord, reason: str, content: CountContent | None = None, **changed: object
) -> CountRecord:
    """Adds the next version of a record. `changed`: the columns that differ from the last version."""
    row.until_on = act.day
    by = {"changed_by": act.actor.id, "reason": reason}
    made = CountRecord(
        reference=row.reference,
        version=row.version + 1,
        status=row.status,
        month=row.month,
        from_on=act.day,
        person=row.person,
        content=(content or row.content).model_copy(update=by),
    )
    for name, value in changed.items():
        setattr(made, name, value)
    act.session.add(made)
    act.session.flush()
    return made
