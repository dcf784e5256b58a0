"""The store of reports. A report is made once for a day and never changed. A correction is a new version, which
contains the differences from the version before.
"""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import CLOCKS_DIFFER
from placement.core.context import Act, Actor
from placement.core.errors import Conflict, Invalid, NotFound, NotYet
from placement.needs import ledger
from placement.reports.build import build
from placement.reports.causes import BlockingCauses
from placement.reports.collect import rows_at
from placement.reports.earlier_reports import FURTHEST, earlier
from placement.reports.inputs import Rows, read_rows, write_rows
from placement.reports.memory import memory_of, with_memory
from placement.reports.model import Report
from placement.reports.moments import moment_of
from placement.reports.need_rows import needs_of_day
from placement.reports.visibility import for_reader
from placement.storage.daily_runs import first_day_to_do
from placement.tables import DailyReport
from placement.tables.columns import attribute

JOB = "make_report"
"""The daily job that makes the reports."""

_TAKES = timedelta(minutes=1)
"""A caller who requests a report before it exists is asked to wait until this time after the report's
moment (assumed).
"""


def make(act: Act, on: date, blocking_causes: BlockingCauses | None = None) -> DailyReport:
    """Builds and stores the report of the day with its record in the ledger of need, or returns the stored report. Safe
    to run twice.

    If a report exists that was made before 07:00 of the day because the clock was ahead, a new version replaces
    it. `blocking_causes`: the causes that `engine_causes.ask` returned before this transaction; without them the report
    is marked as late. Raises `Invalid` before 07:00 of the day.
    """
    stored = _newest(act.session, on)
    if stored is not None and stored.made_at <= act.at + CLOCKS_DIFFER:
        return stored
    _require_begun(act, on)
    rows, version = _remembering(act, _rows(act, on, blocking_causes)), 1 if stored is None else stored.version + 1
    changed = [] if stored is None else _differences_to(stored, rows)
    ledger.write(act.session, on, needs_of_day(act.session, rows, blocking_causes))
    return _store(act, rows, version=version, changed=changed, event=Event.REPORT_MADE)


def correct(act: Act, on: date) -> DailyReport:
    """Stores a new version of this day's report, with what was learned since. Raises `Conflict` if nothing differs.
    Waiting registrations and blocking causes are copied, because the engine is not run again.
    """
    before = stored_on(act, on)
    kept = read_rows(before.rows)
    as_it_was = {name: getattr(kept, name) for name in ("waiting", "moving", "missing", "extras", "late")}
    rows = _remembering(act, msgspec.structs.replace(_rows(act, on, None), **as_it_was))
    changed = _differences_to(before, rows)
    if not changed:
        raise Conflict("report_unchanged")
    return _store(act, rows, version=before.version + 1, changed=changed, event=Event.REPORT_CORRECTED)


def report_of(stored: DailyReport) -> Report:
    return Report.model_validate_json(stored.report)


def seen_by(actor: Actor, stored: DailyReport, report: Report | None = None) -> Report:
    """Returns the report in the form that this reader sees. `report`: used in place of the stored report, if given."""
    return for_reader(report or report_of(stored), actor, memory_of(stored.rows))


def exact_of(stored: DailyReport) -> Report:
    """Returns the report with exact counts about people, for readers of every case."""
    return build(read_rows(stored.rows), exact=True)


def rebuilt(stored: DailyReport) -> str:
    """Builds the report again from the stored rows. The bytes are the same as the stored bytes."""
    return build(read_rows(stored.rows)).model_dump_json()


def stored_on(act: Act, on: date, version: int | None = None) -> DailyReport:
    """Returns the newest version of this day, or the given version.

    Raises `NotYet` for a day whose report will still be made, and `Invalid` for other future days. Raises `Invalid`
    before the first report, and `NotFound` if a day has no report.
    """
    found = _newest(act.session, on) if version is None else act.session.get(DailyReport, (on, version))
    if found is not None and act.at >= moment_of(on):
        return found
    if version is None and first_day_to_do(act.session, JOB, act.at) <= on <= act.day:
        moment = moment_of(on)
        wait = max(moment - act.at, timedelta()) + _TAKES
        seconds = math.ceil(wait.total_seconds())
        raise NotYet("report_not_made_yet", from_moment=f"{on.isoformat()} 07:00", seconds=seconds)
    _require_begun(act, on)
    first = act.session.exec(select(func.min(DailyReport.on))).one()
    if first is None:
        raise Invalid.at("day", "report_none_yet")
    if on < first:
        raise Invalid.at("day", "report_before_first", first=first.isoformat())
    raise NotFound


