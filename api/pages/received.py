"""The desk's pages of registrations that were sent in, and the form that makes a link for a caller."""

from litestar import Response
from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given, gone
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong
from api.pages.input_values import values_of
from api.v1 import received as routes
from api.v1.duplicates import DuplicatesOut, alike_of
from api.v1.received import FormLinkIn, FormLinkOut, ReceivedOut
from api.v1.registrations import RegistrationOut, read_registration
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.text.catalogue import Language

HERE = "/received"
ONE = f"{HERE}/{{sent_id:str}}"


def _case(act: Act, one: ReceivedOut, language: Language) -> RegistrationOut:
    return read_registration(act, one.registration, language)


def _alike(act: Act, one: ReceivedOut) -> DuplicatesOut:
    return alike_of(act, one.registration)


_list = screen(HERE, "received.html", received=routes.list_received, at=lambda act: act.at)


def show_all(request: Page, acts: Acts, wrong: Wrong | None = None, made: FormLinkOut | None = None) -> Response[str]:
    address = request.app.state.settings.address or str(request.base_url).rstrip("/")
    return _list(request, acts, wrong, made=made, address=address)


show = screen(
    ONE,
    "received_one.html",
    under=(Permission.RECEIVED_READ, Permission.REGISTRATION_READ),
    one=routes.read_received,
    case=_case,
    found=_alike,
)
ring = form(f"{ONE}/call", routes.ring_registrant, show)
ask = form(f"{ONE}/questions", routes.ask_registrant, show)
withdraw = form(f"{ONE}/questions/{{question_id:str}}/withdraw", routes.withdraw_question, show, to=ONE)
mark_read = form(f"{ONE}/messages/read", routes.mark_messages_read, show)


@post(f"{ONE}/accept", permission=Permission.RECEIVED_SETTLE)
@form_on(show)
def accept(request: Page, acts: RequestActs, sent_id: FromPath[str]) -> Reply:
    """Accepts a registration, and opens the form in which the desk completes it."""
    accepted = acts.change(ReceivedOut, lambda act: routes.accept_received(act, sent_id))
    return gone(request, f"/registrations/{accepted.registration}/edit")


@post("/form-links", permission=Permission.FORM_LINK_MAKE)
@form_on(show_all)
def make_link(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Makes a link for a caller. The page shows the link and its words once."""
    wanted = given(FormLinkIn, values_of(FormLinkIn, form))
    return show_all(request, acts, made=acts.change(FormLinkOut, lambda act: routes.make_form_link(act, wanted)))
