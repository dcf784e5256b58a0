"""The watcher. Each minute it checks that nobody else has changed sealed rows or the log. It also searches the log for
anomalies.

No table decides whether the watcher runs, because a table could be changed. Each process checks by its monotonic clock
when any process last completed a check, and runs a check that is due. The result is stored in the key store
(`placement/storage/watch.py`). Then every process treats the rows that the result names as in doubt.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from placement.audit import anomaly_review, row_check
from placement.audit.row_check import Standing
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.errors import kind_and_place
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import keys_of
from placement.storage import hash_chain, row_seals
from placement.storage.database import Database
from placement.storage.watch import Check, Mark, Reviewed, WatchState, lost_of, watch_of

LATE_AFTER_SECONDS = 180.0
_CHECK_EVERY_SECONDS = 60.0
_AGAIN_AFTER_SECONDS = 10.0
"""The pause after a check that raised an error."""
_REVIEW_EVERY_SECONDS = 900.0
_LOOK_EVERY_SECONDS = 1.0
_REVIEWED_ANEW = timedelta(days=1)
"""How much of the log is searched for anomalies if the end of the last search is unknown."""
_LAST_LINE = (1 << 31) - 1
_LOG = structlog.get_logger()


class Watcher:
    def __init__(self, database: Database, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        """Makes a watcher without starting it. `now`: a monotonic clock, in seconds."""
        self._database, self._settings, self._now = database, settings, now
        self._newest = 0
        """The number of the newest check by any process."""
        self._since, self._reviewed_since, self._tried = now(), -_REVIEW_EVERY_SECONDS, -_AGAIN_AFTER_SECONDS
        self._has_checked = False
        self._good: Standing | None = None
        """The rows at this process's last check without a difference."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts a thread that tests each second whether a check is due."""
        self._stop.clear()
        watch_of(self._database.engine.dialect).is_late = self._is_late
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def fault(self) -> str:
        """Returns why the state of rows and log is unknown: the check is late, or its result cannot be stored.
        Otherwise returns an empty text.
        """
        if fault := watch_of(self._database.engine.dialect).fault:
            return f"key store: {fault}"
        return "late" if self._is_late() else ""

    def _is_late(self) -> bool:
        return self._now() - self._since > LATE_AFTER_SECONDS

    def look(self) -> None:
        """Reads the results of all processes. Runs a check if it is due, or if this process has never run a check."""
        dialect = self._database.engine.dialect
        state = watch_of(dialect).newest(self._database.audit_keys)
        keys_of(dialect).doubted = state.check.in_doubt
        now = self._now()
        if state.check.number > self._newest:
            self._newest, self._since = state.check.number, now
        is_due = not self._has_checked or now - self._since >= _CHECK_EVERY_SECONDS
        if is_due and now - self._tried >= _AGAIN_AFTER_SECONDS:
            self._tried = now
            with watch_of(dialect).alone() as is_alone:
                if is_alone:
                    self._check()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.try_to_look()
            self._stop.wait(_LOOK_EVERY_SECONDS)

    def try_to_look(self) -> None:
        try:
            self.look()
        except OSError as error:
            watch_of(self._database.engine.dialect).fault = str(error.strerror)
            _LOG.error("watch.failed", code=error.errno)
        except Exception as error:  # noqa: BLE001  (the next look tries again; after three minutes nothing is ready)
            _LOG.error("watch.failed", **kind_and_place(error))

    def _check(self) -> None:
        database, watch = self._database, watch_of(self._database.engine.dialect)
        states = watch.states(database.audit_keys)
        broken: list[str] = []
        for table in row_seals.sealed_tables():  # a transaction for each table, because writers on SQLite wait for it
            with database.transaction() as session:
                broken += row_check.broken_rows(session, table)
        with database.transaction() as session:
            act = Act(session, SYSTEM, clock.now(), self._settings)
            has_found = row_check.note_broken(act, broken)
            lost = lost_of(session, states, Mark(*hash_chain.head(session)))
            named = row_check.with_protected(session, broken[: row_check.MOST_NAMED])
            found = row_check.standing(session)
        before = watch.newest(database.audit_keys)
        check = self._compared(before, found, lost)
        check = replace(check, broken=named, stay=tuple(one for one in before.check.stay if one in named))
        check = replace(check, since=(before.check.since or check.at) if check.stops else "")
        if check.differs or lost is not None:
            with database.transaction() as session:
                act = Act(session, SYSTEM, clock.now(), self._settings)
                by = check.differs or f"line {lost.line if lost else 0}"
                has_found |= row_check.note_difference(act, by, check.doubted)
        watch.state(database.audit_keys, check)
        keys_of(database.engine.dialect).doubted = check.in_doubt
        self._newest, self._since, self._has_checked, self._tried = (
            check.number,
            self._now(),
            True,
            -_AGAIN_AFTER_SECONDS,
        )
        if has_found or self._since - self._reviewed_since >= _REVIEW_EVERY_SECONDS:
            self._review(before)

    def _compared(self, before: WatchState, found: Standing, lost: Mark | None) -> Check:
        number, at = before.check.number + 1, clock.now().isoformat()
        if not found.by:
            self._good = found
            watch_of(self._database.engine.dialect).keep_rows(self._database.audit_keys, row_check.unstated(found))
            return Check(number, at, lost=lost)
        differs = f"{found.by:064x}"[:16]
        if differs == before.check.differs:
            return replace(before.check, number=number, at=at, lost=lost)
        rows, bad_line = row_check.differing(self._database, self._good)
        with self._database.transaction() as session:
            doubted = row_check.with_protected(session, rows)
        return Check(number, at, differs, doubted, lost, bad_line=bad_line)

    def _review(self, before: WatchState) -> None:
        since = before.reviewed
        if not since.at:
            since = Reviewed(_LAST_LINE, (clock.now() - _REVIEWED_ANEW).isoformat())
        with self._database.transaction() as session:
            act = Act(session, SYSTEM, clock.now(), self._settings)
            reviewed = anomaly_review.find_anomalies(act, since)
        if reviewed is not None and reviewed != since:
            watch_of(self._database.engine.dialect).state(self._database.audit_keys, reviewed)
        self._reviewed_since = self._now()
