"""The pages of registrants: what their organisation sent in, the form, and the messages with the desk."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.area_choices import Choices, area_choices
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, saved
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, go
from api.pages.sent_form import said, sent_form, typed
from api.v1 import sent_registrations as routes
from api.v1.sent_registrations import SentRegistrationOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.registrant_codes import SentState

HERE = "/sent"
ONE = f"{HERE}/{{sent_id:str}}"


@dataclass(frozen=True, slots=True)
class FormView:
    areas: Choices
    units: tuple[tuple[str, str], ...]
    by_law: bool
    filled: Form | None


def _view(acts: Acts, draft: str | None) -> FormView:
    def read(act: Act) -> FormView:
        sender, fields = routes.read_form(act, draft)
        units = tuple((code, place.value.name) for code, place in sorted(sender.units.items()))
        return FormView(area_choices(act), units, sender.is_by_law, Form(fields) if fields else None)

    return acts.show("sent_form", read, Permission.SENT_SEND)


def _form(request: Page, acts: Acts, wrong: Wrong | None = None, form: Form | None = None, draft: str = "") -> Reply:
    view = _view(acts, draft or None)
    action = f"{HERE}/{draft}/edit" if draft else f"{HERE}/new"
    filled, units = form or view.filled, view.units
    return sent_form(
        request, action, view.areas, wrong, units=units, by_law=view.by_law, filled=filled, draft=draft or None
    )


def _again(request: Page, acts: Acts, form: Form, wrong: Wrong, sent_id: str = "") -> Reply:
    return _form(request, acts, wrong, form, sent_id)


show_all = screen(HERE, "sent.html", sent=routes.list_sent_registrations)


@get(f"{HERE}/new", permission=Permission.SENT_SEND)
def ask_new(request: Page, acts: RequestActs) -> Response[str]:
    return _form(request, acts)


@post(f"{HERE}/new", permission=Permission.SENT_SEND)
@form_on(_again)
def send_new(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Sends a registration in, stores it as a draft, or adds rows for persons, depending on the button."""
    return _send(request, acts, form)


@get(f"{ONE}/edit", permission=Permission.SENT_SEND)
def ask_draft(request: Page, acts: RequestActs, sent_id: FromPath[str]) -> Reply:
    """Shows the form with a draft. If the draft was sent meanwhile, shows what was sent."""
    one = acts.show("sent_form", lambda act: routes.read_sent(act, sent_id), Permission.SENT_READ)
    return _form(request, acts, draft=sent_id) if one.state is SentState.DRAFT else go(f"{HERE}/{sent_id}")


@post(f"{ONE}/edit", permission=Permission.SENT_SEND)
@form_on(_again)
def send_draft(request: Page, acts: RequestActs, sent_id: FromPath[str], form: SentForm) -> Reply:
    return _send(request, acts, form, sent_id)


show = screen(ONE, "sent_one.html", under=(Permission.SENT_READ,), one=routes.read_sent, at=lambda act: act.at)
write = form(f"{ONE}/messages", routes.write_sent_message, show)


@post(f"{ONE}/drop", permission=Permission.SENT_SEND)
@form_on(show)
def drop_draft(acts: RequestActs, sent_id: FromPath[str]) -> str:
    acts.change(routes.SentRegistrationsOut, lambda act: routes.drop_draft(act, sent_id))
    return HERE


def _send(request: Page, acts: Acts, form: Form, draft: str = "") -> Reply:
    then = form.get("then")
    if then == "more":
        return _form(request, acts, form=form, draft=draft)
    if then == "draft":
        kept = acts.change(SentRegistrationOut, lambda act: routes.keep_draft(act, typed(form), draft or None))
        return saved(request, f"{HERE}/{kept.id}/edit")
    wanted = said(form, lambda rest, facts: acts.run(lambda act: routes.faults_of(act, rest, facts)), draft)
    made = acts.change(SentRegistrationOut, lambda act: routes.send_registration(act, wanted))
    return saved(request, f"{HERE}/{made.id}")
