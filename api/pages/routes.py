"""The routes of all pages with their guard, and the handlers of refusals."""

from pathlib import Path
from pkgutil import iter_modules

from litestar import Router
from litestar.di import Provide

from api.http.methods import routes_in
from api.pages.forms import acts_of_form, form_of, genuine
from api.pages.refusal_pages import OF_PAGES

_APART = {"documentation", "public_help", "routes", "start", "unsubscribe"}
"""Modules whose routes have no guard of the pages (`api/app.py` adds them), and this module."""
_MODULES = sorted(one.name for one in iter_modules([str(Path(__file__).parent)]) if one.name not in _APART)

PAGES = Router(
    path="/",
    include_in_schema=False,
    guards=[genuine],
    opt={"form": True},
    dependencies={"acts": Provide(acts_of_form), "form": Provide(form_of)},
    exception_handlers=OF_PAGES,
    route_handlers=routes_in("api.pages", _MODULES),
)
