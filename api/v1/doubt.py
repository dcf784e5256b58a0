"""The release of rows or an audit log that may have been changed outside the service (*in doubt*). Two persons do this.
For the clients of tonight, the person on call can do it alone.
"""

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
from placement.core.doubt_codes import RowChange, RowKind, RowRelease, StopCause
from placement.doubt import release
from placement.doubt.doubted_rows import OF_CASES, DoubtedRow
from placement.second_person import requests


class LogViewOut(BaseModel):
    line: int
    at: datetime
    event: str
    actor: str


class DoubtedRowOut(BaseModel):
    """A database row in doubt: the service did not write its present content, or cannot check it."""

    row: str | None = Field(description="The table and name of the row; null for a case that you do not see.")
    kind: RowKind
    change: RowChange
    release: RowRelease = Field(description="Whether a release accepts it; a row that grants access stays in doubt.")
    before: int | None = Field(
        description="The version in the log or at the last good check; null: none, or the row was deleted."
    )
    after: int | None = Field(description="The stored version of the row; null: the row is gone.")
    values: dict[str, str] = Field(description="The codes and days in the row, as they are stored.")
    names: list[str] = Field(description="The accounts that the row names; they cannot release it.")
    log: list[LogViewOut] = Field(description="The newest audit events about the row.")


class TonightOut(Output):
    by: str
    until: datetime


class DoubtOut(Output):
    cause: StopCause | None = Field(description="Why proposals, decisions and more are stopped; null: nothing stops.")
    since: datetime | None
    rows: list[DoubtedRowOut]
    more: int = Field(description="The number of rows in doubt that are not listed.")
    tonight: TonightOut | None = Field(description="The release for the clients of tonight.")
    request: str | None = Field(description="The request for a release that waits for a second person.")
    can_grant: bool = Field(description="true: another person made the request, so you can grant it.")
    on_call: bool = Field(description="true: you are on call now, and can release the clients of tonight.")
    people: People


@get("/doubt", summary="Read what is in doubt", permission=Permission.DOUBT_READ, work=Work.SLOW)
def read_doubt(act: Act) -> DoubtOut:
    """Read which rows are in doubt (they differ from what the service wrote), and whether the audit log agrees with
    them. Also read why work is stopped.
    """
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
    """Request that the rows in doubt are accepted as they are, so that stopped work continues. This needs two persons:
    a person of the desk, and an admin or auditor. Each first gives the second factor. A person who is named in such a
    row cannot take part. Rows that grant access stay in doubt.
    """
    return serialize_request(act, release.ask(act))


@post("/doubt/release-tonight", summary="Release the clients of tonight", permission=Permission.DOUBT_RELEASE)
def release_tonight(act: Act) -> TonightOut:
    """Allow, as the person on call, that the clients of tonight are placed, until the desk is on duty. Another person
    reviews this later.
    """
    made = release.release_tonight(act)
    return TonightOut(by=made.by, until=datetime.fromisoformat(made.until))


def _serialize(act: Act, one: DoubtedRow) -> DoubtedRowOut:
    is_hidden = one.kind in OF_CASES and not Permission.TIMELINE_READ.is_of(act.actor)
    return DoubtedRowOut(
        row=None if is_hidden else one.name,
        kind=one.kind,
        change=one.change,
        release=one.release,
        before=one.before,
        after=one.after,
        values={} if is_hidden else dict(one.values),
        names=sorted(found for found in one.named if found.startswith("A-")),
        log=[LogViewOut.model_validate(said, from_attributes=True) for said in one.log],
    )