def with_earlier(act: Act, on: date, most: int) -> tuple[DailyReport, Sequence[DailyReport]]:
    """Returns the newest version for this day, and the newest version for each of the last earlier days with a report,
    newest day first. Raises the errors of `stored_on`.
    """
    _require_begun(act, on)
    last = act.session.exec(_newest_versions().where(DailyReport.on <= on).limit(1 + most)).all()
    if not last or last[0].on != on:
        return stored_on(act, on), ()
    return last[0], last[1:]


def days(session: Session, at: datetime, limit: int, offset: int = 0) -> tuple[Sequence[DailyReport], int]:
    """Returns the newest version for each day whose moment has passed at `at`, newest day first, and the number of such
    days. The content of the reports is not loaded.
    """
    begun = col(DailyReport.as_of) <= at
    without = (
        _newest_versions()
        .where(begun)
        .options(defer(attribute(DailyReport.rows)), defer(attribute(DailyReport.report)))
    )
    found = session.exec(without.limit(limit).offset(offset)).all()
    if not offset and len(found) < limit:
        return found, len(found)
    return found, session.exec(select(func.count(func.distinct(DailyReport.on))).where(begun)).one()


def _newest_versions() -> SelectOfScalar[DailyReport]:
    """Returns the query for the newest version of each day, newest day first."""
    later = aliased(DailyReport)
    corrected = select(col(later.on)).where(later.on == DailyReport.on, later.version > DailyReport.version).exists()
    return select(DailyReport).where(~corrected).order_by(col(DailyReport.on).desc())


def _newest(session: Session, on: date) -> DailyReport | None:
    query = select(DailyReport).where(DailyReport.on == on).order_by(col(DailyReport.version).desc())
    return session.exec(query.limit(1)).first()


def _require_begun(act: Act, on: date) -> None:
    if act.at < moment_of(on):
        raise Invalid.at("day", "report_to_come", from_moment=f"{on.isoformat()} 07:00")


def _rows(act: Act, on: date, blocking_causes: BlockingCauses | None) -> Rows:
    return rows_at(act.session, act.settings, on, blocking_causes=blocking_causes, before=earlier(act.session, on))


def _remembering(act: Act, rows: Rows) -> Rows:
    """Returns the rows with their memory. The memory is computed from the memory of the last earlier report."""
    within = DailyReport.on < rows.on, DailyReport.on >= rows.on - FURTHEST
    last = act.session.exec(_newest_versions().where(*within).limit(1)).first()
    return with_memory(rows, memory_of(last.rows) if last is not None else None)


def _store(act: Act, rows: Rows, *, version: int, changed: list[dict[str, object]], event: Event) -> DailyReport:
    stored = DailyReport(
        on=rows.on,
        version=version,
        as_of=rows.as_of,
        made_at=act.at,
        made_by=act.actor.id,
        late=rows.late,
        changed=changed,
        rows=write_rows(rows),
        report=build(rows).model_dump_json(),
    )
    act.session.add(stored)
    act.session.flush()
    audit_log.write(act, event, on=rows.on.isoformat(), version=version, late=rows.late)
    return stored


def _differences_to(before: DailyReport, rows: Rows) -> list[dict[str, object]]:
    return list(_differences("", json.loads(before.report), json.loads(build(rows).model_dump_json())))


def _differences(where: str, was: object, now: object) -> Iterator[dict[str, object]]:
    """Yields every figure that differs, with the path of the figure."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in now:
            yield from _differences(f"{where}.{name}".strip("."), was.get(name), now[name])
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _differences(f"{where}.{number}", one, other)
    elif was != now:
        yield {"figure": where, "was": was, "now": now}
