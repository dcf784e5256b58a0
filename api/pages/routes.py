"""All pages, with their guard, and the pages for refusals."""

from litestar import Router
from litestar.di import Provide

from api.http.methods import routes_in
from api.pages.forms import acts_of_form, form_of, genuine
from api.pages.refused import OF_PAGES

_MODULES = (
    "sign_in",
    "session",
    "today",
    "set_up",
    "changes",
    "timeline",
    "duplicates",
    "fact_history",
    "requests",
    "search",
    "undo",
    "places",
    "registrations",
    "drafts",
    "checking",
    "takeovers",
    "proposals",
    "decisions",
    "holds",
    "stays",
    "arrivals",
    "addresses",
    "unit_profile",
    "shelters",
    "capacity",
    "country",
    "exchange",
    "reports",
    "invitation",
    "single_sign_on",
    "account",
    "passkeys",
    "accounts",
    "organisations",
    "audit",
    "legal_hold",
    "guide",
    "design",
    "areas",
    "rules",
    "settings",
    "webhooks",
    "retention",
    "encryption_keys",
    "on_call",
    "mandates",
    "leave",
    "messages",
)

PAGES = Router(
    path="/",
    include_in_schema=False,
    guards=[genuine],
    opt={"form": True},
    dependencies={"acts": Provide(acts_of_form), "form": Provide(form_of)},
    exception_handlers=OF_PAGES,
    route_handlers=routes_in("api.pages", _MODULES),
)
