"""The user's own sessions. A user can end sessions that are forgotten or unknown."""

from datetime import datetime

from litestar.params import FromPath

from api.http.context import Output
from api.http.operations import get, post
from api.v1.session import EndedOut
from placement.access.permissions import Permission
from placement.accounts import sessions
from placement.core.context import Act
from placement.tables import AccountSession


class OneSessionOut(Output):
    id: str
    client: str
    began_at: datetime
    last_used_at: datetime
    this: bool


class SessionsOut(Output):
    items: list[OneSessionOut]


@get("/sessions", summary="List your sessions", permission=Permission.SESSION_READ)
def list_sessions(act: Act) -> SessionsOut:
    """List your own sessions, last used first."""
    return SessionsOut(items=[_serialize(act, one) for one in sessions.active(act)])


@post("/sessions/{session_id:str}/end", summary="End one session", permission=Permission.SESSION_END)
def end_session(act: Act, session_id: FromPath[str]) -> EndedOut:
    """End any of your own sessions, at once."""
    sessions.end(act, session_id)
    return EndedOut(ended=1)


@post("/sessions/end", summary="End all sessions", permission=Permission.SESSION_END)
def end_sessions(act: Act) -> EndedOut:
    """End all your sessions, including this session."""
    return EndedOut(ended=sessions.end_all(act, act.actor.id))


@post("/sessions/end-others", summary="End all other sessions", permission=Permission.SESSION_END)
def end_other_sessions(act: Act) -> EndedOut:
    """End all your sessions except this session."""
    return EndedOut(ended=sessions.end_all(act, act.actor.id, but=act.actor.session_id))


def _serialize(act: Act, one: AccountSession) -> OneSessionOut:
    return OneSessionOut.of(one, this=one.id == act.actor.session_id)
