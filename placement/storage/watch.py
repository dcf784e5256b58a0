"""The stored state of the watcher, which checks rows and log for tampering. The state is in the key store, encrypted
with the log's key, so that nobody can change it by a write into the database.

Each process writes its own file (`placement/crypto/watch_files.py`). A reader uses the newest check, mark, review and
release of all files.

A mark is the last audit event that a process stored. It is written after the commit and before the answer to the
request. If the database no longer contains the event of a mark, the database was put back to an earlier state. Then no
newer mark is written, until two persons end the stop (`placement/doubt`) or an operator runs `placement restore`. A
crash between commit and mark leaves an older mark, which causes no false alarm.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Dialect
from sqlmodel import Session, select

from placement.core.doubt_codes import StopCause
from placement.crypto import log_cipher
from placement.crypto.encrypted_columns import has_keys, keys_of
from placement.crypto.key_store import KeyStore
from placement.crypto.log_cipher import DoesNotOpen
from placement.crypto.watch_files import WatchFiles, Work
from placement.storage.log_keys import LogKeys
from placement.tables import AuditEvent

_Statement = TypeVar("_Statement")
_ROW, _KEPT = "watch", "rows"
_NAME_CHARACTERS = 16
_TRIES = 3
"""How often a file is read again if another process is writing it."""
MOST_LOCAL = 10
"""Up to this number of rows in doubt, only these rows are blocked. More rows in doubt cause a stop."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The number and link of an audit event."""

    line: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check of rows and log.

    - `differs`: the difference between rows and log; empty without a difference
    - `doubted`: the rows that differ
    - `broken`: the rows with an invalid seal
    - `lost`: a mark whose event is not in the log
    - `bad_line`: the number of the first changed event of the log; 0 without such an event
    - `since`: the time at which a present stop began
    - `stay`: rows with an invalid seal that two persons left in doubt when they released a stop; they cause no new stop
    """

    number: int = 0
    at: str = ""
    differs: str = ""
    doubted: tuple[str, ...] = ()
    lost: Mark | None = None
    broken: tuple[str, ...] = ()
    bad_line: int = 0
    since: str = ""
    stay: tuple[str, ...] = ()

    @property
    def in_doubt(self) -> frozenset[str]:
        return frozenset((*self.doubted, *self.broken))

    @property
    def stops(self) -> StopCause | None:
        """The cause of a stop; `None` if only few rows are in doubt, so that all other work continues."""
        if self.lost is not None or self.bad_line:
            return StopCause.LOG
        if self.differs and not self.doubted:
            return StopCause.SUMS
        return StopCause.ROWS if len(self.in_doubt.difference(self.stay)) > MOST_LOCAL else None

    @property
    def doubt(self) -> str:
        """A fingerprint of all that is in doubt. A release is valid only as long as the fingerprint stays the same."""
        said = self.differs, self.lost, sorted(self.in_doubt), self.bad_line
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class Night:
    """A release of the stop for clients who need a place tonight. `by`: the person on call who released it, from `at`
    to `until`. `doubt`: the fingerprint of the doubt.
    """

    doubt: str = ""
    by: str = ""
    at: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop of all work that cannot be reversed. `night`: the release for the clients of tonight, if any. `since`:
    the time at which the cause was found; empty if no check has run.
    """

    cause: StopCause
    night: Night | None = None
    since: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The last audit event that was searched for anomalies, and its time."""

    line: int = 0
    at: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The last audit event that was sent to the syslog receiver, and the number of its batch."""

    number: int = 0
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore of a backup: the backup, its time, the operator, and the time of the restore."""

    backup: str
    moment: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class WatchState:
    restores: int = 0
    """How often a backup was restored. States from before the last restore are ignored."""
    restored: Restored | None = None
    mark: Mark = Mark()
    check: Check = Check()
    reviewed: Reviewed = Reviewed()
    night: Night = Night()
    sent: Sent = Sent()

    @property
    def marks(self) -> list[Mark]:
        """The audit events that the log must contain."""
        return [self.mark, *([self.check.lost] if self.check.lost else [])]


def newest_of(states: Iterable[WatchState]) -> WatchState:
    """Combines states: returns the newest mark, check, review, release and sent event since the last restore."""
    known = since_restore(states)
    return WatchState(
        known[-1].restores,
        known[-1].restored,
        max((one.mark for one in known), key=lambda mark: mark.line),
        max((one.check for one in known), key=lambda check: check.number),
        max((one.reviewed for one in known), key=lambda reviewed: reviewed.line),
        max((one.night for one in known), key=lambda night: night.at),
        max((one.sent for one in known), key=lambda sent: sent.number),
    )


def since_restore(states: Iterable[WatchState]) -> list[WatchState]:
    """Returns the states since the last restore, or a single empty state."""
    known = list(states) or [WatchState()]
    last = max(one.restores for one in known)
    return [one for one in known if one.restores == last]


class Watch:
    """The watcher's state, read from and written to the key store."""

    def __init__(self, files: WatchFiles) -> None:
        self._files = files
        self._guard = threading.RLock()
        self._own: WatchState | None = None
        self._is_put_back = False
        """True if the log did not contain the event of the mark when the next event was to be stored."""
        self.fault = ""
        """The reason why the state could not be stored the last time; empty after a success."""
        self.is_late: Callable[[], bool] = lambda: False
        """Returns true if the next check of rows and log is overdue. Always false in a process without a watcher."""

    def states(self, keys: LogKeys) -> Sequence[WatchState]:
        """Returns the states of all processes since the last restore. Ignores files that cannot be decrypted, which a
        killed process can leave. Raises `OSError`.
        """
        found: list[WatchState] = []
        for _ in range(_TRIES):
            contents = self._files.contents()
            found = [state for one in contents if (state := _opened(keys, _ROW, one, WatchState)) is not None]
            if len(found) == len(contents):
                break
        return since_restore(found)

    def newest(self, keys: LogKeys) -> WatchState:
        """Returns the combined newest state of all processes. Raises `OSError`."""
        found = newest_of(self.states(keys))
        with self._guard:
            if self._own is not None and self._own.restores < found.restores:
                self._own, self._is_put_back = None, False
        return found

    def alone(self, work: Work = Work.CHECK) -> AbstractContextManager[bool]:
        """Tries to reserve this work for the process. Yields false if another process does it. Raises `OSError`."""
        return self._files.alone(work)

    def stop(self, keys: LogKeys) -> Stop | None:
        """Returns the present stop, or `None`."""
        try:
            state = self.newest(keys)
        except OSError:
            return Stop(StopCause.WATCHER)
        if self.fault or self.is_late():
            return Stop(StopCause.WATCHER)
        if (cause := state.check.stops) is None:
            return None
        night = state.night if state.night.doubt == state.check.doubt else None
        return Stop(cause, night, state.check.since)

    def follow(self, session: Session, keys: LogKeys, end: Mark) -> None:
        """Checks whether the log still contains the event of the mark, and remembers the result. `end`: the last event
        of the log. Must be called under the lock of the log.
        """
        with self._guard, self._noting_faults():
            if self._own is None:
                states = self.states(keys)
                lost = lost_of(session, states, end)
                known = newest_of(states)
                self._own, self._is_put_back = replace(known, mark=lost or known.mark), lost is not None
            elif not contains(session, self._own.mark, end):
                self._is_put_back = True

    def note(self, keys: LogKeys, end: Mark) -> None:
        """Moves the mark to this event, after the event was committed."""
        with self._guard, self._noting_faults():
            own = self._own
            if own is not None and not self._is_put_back and end.line > own.mark.line:
                self._write(keys, replace(own, mark=end))

    def state(self, keys: LogKeys, statement: Check | Reviewed | Night | Sent) -> None:
        """Stores a check, a review, a release for tonight's clients, or the last event sent to the syslog receiver."""
        with self._guard, self._noting_faults():
            found = self.newest(keys)
            state = found if self._own is None else replace(found, mark=self._own.mark)
            match statement:
                case Check():
                    self._is_put_back = statement.lost is not None
                    state = replace(state, check=statement)
                case Reviewed():
                    state = replace(state, reviewed=statement)
                case Night():
                    state = replace(state, night=statement)
                case Sent():
                    state = replace(state, sent=statement)
            self._write(keys, state, lasting=True)

    def keep_rows(self, keys: LogKeys, marks: Mapping[str, str | None]) -> None:
        """Stores the checked marks (`row_ledger.mark_of`) of rows that no audit event may name."""
        with self._noting_faults():
            self._files.keep(_sealed(keys, _KEPT, marks))

    def kept_rows(self, keys: LogKeys) -> Mapping[str, str | None]:
        """Returns the row marks that `keep_rows` stored, by row. Raises `OSError`."""
        return _opened(keys, _KEPT, self._files.kept(), dict[str, str | None]) or {}

    def begin_anew(
        self, keys: LogKeys, end: Mark, restored: Restored | None = None, stay: tuple[str, ...] = ()
    ) -> None:
        """Stores a new state after a release or a restore. `stay`: the rows that remain in doubt. Raises `OSError`."""
        with self._guard:
            before = self.newest(keys)
            reviewed = replace(before.reviewed, line=min(before.reviewed.line, end.line))
            if restored is not None:
                reviewed = Reviewed(end.line, restored.moment)
            self._is_put_back = False
            check = Check(before.check.number, broken=stay, stay=stay)
            last = restored or before.restored
            state = WatchState(before.restores + 1, last, end, check, reviewed, sent=before.sent)
            self._write(keys, state, lasting=True)

    def close(self) -> None:
        with self._guard:
            self._files.close()
            self._own = None

    def _write(self, keys: LogKeys, state: WatchState, *, lasting: bool = False) -> None:
        self._own = state
        self._files.write(_sealed(keys, _ROW, state), lasting=lasting)
        self.fault = ""

    @contextmanager
    def _noting_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = str(error.strerror)


