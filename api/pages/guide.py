"""The help page: the user's possible acts, each rule with its source, and a glossary."""

from litestar import Response

from api.http.methods import get
from api.pages.frame import Page, page
from placement.access.permissions import Permission
from placement.core.codes import Sees, roles_that_see
from placement.text.guidance import EXPLAINED, JOURNEYS, RULES, TERMS


@get("/help", permission=Permission.SESSION_READ)
def show(request: Page) -> Response[str]:
    mine = JOURNEYS.get(request.user.role, ())
    others = {role: steps for role, steps in JOURNEYS.items() if role != request.user.role}
    settings = request.app.state.settings
    idle, on_trial = settings.session_idle, settings.plain_http
    longer = settings.session_on_duty if request.user.role in roles_that_see(Sees.ALL) else None
    return page(request, "help.html", mine=mine, others=others, idle=idle, longer=longer, on_trial=on_trial)


@get("/help/rules", permission=Permission.SESSION_READ)
def show_rules(request: Page) -> Response[str]:
    return page(request, "help_rules.html", rules=RULES, explained_all=EXPLAINED)


@get("/help/glossary", permission=Permission.SESSION_READ)
def show_glossary(request: Page) -> Response[str]:
    return page(request, "help_glossary.html", terms=TERMS)
