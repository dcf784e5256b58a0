"""Rows and a log in doubt, and their release: by two persons, or for the clients of tonight by the person on call."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.http.context import Output
from api.http.operations import get, post
from api.http.work_kinds import Work
from api.v1.people import People, people_of
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access import doubt_stop
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.doubt_codes import RowChange, RowKind, StopCause
from placement.doubt import release
from placement.doubt.doubted_rows import OF_CASES, DoubtedRow
from placement.second_person import requests


class LogViewOut(BaseModel):
    line: int
    at: datetime
    event: str
    actor: str


class DoubtedRowOut(BaseModel):
    """A row in doubt."""

    row: str | None = Field(description="Its table and name; null for a case that you do not see.")
    kind: RowKind
    change: RowChange
    opens: bool = Field(description="Whether a release lets it grant something again, such as a key or an account.")
    before: int | None = Field(description="Its version as the log states it; null: none is stated, or it was deleted.")
    after: int | None = Field(description="Its version as it is stored; null: it is gone.")
    values: dict[str, str] = Field(description="Its codes and days as they are stored.")
    names: list[str] = Field(description="The accounts that it names: these cannot release it.")
    log: list[LogViewOut] = Field(description="The newest audit events about it.")


class TonightOut(Output):
    by: str
    until: datetime


class DoubtOut(Output):
    cause: StopCause | None = Field(description="Why proposals, decisions and more stop; null: everything goes on.")
    since: datetime | None
    rows: list[DoubtedRowOut]
    more: int = Field(description="How many rows in doubt are not listed.")
    tonight: TonightOut | None = Field(description="The release for the clients of tonight.")
    request: str | None = Field(description="The request for a release that waits for a second person.")
    can_grant: bool = Field(description="Whether you can grant it: somebody else asked.")
    on_call: bool = Field(description="Whether you are on call now, and can release the clients of tonight.")
    people: People


@get("/doubt", summary="Read what is in doubt", permission=Permission.DOUBT_READ, work=Work.SLOW)
def read_doubt(act: Act) -> DoubtOut:
    """Read which rows are not as the service wrote them, with the view of the log, and what stops because of them."""
    found = release.read(act)
    rows = [_serialize(act, one) for one in found.rows]
    waiting = act.session.exec(requests.waiting(act, release.RELEASE.code)).first()
    night = found.stop.night if found.stop and doubt_stop.is_released_tonight(act, found.stop) else None
    people = [*(one for row in rows for one in (*row.names, *(said.actor for said in row.log))), night and night.by]
    return DoubtOut(
        cause=found.stop.cause if found.stop else None,
        since=datetime.fromisoformat(found.check.since) if found.check.since else None,
        rows=rows,
        more=len(found.check.in_doubt) - len(rows),
        tonight=TonightOut(by=night.by, until=datetime.fromisoformat(night.until)) if night else None,
        request=waiting.id if waiting else None,
        can_grant=waiting is not None and requests.may_answer(act, release.RELEASE, waiting),
        on_call=release.is_on_call(act),
        people=people_of(act, people),
    )


@post("/doubt/release", summary="Request a release", permission=Permission.DOUBT_RELEASE, status_code=201)
def request_release(act: Act) -> SecondPersonRequestOut:
    """Request that the rows in doubt are accepted as they are, and that all goes on. A person of the desk and an admin
    or auditor do it together. Each gives the second factor first, and no row names them.
    """
    return serialize_request(act, release.ask(act))


@post("/doubt/release-tonight", summary="Release the clients of tonight", permission=Permission.DOUBT_RELEASE)
def release_tonight(act: Act) -> TonightOut:
    """Let the clients of tonight be placed until duty begins, as the person on call. Another person reviews it."""
    made = release.release_tonight(act)
    return TonightOut(by=made.by, until=datetime.fromisoformat(made.until))


def _serialize(act: Act, one: DoubtedRow) -> DoubtedRowOut:
    is_hidden = one.kind in OF_CASES and not Permission.TIMELINE_READ.is_of(act.actor)
    return DoubtedRowOut(
        row=None if is_hidden else one.name,
        kind=one.kind,
        change=one.change,
        opens=one.opens,
        before=one.before,
        after=one.after,
        values={} if is_hidden else dict(one.values),
        names=sorted(found for found in one.named if found.startswith("A-")),
        log=[LogViewOut.model_validate(said, from_attributes=True) for said in one.log],
    )
