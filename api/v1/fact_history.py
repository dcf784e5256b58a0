"""The history of a client's facts, and the erasure of a change that was a mistake."""

from datetime import datetime

from litestar.params import FromPath
from pydantic import Field

from api.http.context import Output
from api.http.operations import get, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.registrations import fact_history
from placement.retention import fact_erasure


class FactChangeOut(Output):
    id: str
    at: datetime | None = Field(
        description="Null, as all fields after it, if the change was erased or its key is missing."
    )
    by: str | None
    reason: str | None = Field(description="Null if no reason was given; a client without a place needs no reason.")
    text: str | None
    before: dict[str, object] = Field(
        description="The changed facts, with their earlier values; null for parts that name other clients or places."
    )
    after: dict[str, object]


class FactHistoryOut(Output):
    """The changes of a client's facts, newest first."""

    registration: str
    changes: list[FactChangeOut]
    people: People


@get(
    "/registrations/{registration_id:str}/changes",
    summary="List the changes of a client's facts",
    permission=Permission.REGISTRATION_READ,
)
def list_fact_changes(act: Act, registration_id: FromPath[str]) -> FactHistoryOut:
    """List every change of a client's facts: when, by whom and why, with the old and the new value."""
    changes = [_serialize(one) for one in fact_history.history(act, registration_id)]
    return FactHistoryOut(
        registration=registration_id, changes=changes, people=people_of(act, (one.by for one in changes))
    )


@post(
    "/registrations/{registration_id:str}/changes/{fact_change_id:str}/erase",
    summary="Erase the content of a change",
    permission=Permission.HISTORY_ERASE,
)
def erase_fact_change(act: Act, registration_id: FromPath[str], fact_change_id: FromPath[str]) -> FactHistoryOut:
    """Erase a mistaken change for ever. First give the second factor again. The encryption key of the change is
    destroyed, so nobody can read the change in a backup. The audit log records the erasure.
    """
    fact_erasure.erase_change(act, registration_id, fact_change_id)
    return list_fact_changes(act, registration_id)


def _serialize(listed: fact_history.Listed) -> FactChangeOut:
    said = listed.change
    if said is None:
        return FactChangeOut(id=listed.id, at=None, by=None, reason=None, text=None, before={}, after={})
    return FactChangeOut.of(said, id=listed.id)
