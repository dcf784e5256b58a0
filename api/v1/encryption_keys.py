"""The keys of encryption: which there are, never a key itself; and requests for new ones, by two admins."""

from datetime import datetime

from litestar.params import FromPath
from pydantic import Field

from api.http.context import Output
from api.http.operations import get, post
from api.v1.approvals import CarriedOutLater, command_of
from placement.access.permissions import Permission
from placement.accounts import key_rotations
from placement.core.context import Act
from placement.tables import KeyRotation


class KeysOfKindOut(Output):
    kind: str = Field(
        description="master, field, log (of the service); cases, proposals, changes, answers, anomalies, others (data)."
    )
    keys: int = Field(description="How many open something.")
    destroyed: int
    oldest_at: datetime | None = Field(description="When the oldest of them was made; null where it is not known.")
    newest_at: datetime | None = Field(
        description="When the newest was made: of the service's keys, when they were replaced last."
    )
    older: int = Field(description="What still needs an older key: data keys, encrypted values, lines of a file.")
    missing: int = Field(description="Data keys that are not in the key store.")


class RotationOut(CarriedOutLater, Output):
    pass


class EncryptionKeysOut(Output):
    token: str = Field(description="The token (PKCS#11) with the master keys; empty where they are in files.")
    answers: bool = Field(description="Whether the token answers; true where there is none.")
    kinds: list[KeysOfKindOut]
    rotations: list[RotationOut] = Field(description="The last requests for new keys, the newest first.")


@get("/encryption-keys", summary="List keys of encryption by kind", permission=Permission.ENCRYPTION_KEYS_READ)
def list_encryption_keys(act: Act) -> EncryptionKeysOut:
    """How many keys there are by kind, how old they are, and how much needs an older one. Never a key itself."""
    found, rotations = key_rotations.shown(act)
    return EncryptionKeysOut(
        token=found.token,
        answers=found.answers,
        kinds=[KeysOfKindOut.of(kind) for kind in found.kinds],
        rotations=[_serialize(row) for row in rotations],
    )


@post("/encryption-keys/rotations", summary="Request new keys", permission=Permission.ROTATION_ASK, status_code=201)
def request_rotation(act: Act) -> RotationOut:
    """Request new keys of the service, right after the second factor was given again; another admin grants it, and the
    operator carries it out.
    """
    return _serialize(key_rotations.ask(act))


@post(
    "/encryption-keys/rotations/{rotation_id:str}/grant",
    summary="Grant a request for new keys",
    permission=Permission.ROTATION_GRANT,
)
def grant_rotation(act: Act, rotation_id: FromPath[str]) -> RotationOut:
    """Grant what another admin requested, right after the second factor was given again. The operator carries it out
    within a week.
    """
    return _serialize(key_rotations.grant(act, rotation_id))


@post(
    "/encryption-keys/rotations/{rotation_id:str}/withdraw",
    summary="Withdraw a request for new keys",
    permission=Permission.ROTATION_ASK,
)
def withdraw_rotation(act: Act, rotation_id: FromPath[str]) -> RotationOut:
    """Withdraw a request, one's own or another's, as long as it is not carried out."""
    return _serialize(key_rotations.withdraw(act, rotation_id))


def _serialize(row: KeyRotation) -> RotationOut:
    return RotationOut.of(row, command=command_of(row, f"placement keys rotate --approval {row.id}"))
