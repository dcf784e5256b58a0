"""An overview of the encryption keys, which shows no key, and the request for new keys."""

from datetime import datetime

from pydantic import Field

from api.http.context import Output
from api.http.operations import get, post
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.accounts import key_rotations
from placement.core.context import Act


class KeysOfKindOut(Output):
    kind: str = Field(
        description="master, field, log (of the service); cases, proposals, changes, answers, anomalies, imports, "
        "others (data)."
    )
    keys: int = Field(description="The number of keys that still decrypt something.")
    destroyed: int
    oldest_at: datetime | None = Field(description="The time at which the oldest key was made; null if not known.")
    newest_at: datetime | None = Field(
        description="The time at which the newest key was made: the last replacement of a service's key."
    )
    older: int = Field(description="How much still needs an older key: data keys, encrypted values, lines of a file.")
    missing: int = Field(description="Data keys that are not in the key store.")


class EncryptionKeysOut(Output):
    token: str = Field(description="The label of the token (PKCS#11) with the master keys; empty if they are in files.")
    answers: bool = Field(description="true: the token answers, or there is no token.")
    kinds: list[KeysOfKindOut]


@get("/encryption-keys", summary="List keys of encryption by kind", permission=Permission.ENCRYPTION_KEYS_READ)
def list_encryption_keys(act: Act) -> EncryptionKeysOut:
    """Read the number of keys by kind, their age, and how much data still needs an older key."""
    found = key_rotations.shown(act)
    return EncryptionKeysOut(
        token=found.token,
        answers=found.answers,
        kinds=[KeysOfKindOut.of(kind) for kind in found.kinds],
    )


@post("/encryption-keys/rotations", summary="Request new keys", permission=Permission.ROTATION_ASK, status_code=201)
def request_rotation(act: Act) -> SecondPersonRequestOut:
    """Request new keys of the service. First give the second factor again. Another admin grants the request, and the
    operator carries it out within a week.
    """
    return serialize_request(act, key_rotations.ask(act))
