"""The figures that show an operator the state of an installation. Each figure is declared once. `/metrics` shows the
figures. The dashboard and its alerts are made from the same table (`tests/support/alert_rules.py`). No figure contains
data of a case.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.core.context import SYSTEM, Act
from placement.core.setting_files import lock_file, metrics_folder
from placement.core.settings import Settings
from placement.jobs import periodic
from placement.outbox import log_shipping, outbox
from placement.storage import job_failures, log_buffer, store_records
from placement.storage.database import Database
from placement.storage.database_faults import facts_of
from placement.storage.watch import watch_of
from placement.tasks.set_up import recorded_backup

_LOG = structlog.get_logger()
Values = Mapping[str, float]
"""The values of a figure by label; a single value has the label "". Values that do not exist are left out."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure. `label`: the name of the label that distinguishes its values, if it has several."""

    name: str
    means: str
    read: Callable[[Act, Database], Values]
    label: str = ""


def registry_of(database: Database, settings: Settings, at: datetime) -> CollectorRegistry:
    """Returns the present values of all figures. The values are the same in every process. Leaves out a figure if its
    file cannot be read. If the database fails, leaves out every figure that was not read before. `placement doctor`
    finds the cause.
    """
    registry = CollectorRegistry()
    try:
        with database.transaction() as session:
            _read(Act(session, SYSTEM, at, settings), database, registry)
    except (DBAPIError, NoConnectionInTime) as error:
        _LOG.error("figures.not_read", **facts_of(error))
    return registry


def _read(act: Act, database: Database, registry: CollectorRegistry) -> None:
    for one in FIGURES:
        try:
            values = one.read(act, database)
        except OSError as error:
            _LOG.error("figure.not_read", figure=one.name, code=error.errno)
            continue
        if values:
            gauge = Gauge(one.name, one.means, [one.label] if one.label else [], registry=registry)
        for label, value in values.items():
            (gauge.labels(label) if one.label else gauge).set(value)


def _messages(act: Act, _: Database) -> Values:
    return {status.value: number for status, number in outbox.undelivered(act.session).items()}


def _oldest_message(act: Act, _: Database) -> Values:
    return _age(act, outbox.oldest_waiting(act.session), otherwise=0)


def _jobs(act: Act, _: Database) -> Values:
    return {
        job: (act.at - last).total_seconds() if last else float("inf")
        for job, last in periodic.last_runs(act.session, act.at).items()
    }


def _intervals(_: Act, __: Database) -> Values:
    return {job.name: job.every.total_seconds() for job in periodic.JOBS}


def _failing(act: Act, _: Database) -> Values:
    fails = job_failures.failing(act.session, store_records.records(act.session))
    return _age(act, fails.since if fails else None, otherwise=0)


def _backup(act: Act, _: Database) -> Values:
    last = recorded_backup(act)
    return _age(act, last.at if last else None)


def _unsealed(act: Act, _: Database) -> Values:
    return _age(act, log_buffer.oldest(act.session), otherwise=0)


def _unsent(act: Act, database: Database) -> Values:
    return {} if act.settings.syslog is None else {"": log_shipping.backlog(act.session, database).count}


def _unsent_age(act: Act, database: Database) -> Values:
    if act.settings.syslog is None:
        return {}
    return _age(act, log_shipping.backlog(act.session, database).since, otherwise=0)


def _connections(act: Act, _: Database) -> Values:
    if act.session.get_bind().dialect.name != "postgresql":
        return {}
    by_state = text(
        "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY 1"
    )
    return {row[0]: row[1] for row in act.session.execute(by_state)}


def _most_connections(act: Act, _: Database) -> Values:
    if act.session.get_bind().dialect.name != "postgresql":
        return {}
    return {"": act.session.execute(text("SELECT current_setting('max_connections')::int")).scalar_one()}


def _doubtful(act: Act, database: Database) -> Values:
    _ = act
    return {"": len(watch_of(database.engine.dialect).newest(database.audit_keys).check.in_doubt)}


def _checked(act: Act, database: Database) -> Values:
    at = watch_of(database.engine.dialect).newest(database.audit_keys).check.at
    return _age(act, datetime.fromisoformat(at) if at else None)


def _disks(act: Act, _: Database) -> Values:
    settings = act.settings
    folders = {"var": settings.var, "key_store": settings.key_store, "backup": settings.backup_folder}
    folders["audit_heads"] = settings.audit_heads.parent
    return {name: shutil.disk_usage(folder).free for name, folder in folders.items() if folder.is_dir()}


def _started(act: Act, _: Database) -> Values:
    file = lock_file(act.settings.run)
    return {"": file.stat().st_mtime} if file.exists() else {}


def _ended(act: Act, _: Database) -> Values:
    files = metrics_folder(act.settings.run).glob("*.json")
    return {"": sum(not Path(f"/proc/{file.stem}").exists() for file in files)}


def _age(act: Act, since: datetime | None, *, otherwise: float | None = None) -> Values:
    if since is not None:
        return {"": max(0.0, (act.at - since).total_seconds())}
    return {} if otherwise is None else {"": otherwise}


FIGURES = (
    Figure("placement_messages", "Messages that were not delivered", _messages, "status"),
    Figure("placement_message_age_seconds", "Age of the oldest waiting message", _oldest_message),
    Figure("placement_job_age_seconds", "Seconds since the last run of a periodic job", _jobs, "name"),
    Figure("placement_job_interval_seconds", "Seconds between two runs of a periodic job", _intervals, "name"),
    Figure("placement_job_failing_seconds", "Seconds since a job fails; 0 if no job fails", _failing),
    Figure("placement_backup_age_seconds", "Age of the last backup", _backup),
    Figure("placement_log_unsealed_seconds", "Age of the oldest audit event beside the chain", _unsealed),
    Figure("placement_log_unsent", "Audit events that the syslog receiver has not taken", _unsent),
    Figure("placement_log_unsent_seconds", "Age of the oldest such event", _unsent_age),
    Figure(
        "placement_database_connections",
        "Connections to the database server, to all its databases",
        _connections,
        "state",
    ),
    Figure("placement_database_connections_most", "Connections that the database server allows", _most_connections),
    Figure("placement_doubtful_rows", "Rows in doubt", _doubtful),
    Figure("placement_check_age_seconds", "Age of the last check of rows and log", _checked),
    Figure("placement_disk_free_bytes", "Free space below each folder of the service", _disks, "folder"),
    Figure("placement_started_seconds", "When the service began", _started),
    Figure("placement_processes_ended", "Web processes that ended since the service began", _ended),
)
