"""The registration form for a caller who has a link from the desk. The link opens no other page.

The secret is in the part of the link after `#`, which browsers do not send. The caller must also type the words that
the desk gives by telephone.
"""

from collections.abc import Callable
from typing import TypeVar

from litestar import Response
from litestar.datastructures import Cookie

from api.http.cookies import kept_cookie, network_of
from api.http.methods import get, post
from api.http.origin import origin_of
from api.pages.area_choices import Choices, area_choices
from api.pages.form_results import form_on
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.sent_form import said, sent_form
from api.v1.sent_registrations import facts_of
from placement.accounts.rate_limits import slowed
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.errors import Unauthenticated
from placement.registrants import form_links

HERE = "/form"
_COOKIE = "form-link"
Done = TypeVar("Done")


def _step(request: Page, do: Callable[[Act], Done]) -> Done:
    """Calls `do` in a transaction; the actor is the service. Counts wrong secrets and words by network (rate limit)."""
    state, at = request.app.state, clock.now()
    with slowed(state.database, network_of(request), at), state.database.transaction() as session:
        return do(Act(session, SYSTEM, at, state.settings, origin_of(request)))


def _cookie(request: Page, value: str) -> Cookie:
    return kept_cookie(request.app.state.settings, _COOKIE, value, int(form_links.LIFETIME.total_seconds()))


def _browser(request: Page) -> str:
    return request.cookies.get(_cookie(request, "").key, "")


def _ask_again(request: Page, wrong: Wrong | None = None) -> Response[str]:
    return page(request, "form_link.html", None, wrong)


def _form(request: Page, areas: Choices, wrong: Wrong | None = None, form: Form | None = None) -> Response[str]:
    return sent_form(request, f"{HERE}/send", areas, wrong, filled=form)


def _form_again(request: Page, form: Form, wrong: Wrong) -> Reply:
    browser = _browser(request)

    def areas(act: Act) -> Choices:
        form_links.opened(act, browser)
        return area_choices(act)

    try:
        return _form(request, _step(request, areas), wrong, form)
    except Unauthenticated:
        return _ask_again(request, wrong)


@get(HERE, public=True)
def ask_word(request: Page) -> Response[str]:
    return _ask_again(request)


@post(HERE, public=True)
@form_on(_ask_again, typed=False)
def enter(request: Page, form: SentForm) -> Reply:
    """Checks the words, binds the link to this browser, and shows the form."""

    def opened(act: Act) -> tuple[str | None, Choices]:
        secret = form_links.open_link(act, form.get("token").rpartition("#")[2], form.get("word"))
        return secret, area_choices(act)

    browser, areas = _step(request, opened)
    if browser is None:
        with slowed(request.app.state.database, network_of(request), clock.now()):
            raise Unauthenticated("form_link_refused")
    answer = _form(request, areas)
    answer.set_cookie(_cookie(request, browser))
    return answer


@post(f"{HERE}/send", public=True)
@form_on(_form_again)
def send(request: Page, form: SentForm) -> Reply:
    """Sends the registration. Afterwards the link shows only *received*."""
    browser = _browser(request)
    if form.get("then") == "more":
        areas = _step(request, lambda act: (form_links.opened(act, browser), area_choices(act))[1])
        return _form(request, areas, form=form)
    wanted = said(
        form,
        lambda rest, facts: _step(
            request, lambda act: form_links.faults_of(act, browser, rest.case(), facts_of(rest, facts))
        ),
    )
    _step(request, lambda act: form_links.send_with_link(act, browser, wanted.case(), wanted.facts()))
    answer = page(request, "form_link_sent.html")
    answer.set_cookie(_cookie(request, ""))
    return answer
