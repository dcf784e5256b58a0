"""Leaving the service: asked here, and granted on the page of requests for a second person."""

from api.pages import second_person
from api.pages.declared_pages import form, screen
from api.pages.forms import Form
from api.v1 import leave
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission

HERE = "/leave"


show = screen(HERE, "leave.html", under=(Permission.REVIEW_READ,), verified=is_fresh, filled=lambda _: Form([]))
ask = form(f"{HERE}/ask", leave.request_leave, show, to=second_person.HERE)
