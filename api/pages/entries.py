"""The prepared answers of the help desk (*entries*): the list, an entry with its versions, its form, and the search."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.declared_pages import form
from api.pages.form_results import form_on, given, gone
from api.pages.forms import Form, SentForm, iso_day
from api.pages.frame import Page, Reply, Wrong, page
from api.v1 import entries as routes
from api.v1.entries import EntriesOut, EntryIn, EntryOnDayOut, EntrySearchIn, EntryVersionOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.help_desk.first_entries import lacking
from placement.text.catalogue import languages

HERE = "/entries"
ONE = f"{HERE}/{{knowledge_id:str}}"
DayAsked = Annotated[str, QueryParameter(max_length=20)]
_OF_VERSION = ("source", "mark", "rule", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class EntriesShown:
    """The entries of a day. `lacks_first`: how many of the entries that come with the service are not loaded yet."""

    entries: EntriesOut
    is_past: bool
    lacks_first: int


@dataclass(frozen=True, slots=True)
class EntryShown:
    entry: EntryOnDayOut
    is_past: bool


def show_all(request: Page, acts: Acts, day: str = "", wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> EntriesShown:
        chosen = iso_day(day)
        is_past = chosen is not None and chosen != act.day
        return EntriesShown(routes.list_entries(act, chosen), is_past, 0 if is_past else lacking(act))

    return page(request, "entries.html", acts.show("entries", found, Permission.ENTRY_READ), wrong)


def show_one(request: Page, acts: Acts, knowledge_id: str, day: str = "", wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> EntryShown:
        chosen = iso_day(day)
        one = routes.read_entry(act, knowledge_id, acts.language, chosen)
        return EntryShown(one, chosen is not None and chosen != act.day)

    return page(request, "entry.html", acts.show("entry", found, Permission.ENTRY_READ), wrong)


def show_form(request: Page, acts: Acts, knowledge_id: str, wrong: Wrong | None = None) -> Response[str]:
    """Shows the form of a new version. If another person has written a version meanwhile, shows it beside the typed
    text; the form then replaces that version.
    """

    def found(act: Act) -> EntryShown:
        return EntryShown(routes.read_entry(act, knowledge_id, acts.language), is_past=False)

    view = acts.show("entry_form", found, Permission.ENTRY_READ)
    typed = wrong.typed if wrong else None
    passed = typed is not None and typed.get("version") != str(view.entry.version)
    filled = typed or _filled(view.entry.newest)
    return page(request, "entry_form.html", view, wrong, filled=filled, passed=passed, tongues=languages())


@get(HERE, permission=Permission.ENTRY_READ)
def show_entries(request: Page, acts: RequestActs, day: DayAsked = "") -> Response[str]:
    """Shows today's entries and the entries that wait for a review, or the entries of a past day."""
    return show_all(request, acts, day)


@get(ONE, permission=Permission.ENTRY_READ)
def show_entry(request: Page, acts: RequestActs, knowledge_id: FromPath[str], day: DayAsked = "") -> Response[str]:
    """Shows an entry as it was shown on the day in the URL, with the rules of that day."""
    return show_one(request, acts, knowledge_id, day)


def show_new(request: Page, acts: Acts, wrong: Wrong | None = None) -> Response[str]:
    acts.show("entry_new", lambda _: None, Permission.ENTRY_READ)
    return page(request, "entry_form.html", None, wrong, passed=False, tongues=languages())


@get(f"{HERE}/new", permission=Permission.ENTRY_WRITE)
def ask(request: Page, acts: RequestActs) -> Response[str]:
    return show_new(request, acts)


@get(f"{ONE}/edit", permission=Permission.ENTRY_WRITE)
def ask_again(request: Page, acts: RequestActs, knowledge_id: FromPath[str]) -> Response[str]:
    return show_form(request, acts, knowledge_id)


@post(f"{HERE}/new", permission=Permission.ENTRY_WRITE)
@form_on(show_new)
def write(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    wanted = _entry_in(form)
    made = acts.change(EntryOnDayOut, lambda act: routes.write_entry(act, wanted, acts.language))
    return gone(request, f"{HERE}/{made.newest.id}")


@post(f"{ONE}/edit", permission=Permission.ENTRY_WRITE)
@form_on(show_form)
def change(acts: RequestActs, form: SentForm, knowledge_id: FromPath[str]) -> str:
    wanted = _entry_in(form)
    acts.write(lambda act: routes.change_entry(act, knowledge_id, acts.version(), wanted, acts.language))
    return f"{HERE}/{knowledge_id}"


review = form(f"{ONE}/review", routes.review_entry, show_one, to=ONE)
end = form(f"{ONE}/end", routes.end_entry, show_one, to=ONE)
load = form(f"{HERE}/first", routes.load_first_entries, show_all, to=HERE)


@post(f"{HERE}/found", permission=Permission.ENTRY_SEARCH)
def find(request: Page, acts: RequestActs, form: SentForm) -> Response[str]:
    """Shows the entries that match the typed words; for the page's script only the list. No URL contains the words."""
    wanted = given(EntrySearchIn, {"said": form.get("said")[:200]})
    found = acts.run(lambda act: routes.search_entries(act, wanted)).items
    template = "entries_found.html" if "hx-request" in request.headers else "entries_search.html"
    return page(request, template, found=found, said=wanted.said)


def _entry_in(form: Form) -> EntryIn:
    facts: dict[str, object] = {
        **form.optional("rule", "valid_from", "valid_until"),
        **form.every("source", "mark"),
        "subjects": form.all("subjects"),
        **{part: dict(form.part(part).some(*languages())) for part in ("titles", "texts")},
    }
    return given(EntryIn, facts)


def _filled(one: EntryVersionOut) -> Form:
    fields = [(name, str(value)) for name in _OF_VERSION if (value := getattr(one, name)) is not None]
    fields += [(f"{part}.{code}", text) for part in ("titles", "texts") for code, text in getattr(one, part).items()]
    return Form([*fields, *(("subjects", str(code)) for code in one.subjects)])
