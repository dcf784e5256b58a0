"""Leaving the service: what was asked, what waits for a second person, and the command that carries it out."""

from api.pages.declared_pages import form, screen
from api.pages.forms import Form
from api.v1 import leave
from api.v1.leave import LeaveRequestOut
from api.v1.people import People, people_of
from placement.access.fresh_factor import is_fresh
from placement.core.context import Act

HERE = "/leave"


def _people(act: Act, requests: list[LeaveRequestOut]) -> People:
    return people_of(act, [one.asked_by for one in requests])


show = screen(
    HERE,
    "leave.html",
    listed=leave.list_leave_requests,
    requests=lambda _, listed: listed.items,
    people=_people,
    at=lambda act: act.at,
    verified=is_fresh,
    filled=lambda _: Form([]),
)
ask = form(f"{HERE}/ask", leave.request_leave, show)
grant = form(f"{HERE}/{{leave_request_id:str}}/grant", leave.grant_leave, show)
withdraw = form(f"{HERE}/{{leave_request_id:str}}/withdraw", leave.withdraw_leave, show)
