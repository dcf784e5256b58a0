"""An authenticator in software: it makes a passkey and signs according to WebAuthn, or wrongly if a
test asks for that.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

from placement.core.ids import new_id, new_secret
from placement.tables import Passkey
from placement.tables.message import PushDevice

ADDRESS = "https://placement.example"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey, for one host name. `origin`: of the page that asks. `counts`: whether it counts its signatures."""

    origin: str = ADDRESS
    host: str = "placement.example"
    counts: bool = True
    verifies: bool = True
    count: int = 0
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def id(self) -> str:
        return bytes_to_base64url(self.identifier)

    def makes(self, options: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer of `navigator.credentials.create()`."""
        self.handle = options["user"]["id"].encode()
        point = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(15) + b"\1" + len(self.identifier).to_bytes(2, "big") + self.identifier + cbor2.dumps(key)
        data = self._data(_ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"attestationObject": bytes_to_base64url(statement)}, self._client(options, "create"))

    def signs(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """Returns the answer of `navigator.credentials.get()`. `wrong`: false values of the page in the client data."""
        self.count += self.counts
        client, data = self._client(options, "get", **wrong), self._data()
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        handle = {"userHandle": self.handle.decode()} if self.handle else {}
        return self._answer(
            {
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                **handle,
            },
            client,
        )

    def _data(self, more: int = 0) -> bytes:
        flags = _PRESENT | (_VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, options: dict[str, Any], act: str, **wrong: Any) -> bytes:
        said = {"type": f"webauthn.{act}", "challenge": options["challenge"], "origin": self.origin, **wrong}
        return json.dumps(said | {"crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any], client: bytes) -> dict[str, Any]:
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": bytes_to_base64url(client), **response},
        }


def passkey_row(account: str, at: datetime, name: str = "-") -> Passkey:
    """Makes a passkey for the store that no authenticator has."""
    return Passkey(
        id=new_id("J"),
        account_id=account,
        fingerprint=new_secret("f"),
        credential={"account": account, "id": "AAAA", "key": "AAAA"},
        name=name,
        sign_count=0,
        made_at=at,
    )


def device_row(account: str, day: date) -> PushDevice:
    """Makes a device for the store that no push service knows."""
    return PushDevice(id=new_id("V"), account_id=account, fingerprint=new_id("V"), name="-", made_on=day)
