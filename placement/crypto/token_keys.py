"""Master keys in a PKCS#11 token. They are made in the token and never leave it. The token wraps data keys by
AES-256-GCM.

The label of a key contains the time at which it was made (`placement 20261124T100000Z`). The id of a key is the prefix
of the values that it wraps. A process finds new keys within a minute, and searches at once for an unknown key.
"""

import base64
import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol, cast

import pkcs11
from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, Session
from pkcs11.mechanisms import GCMParams

from placement.core import clock
from placement.core.errors import Misconfigured
from placement.crypto.cipher import Place, decoded
from placement.crypto.key_cache import LONGEST_SECONDS
from placement.crypto.master_keys import MasterKey, require_noticed
from placement.crypto.token_session import Address, Opened, TokenSession, WrongData

_BITS = 256
_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BITS = 128
_MOMENT = "%Y%m%dT%H%M%SZ"
_KEYS, _UNTIL = "keys", "until"
_MAY = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
}
"""The attributes of a new key. They prevent the key from leaving the token, and from wrapping other keys."""


class _Key(Protocol):
    """The methods of an AES key in a token. The library's own classes do not declare them."""

    id: bytes
    label: str

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: object) -> bytes: ...
    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: object) -> bytes: ...
    def destroy(self) -> None: ...


class TokenKeys:
    """The implementation of `MasterKeys` with keys in a token."""

    def __init__(self, address: Address) -> None:
        self._token, self._prefix, self.label = TokenSession(address), address.prefix, address.label

    def encrypt(self, plain: bytes, place: Place) -> str:
        """Encrypts a value, as `name of newest key.base64 of nonce, ciphertext and tag`. Raises `Misconfigured` without
        a key.
        """

        def wrapped(opened: Opened) -> str:
            name, (_, key) = self._newest(opened)
            nonce = secrets.token_bytes(_NONCE_BYTES)
            return f"{name}.{base64.urlsafe_b64encode(nonce + _encrypted(key, nonce, plain, place)).decode()}"

        return self._token.use(wrapped)

    def decrypt(self, stored: str, place: Place) -> bytes:
        name, _, token = stored.partition(".")
        raw = decoded(token)
        nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        if len(sealed) <= _TAG_BITS // 8:
            raise InvalidTag
        try:
            return self._token.use(lambda opened: _decrypted(self._called(opened, name), nonce, sealed, place))
        except WrongData as wrong:
            raise InvalidTag from wrong

    def is_newest(self, stored: str) -> bool:
        return stored.partition(".")[0] == self._token.use(lambda opened: self._newest(opened)[0])

    def unwrap_first_form(self, token: str) -> bytes:
        """Raises `InvalidTag`, because tokens never used that format."""
        raise InvalidTag(token)

    def listed(self) -> list[MasterKey]:
        """Returns the keys in the token, newest first. Raises an error if the token does not answer."""
        found = self._token.use(lambda opened: self._all(opened, anew=True))
        return [MasterKey(name, made_at) for name, (made_at, _) in found.items()]

    def add(self) -> None:
        """Makes a new key, unless the token already has several keys, because a rotation is in progress."""
        if len(self.listed()) > 1:
            return
        name, label = secrets.token_bytes(_ID_BYTES), f"{self._prefix} {clock.now():{_MOMENT}}"
        self._token.writes(
            lambda session: session.generate_key(KeyType.AES, _BITS, id=name, label=label, store=True, template=_MAY)
        )

    def keep_newest(self, at: datetime) -> None:
        """Destroys all keys but the newest. Raises `Misconfigured` if some process may not know the newest key yet."""
        newest, *old = self.listed()
        require_noticed(newest.made_at or at, at)
        names = {one.name for one in old}

        def destroy(session: Session) -> None:
            for key in list(_keys_in(session)):
                if key.id.hex() in names:
                    key.destroy()

        self._token.writes(destroy)

    def _newest(self, opened: Opened) -> tuple[str, tuple[datetime, _Key]]:
        for found in self._all(opened).items():
            return found
        raise Misconfigured(f"the token {self.label} has no key yet: run `placement keys new`")

    def _called(self, opened: Opened, name: str) -> _Key:
        found = self._all(opened)
        if name not in found:
            found = self._all(opened, anew=True)
        if name not in found:
            raise WrongData
        return found[name][1]

    def _all(self, opened: Opened, *, anew: bool = False) -> Mapping[str, tuple[datetime, _Key]]:
        """Returns the service's keys by name, newest first."""
        kept = opened.kept
        if anew or kept.get(_UNTIL, 0) < time.monotonic():
            found = [(made_at, key.id.hex(), key) for key in _keys_in(opened.session) if (made_at := self._moment(key))]
            newest_first = sorted(found, key=lambda one: one[:2], reverse=True)
            kept[_KEYS] = {name: (made_at, key) for made_at, name, key in newest_first}
            kept[_UNTIL] = time.monotonic() + LONGEST_SECONDS
        keys: Mapping[str, tuple[datetime, _Key]] = kept[_KEYS]
        return keys

    def _moment(self, key: _Key) -> datetime | None:
        """Returns the time at which a key was made, or `None` if it is not a key of the service."""
        prefix, _, moment = key.label.rpartition(" ")
        if prefix != self._prefix:
            return None
        try:
            return datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
        except ValueError:
            return None


_KNOWN: dict[str, TokenKeys] = {}


def keys_in_token(written: str) -> TokenKeys:
    """Returns the keys in the token at this address. Cached, because a process has only one session with a token."""
    if written not in _KNOWN:
        _KNOWN[written] = TokenKeys(Address.read(written))
    return _KNOWN[written]


def _keys_in(session: Session) -> Iterable[_Key]:
    ours = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
    return cast("Iterable[_Key]", session.get_objects(ours))


def _encrypted(key: _Key, nonce: bytes, plain: bytes, place: Place) -> bytes:
    sealed: bytes = key.encrypt(plain, mechanism=Mechanism.AES_GCM, mechanism_param=_within(nonce, place))
    return sealed


def _decrypted(key: _Key, nonce: bytes, sealed: bytes, place: Place) -> bytes:
    """Decrypts a value. Raises `WrongData` if the token rejects it. Some tokens report a wrong tag only as a general
    failure. Then a test decryption shows whether the token can decrypt at all.
    """
    try:
        plain: bytes = key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=_within(nonce, place))
    except (pkcs11.GeneralError, pkcs11.FunctionFailed) as failed:
        trial = secrets.token_bytes(_NONCE_BYTES)
        again = _encrypted(key, trial, b"trial", place)
        key.decrypt(again, mechanism=Mechanism.AES_GCM, mechanism_param=_within(trial, place))
        raise WrongData from failed
    return plain


def _within(nonce: bytes, place: Place) -> GCMParams:
    return GCMParams(nonce, place.associated(), _TAG_BITS)
