"""API keys: the user's own, and a shelter's."""

from datetime import date, datetime
from typing import Literal

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code
from api.http.operations import get, post
from placement.access.permissions import Permission
from placement.accounts import api_keys, reads
from placement.core.context import Act


class NewKeyIn(Input):
    shelter: Code | None = Field(None, description="The shelter whose software uses the key; null: your own software.")
    scopes: list[Literal["read", "write", "register", "registration:send", "counts:send"]] = Field(
        default=["read"],
        min_length=1,
        max_length=3,
        description="`write` needs `read`, because answers show what was written. `register`: reads the register, "
        "changes rooms and names of shelters, and requests other changes from the desk. "
        "`registration:send` and `counts:send`: the only scopes of a registrant's key. `counts:send`: sends count "
        "records in, and nothing else; of registrars, the desk and coordinators too.",
    )
    days: int = Field(api_keys.LONGEST_LIFE.days, ge=1, le=api_keys.LONGEST_LIFE.days)


class KeyOut(Output):
    id: str
    account: str | None
    shelter: str | None
    scopes: list[str]
    made_by: str | None
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None = Field(description="The Monday of the week of the last use; null: never used.")


class KeyMadeOut(KeyOut):
    key: str = Field(description="Shown only this once.")


class KeysOut(Output):
    items: list[KeyOut]


@get("/keys", summary="List API keys", permission=Permission.KEY_READ)
def list_keys(act: Act) -> KeysOut:
    """List the API keys that are still valid: your own and your shelter's; for an admin those of every shelter."""
    return KeysOut(items=[KeyOut.of(one) for one in reads.keys(act)])


@post("/keys", summary="Create an API key", permission=Permission.KEY_MAKE, status_code=201)
def create_key(act: Act, data: JSONBody[NewKeyIn]) -> KeyMadeOut:
    """Create an API key, valid for at most 90 days. First give the second factor again. Exchange the key for a token
    with POST /api/v1/token.
    """
    secret, made = api_keys.make(act, data.shelter, set(data.scopes), data.days)
    return KeyMadeOut.of(KeyOut.of(made), key=secret)


@post("/keys/{key_id:str}/revoke", summary="Revoke an API key", permission=Permission.KEY_REVOKE)
def revoke_key(act: Act, key_id: FromPath[str]) -> KeyOut:
    """Revoke a key. From now on the key and its tokens are rejected."""
    return KeyOut.of(api_keys.revoke(act, key_id))
