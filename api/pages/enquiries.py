"""The help desk: the form of a call, saved while a person types; the calls of a day; callers to ring back; figures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.area_choices import Choices, area_choices
from api.pages.form_results import again, form_on, given, gone, saved
from api.pages.forms import Form, SentForm, iso_day
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.input_values import values_of
from api.pages.sealed_cookies import keep
from api.v1 import enquiries as routes
from api.v1.enquiries import EnquiriesOut, EnquiryCallBackIn, EnquiryFiguresOut, EnquiryIn, EnquiryOut
from api.v1.entries import EntryVersionOut, entries_about
from placement.access.permissions import Permission
from placement.core import clock
from placement.core.codes import Registrant
from placement.core.context import Act
from placement.core.enquiry_codes import REGISTRANTS, Became, EnquiryStatus
from placement.core.errors import PlacementError

HERE = "/enquiries"
ONE = f"{HERE}/{{enquiry_id:str}}"
NEW = f"{HERE}/new"
CARRIED = "enquiry"
"""The name of the encrypted cookie that carries typed values from a call to another form."""
_CARRIED_FOR = 600
"""How long the browser keeps this cookie, in seconds."""
_STATUS = {"second": EnquiryStatus.OPEN, "call_back": EnquiryStatus.CALL_BACK}
"""The state that each of these buttons sets. Every other button ends the enquiry."""
_FORMS = {
    "register": (Became.REGISTRATION, "/registrations/new", Permission.REGISTRATION_CHANGE),
    "count": (Became.COUNT_RECORD, "/counts/new", Permission.COUNT_SEND),
}
"""The buttons that continue a call in another form: kind of result, address and permission of that form."""
DayAsked = Annotated[str, QueryParameter(max_length=20)]


@dataclass(frozen=True, slots=True)
class CallShown:
    """The form of a call. `enquiry`: `None` until it is saved. `about`: help-desk entries on the call's subjects."""

    areas: Choices
    calls: EnquiriesOut
    enquiry: EnquiryOut | None
    about: list[EntryVersionOut]


@dataclass(frozen=True, slots=True)
class DayShown:
    areas: Choices
    calls: EnquiriesOut


@dataclass(frozen=True, slots=True)
class FiguresShown:
    areas: Choices
    figures: EnquiryFiguresOut


@get(HERE, permission=Permission.ENQUIRY_READ)
def show_day(request: Page, acts: RequestActs, day: DayAsked = "") -> Response[str]:
    """Shows the enquiries of a day, and every enquiry that is not done yet, of any day."""

    def found(act: Act) -> DayShown:
        return DayShown(area_choices(act), routes.list_enquiries(act, iso_day(day)))

    return page(request, "enquiries.html", acts.show("enquiries", found))


def show_form(
    request: Page, acts: Acts, enquiry_id: str = "", wrong: Wrong | None = None, form: Form | None = None
) -> Response[str]:
    """Shows the form of an open call, or an enquiry that is done or whose caller must be rung back."""
    named = enquiry_id or (form.get("enquiry") if form else "")

    def found(act: Act) -> CallShown:
        one = routes.read_enquiry(act, named) if named else None
        about = entries_about(act, one.subjects) if one else []
        return CallShown(area_choices(act), routes.list_enquiries(act), one, about)

    view = acts.show("enquiry", found, Permission.ENQUIRY_READ)
    filled = (wrong.typed if wrong else None) or (_filled(view.enquiry) if view.enquiry else None)
    template = "enquiry_form.html" if _is_open(view.enquiry) else "enquiry.html"
    return page(request, template, view, wrong, filled=filled)


@get(NEW, permission=Permission.ENQUIRY_WRITE)
def ask(request: Page, acts: RequestActs) -> Response[str]:
    return show_form(request, acts)


@get(ONE, permission=Permission.ENQUIRY_READ)
def show_enquiry(request: Page, acts: RequestActs, enquiry_id: FromPath[str]) -> Response[str]:
    return show_form(request, acts, enquiry_id)


