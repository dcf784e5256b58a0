"""The start without a database. Requests are refused until the database is available; the process needs no restart."""

import threading

import structlog
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http import threads
from api.http.connections import AnyRequest
from api.http.problems import of_fault, problem
from placement.core.errors import Misconfigured, NotMigrated
from placement.leave.ended_service import require_not_left
from placement.storage.database import Database
from placement.storage.database_faults import facts_of

_LOG = structlog.get_logger()
_WITHOUT_DATABASE = ("/health/", "/static/")


class Usable:
    """The check that the database belongs to this service, and that this version can work with its tables and keys. The
    check is repeated until it succeeds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self.is_known = False

    def check(self) -> None:
        """Runs the check, unless it has succeeded before. Raises `Misconfigured` or the database's error."""
        with self._guard:
            if not self.is_known:
                self._database.require_usable()
                with self._database.transaction() as session:
                    require_not_left(session)
                self.is_known = True

    def check_if_it_answers(self) -> None:
        """Runs the check at the start of a process. Raises `Misconfigured`. If the database does not answer or is not
        migrated yet, only logs this: the next request repeats the check.
        """
        try:
            self.check()
        except (DBAPIError, NoConnectionInTime) as error:
            _LOG.error("database.fault", waits=True, **facts_of(error))
        except NotMigrated as error:
            _LOG.error("database.fault", waits=True, reason=str(error))


def once_usable(app: ASGIApp, usable: Usable) -> ASGIApp:
    """Wraps the application. Refuses requests that need the database until the check has succeeded."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not usable.is_known and not str(scope.get("path")).startswith(_WITHOUT_DATABASE):
            request: AnyRequest = Request(scope)
            try:
                await threads.run(usable.check)
            except (DBAPIError, NoConnectionInTime) as error:
                await of_fault(request, error).to_asgi_response(None, request)(scope, receive, send)
                return
            except Misconfigured as error:
                _LOG.error("service.not_usable", reason=str(error))
                await problem(request, 503, "not_usable").to_asgi_response(None, request)(scope, receive, send)
                return
        scope["litestar_app"].state.reserve.has_room()  # may free disk space for this request
        await app(scope, receive, send)

    return answer
