"""Is it there, and can it work?"""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlmodel import col, select

from placement import clock
from placement.database import Database
from placement.tables import JobRun

_JOBS_ARE_LATE_AFTER = timedelta(minutes=5)


@get("/health/live", public=True, include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@get("/health/ready", public=True, include_in_schema=False, sync_to_thread=True)
def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """The database answers and has the newest form; and whether the clock's jobs run."""
    database: Database = request.app.state.database
    try:
        if not database.is_current():
            return Response({"database": "not migrated: run `placement migrate`"}, status_code=503)
        with database.transaction() as session:
            last = session.exec(select(JobRun.slot).order_by(col(JobRun.slot).desc()).limit(1)).first()
    except (DBAPIError, NoConnectionInTime):
        return Response({"database": "does not answer"}, status_code=503)
    late = last is None or last < clock.now() - _JOBS_ARE_LATE_AFTER
    jobs = "late: is `placement scheduler` running?" if late else "ok"
    return Response({"database": "ok", "jobs": jobs}, status_code=200)