@post(NEW, permission=Permission.ENQUIRY_WRITE)
@form_on(show_form)
def finish(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Stores the call. The pressed button determines the state of the call and the form that opens next."""
    status = _STATUS.get(form.get("then"), EnquiryStatus.DONE)
    return _carried_on(request, acts, form, NEW, lambda became: _stored(acts, form, status, became))


@post(f"{ONE}/call-back", permission=Permission.ENQUIRY_WRITE)
@form_on(show_form)
def call_back(request: Page, acts: RequestActs, form: SentForm, enquiry_id: FromPath[str]) -> Reply:
    """Ends an enquiry whose caller was rung back. Opens the calls of today, or the form that the button names."""

    def rung(became: Became | None) -> EnquiryOut:
        wanted = given(EnquiryCallBackIn, {**values_of(EnquiryCallBackIn, form), "became": became})
        return acts.change(EnquiryOut, lambda act: routes.record_call_back(act, enquiry_id, acts.version(), wanted))

    return _carried_on(request, acts, form, HERE, rung)


def _carried_on(
    request: Page, acts: Acts, form: Form, usual: str, store: Callable[[Became | None], EnquiryOut]
) -> Reply:
    """Stores a call. Opens the form that the pressed button names, with the typed values; by default opens `usual`."""
    became, to, permission = _FORMS.get(form.get("then"), (None, usual, Permission.ENQUIRY_WRITE))
    acts.under(permission)
    made = store(became)
    if became is None:
        return saved(request, to)
    answer = gone(request, to)
    carried = _carried(made)
    # a note would be too long for a cookie; the enquiry has it
    if not keep(request, answer, CARRIED, carried, _CARRIED_FOR):
        keep(request, answer, CARRIED, {**carried, "note": ""}, _CARRIED_FOR)
    return answer


@post(f"{HERE}/draft", permission=Permission.ENQUIRY_WRITE)
def save_draft(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Stores the call while the user types. Returns help-desk entries on the chosen subjects. Called by the script."""
    try:
        one = _stored(acts, form, EnquiryStatus.OPEN)
    except PlacementError as error:
        return again(request, error, lambda wrong: _saved(request, None, form, [], replace(wrong, status=200)))
    about = acts.run(lambda act: entries_about(act, one.subjects))
    answer = _saved(request, one, form, about)
    if not form.get("enquiry"):
        answer.headers["HX-Replace-Url"] = f"{HERE}/{one.id}"
    return answer


@get(f"{HERE}/figures", permission=Permission.ENQUIRY_FIGURES)
def show_figures(request: Page, acts: RequestActs, day: DayAsked = "") -> Response[str]:
    """Shows the figures of the month of a day, by default of the present month."""

    def found(act: Act) -> FiguresShown:
        return FiguresShown(area_choices(act), routes.read_enquiry_figures(act, iso_day(day)))

    return page(request, "enquiry_figures.html", acts.show("enquiry_figures", found))


def _is_open(one: EnquiryOut | None) -> bool:
    return one is None or one.status is EnquiryStatus.OPEN


def _stored(acts: Acts, form: Form, status: EnquiryStatus, became: Became | None = None) -> EnquiryOut:
    said = {**values_of(EnquiryIn, form), "status": status.value, "became": became and became.value}
    wanted = given(EnquiryIn, said)
    reference = form.get("enquiry")
    if not reference:
        return acts.change(EnquiryOut, lambda act: routes.make_enquiry(act, wanted))
    return acts.change(EnquiryOut, lambda act: routes.change_enquiry(act, reference, acts.version(), wanted))


def _filled(one: EnquiryOut) -> Form:
    values: dict[str, object] = {
        **one.model_dump(include={"asker", "region", "minutes", "telephone", "note"}),
        **{name: "yes" for name in ("urgent", "again") if getattr(one, name)},
    }
    fields = [(name, str(value)) for name, value in values.items() if value is not None]
    fields += [(name, str(code)) for name in ("subjects", "advised") for code in getattr(one, name)]
    return Form(fields)


def _carried(one: EnquiryOut) -> dict[str, object]:
    """Returns the typed values for another form. They do not contain the reference of the enquiry."""
    registrant = REGISTRANTS.get(one.asker, Registrant.OVERIG) if one.asker else Registrant.OVERIG
    codes = one.model_dump(mode="json", include={"asker", "region", "subjects", "urgent", "telephone", "note"})
    return {**codes, "registrant": registrant.value}


def _saved(
    request: Page, one: EnquiryOut | None, form: Form, about: list[EntryVersionOut], wrong: Wrong | None = None
) -> Response[str]:
    return page(
        request, "enquiry_saved.html", None, wrong, enquiry=one, form=form, about=about, now=clock.now(), in_part=True
    )
