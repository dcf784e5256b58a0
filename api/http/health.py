"""Liveness and readiness."""

from http import HTTPStatus

from litestar import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http.connections import AnyRequest
from api.http.methods import get
from api.http.operator_access import is_operator
from api.http.work_kinds import Work
from placement.core import clock, version
from placement.jobs import periodic
from placement.outbox import outbox
from placement.storage.database import Database
from placement.storage.database_faults import cause_of, reason_of
from placement.storage.readiness import try_what_requests_need


@get("/health/live", public=True, work=Work.FREE, include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    """Answers that the process is alive."""
    return {"status": "live"}


@get("/health/ready", public=True, work=Work.HEALTH, include_in_schema=False)
def ready(request: AnyRequest) -> Response[dict[str, str]]:
    """Answers 200 if the service is ready, otherwise 503. Only the operator's token also gets each check's result."""
    checks, status = _checks(request)
    if not is_operator(request):
        checks = {"status": "ready" if status == HTTPStatus.OK else "not ready"}
    waits = {"Retry-After": "5"} if status != HTTPStatus.OK else {}
    return Response(checks, status_code=status, headers=waits)


def _checks(request: AnyRequest) -> tuple[dict[str, str], int]:
    """Returns the results by check, and the status code. Checks database, audit watcher, jobs, processes and disk."""
    state = request.app.state
    database: Database = state.database
    try:
        if not (form := database.form()).is_usable:
            return {"database": form.value}, HTTPStatus.SERVICE_UNAVAILABLE
        with database.transaction() as session:
            try_what_requests_need(session)
            late = periodic.are_late(session, clock.now())
            left = sum(outbox.undelivered(session).values())
    except (DBAPIError, NoConnectionInTime) as error:
        why = f"{cause_of(error).value}: {reason_of(error)}"
        return {"database": why}, HTTPStatus.SERVICE_UNAVAILABLE
    if fault := state.watcher.fault():
        return {"check": fault}, HTTPStatus.SERVICE_UNAVAILABLE
    jobs = "late: is `placement scheduler` running?" if late else "ok"
    checks = {
        "version": version.shown(),
        "database": "ok",
        "jobs": jobs,
        "undelivered_messages": str(left),
        **state.group.checks(),
    }
    if form.value:
        checks["tables"] = form.value
    if not state.reserve.has_room():
        checks["disk"] = "full: reads go on for a while, writes are refused"
    return checks, HTTPStatus.OK