_WATCHES: WeakKeyDictionary[KeyStore, Watch] = WeakKeyDictionary()


def watch_of(dialect: Dialect) -> Watch:
    store = keys_of(dialect).store
    if store not in _WATCHES:
        _WATCHES[store] = Watch(WatchFiles(store.folder))
    return _WATCHES[store]


def close_watch(dialect: Dialect) -> None:
    """Closes the state file of this process, so that another process can use it."""
    if has_keys(dialect):
        watch_of(dialect).close()


def lost_of(session: Session, states: Iterable[WatchState], end: Mark) -> Mark | None:
    """Returns the newest mark whose event is not in the log, or `None`. `end`: the last event of the log."""
    lost = [mark for one in states for mark in one.marks if not contains(session, mark, end)]
    return max(lost, key=lambda mark: mark.line, default=None)


def contains(session: Session, mark: Mark, end: Mark) -> bool:
    """Checks whether the log contains the event of the mark. `end`: the last event of the log."""
    if mark.line == 0 or mark == end:
        return True
    link = session.exec(select(AuditEvent.link).where(AuditEvent.id == mark.line)).first()
    return mark.line < end.line and link == mark.link


def _sealed(keys: LogKeys, row: str, statement: object) -> bytes:
    key = keys.known[0]
    sealed = log_cipher.seal(key, row, log_cipher.padded(msgspec.json.encode(statement)))
    return log_cipher.name_of(key).encode() + sealed


def _opened(keys: LogKeys, row: str, content: bytes, kind: type[_Statement]) -> _Statement | None:
    key = keys.named(content[:_NAME_CHARACTERS].decode(errors="replace"))
    if key is None:
        return None
    try:
        return msgspec.json.decode(log_cipher.opened(key, row, content[_NAME_CHARACTERS:]), type=kind)
    except DoesNotOpen:
        return None
