"""The connection of this process to a PKCS#11 token. It is opened at the first use, and again after it broke or the
process was forked.

A process makes one call at a time, because the library may not be thread-safe. A rejected PIN is tried again only after
its file has changed, because a few wrong PINs lock a token.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import pkcs11
import structlog

from placement.core.errors import Misconfigured, TokenAway

Found = TypeVar("Found")

_LOG = structlog.get_logger()
_DATA_IS_WRONG = (pkcs11.EncryptedDataInvalid, pkcs11.EncryptedDataLenRange, pkcs11.DataInvalid, pkcs11.DataLenRange)

_PAUSES, _AWAY_PAUSES = (0, 0, 0.02, 0.05, 0.1, 0.2, 0.4), (0, 0)
"""The average pause before each try in seconds: normally, and if the last use failed."""
_IN_WORDS = {
    pkcs11.NoSuchToken: "the library knows no token of this name",
    pkcs11.MultipleTokensReturned: "the library knows several tokens of this name",
    pkcs11.PinLocked: "it is locked after too many wrong PINs: its security officer can set a new one",
    pkcs11.PinExpired: "its PIN must be set by its security officer",
    pkcs11.UserPinNotInitialized: "its PIN must be set by its security officer",
}


class WrongData(Exception):
    """Raised if the token answers that it cannot decrypt the data."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a token: a PKCS#11 URI (RFC 7512)."""

    library: str
    label: str
    pin_file: Path
    prefix: str
    """How the labels of this service's keys begin. It differs if two services share a token."""

    @classmethod
    def read(cls, written: str) -> "Address":
        """Parses the address. Raises `Misconfigured` if a part is missing."""
        found = urlsplit(written)
        path = {unquote(name): unquote(value) for name, _, value in (p.partition("=") for p in found.path.split(";"))}
        query = dict(parse_qsl(found.query))
        library, label, pin = query.get("module-path", ""), path.get("token", ""), query.get("pin-source", "")
        if not (library and label and pin):
            raise Misconfigured(
                "PLACEMENT_KEY_TOKEN must name token, module-path and pin-source, such as"
                " pkcs11:token=placement?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/placement/pin"
            )
        return cls(library, label, Path(pin.removeprefix("file:")), path.get("object", "placement"))


@dataclass(slots=True)
class Opened:
    """A session with a cache of objects that are valid only in this session."""

    session: pkcs11.Session
    kept: dict[str, Any] = field(default_factory=dict)


class _OfProcess:
    """The lock and state that all calls of a process share. A fork waits for the call in progress, because the child
    process would otherwise inherit locked locks of the library.
    """

    def __init__(self) -> None:
        self.begin_anew()
        os.register_at_fork(
            before=lambda: self.lock.acquire(),  # noqa: PLW0108  # the lock is another in a child
            after_in_parent=lambda: self.lock.release(),  # noqa: PLW0108
            after_in_child=self.begin_anew,
        )

    def begin_anew(self) -> None:
        """Resets the state, also in the child process after a fork: the library must then be initialised again."""
        self.lock = threading.RLock()
        self.pid = os.getpid()
        self.begun: set[str] = set()


_PROCESS = _OfProcess()


class TokenSession:
    """The session with one token. Threads and forked processes can use it safely."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._opened: Opened | None = None
        self._pid, self._is_away = 0, False
        self._refused_pin: tuple[int, int] | None = None

    def use(self, do: Callable[[Opened], Found]) -> Found:
        """Calls `do` with the session. If the call fails, tries again after pauses, each time in a new session. Retries
        are needed, because SoftHSM rewrites its files at each log-in, so another process may find no token for a
        moment. If the previous use failed too, tries again only once, without a pause.

        Raises `TokenAway` with a message, and `WrongData` if the token rejects the data.
        """
        with _PROCESS.lock:
            for pause in _AWAY_PAUSES if self._is_away else _PAUSES:
                time.sleep(pause * secrets.SystemRandom().uniform(0.5, 1.5))
                try:
                    found = do(self._session())
                except _DATA_IS_WRONG as wrong:
                    raise WrongData from wrong
                except pkcs11.PKCS11Error as wrong:
                    self._close()
                    failed = wrong
                else:
                    self._is_away = False
                    return found
            self._is_away = True
        raise self._away(_IN_WORDS.get(type(failed), f"it fails: {type(failed).__name__}")) from failed

    def writes(self, do: Callable[[pkcs11.Session], Found]) -> Found:
        """Calls `do` with a session that may change the token. Retries and raises errors like `use`."""

        def in_another(logged_in: Opened) -> Found:
            _ = logged_in
            with self._token().open(rw=True) as writing:  # no log-in: it is valid for all sessions of the process
                return do(writing)

        try:
            return self.use(in_another)
        finally:
            self.forget()

    def forget(self) -> None:
        """Clears the cached objects of the session."""
        with _PROCESS.lock:
            if self._opened is not None:
                self._opened.kept.clear()

    def _session(self) -> Opened:
        if self._opened is None or self._pid != _PROCESS.pid:
            self._opened, self._pid = Opened(self._log_in()), _PROCESS.pid
        return self._opened

    def _close(self) -> None:
        """Ends the session. The next use initialises the library again, because a network connection may be lost."""
        if self._opened is not None and self._pid == _PROCESS.pid:
            with suppress(pkcs11.PKCS11Error):  # the connection may be lost already
                self._opened.session.close()
        self._opened = None
        _PROCESS.begun.discard(self.address.library)

    def _log_in(self) -> pkcs11.Session:
        pin, stamp = self._pin()
        if stamp == self._refused_pin:
            raise self._away(
                f"it refused the PIN in {self.address.pin_file}, which is not tried again until it changes"
            )
        token = self._token()
        try:
            return token.open(user_pin=pin)
        except pkcs11.UserAlreadyLoggedIn:
            return token.open()
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as wrong:
            self._refused_pin = stamp
            raise self._away(f"it refuses the PIN in {self.address.pin_file}") from wrong

    def _pin(self) -> tuple[str, tuple[int, int]]:
        file = self.address.pin_file
        try:
            found = file.stat()
            return file.read_text().strip(), (found.st_ino, found.st_mtime_ns)
        except OSError as wrong:
            raise self._away(f"its PIN cannot be read from {file} ({wrong.strerror})") from wrong

    def _token(self) -> pkcs11.Token:
        found: pkcs11.Token = self._library().get_token(token_label=self.address.label)
        return found

    def _library(self) -> Any:
        path = self.address.library
        try:
            library = pkcs11.lib(path)
        except pkcs11.PKCS11Error as wrong:
            raise self._away(f"the library {path} cannot be loaded: is it installed, and module-path right?") from wrong
        if path not in _PROCESS.begun:
            with suppress(pkcs11.PKCS11Error):  # some libraries report after a fork that they were never initialised
                library.finalize()
            library.initialize()
            _PROCESS.begun.add(path)
        return library

    def _away(self, why: str) -> TokenAway:
        """Returns the error for a token that does not answer. The next use initialises the library again."""
        _PROCESS.begun.discard(self.address.library)
        _LOG.error("token.away", token=self.address.label, why=why)
        return TokenAway(f"the token {self.address.label} cannot be used: {why} (look at PLACEMENT_KEY_TOKEN)")
