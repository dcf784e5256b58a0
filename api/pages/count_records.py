"""The pages of the count register: a month, the short form, a record with its history, and lists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get, post
from api.http.work_kinds import Work
from api.pages.count_form import CountChoices, count_choices, filled_by, words_of
from api.pages.declared_pages import form
from api.pages.enquiries import CARRIED
from api.pages.exchange import Upload, upload_of
from api.pages.form_results import form_on
from api.pages.forms import SentForm, day_in, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.sealed_cookies import keep, kept
from api.pages.translation import reader_language
from api.v1 import count_records as routes
from api.v1.count_records import CountDoublesOut, CountHistoryOut, CountRecordsOut
from api.v1.count_sheets import CountSheetOut, take_in_sheet
from placement.access.permissions import Permission
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.count_codes import CountFile, CountList
from placement.core.errors import Invalid
from placement.core.periods import PeriodKind, period_of
from placement.exchange.grid import LONGEST_FILE

HERE = "/counts"
ONE = f"{HERE}/{{reference:str}}"
DOUBLES_SHOWN = 20
"""How many doubles the page shows. The number beside them counts all."""
FACTS = {name: name for name in CountList if name is not CountList.COUNTRY} | {
    "origin": CountList.COUNTRY,
    "recruited_in": CountList.COUNTRY,
}
"""The facts with codes from a dated list, each with its list."""


@dataclass(frozen=True, slots=True)
class Register:
    records: CountRecordsOut
    doubles: CountDoublesOut | None
    """Records that seem to be about the same person; `None` for a reader who sees no references."""


@dataclass(frozen=True, slots=True)
class Entry:
    choices_of: CountChoices


@dataclass(frozen=True, slots=True)
class OneRecord:
    choices_of: CountChoices
    history: CountHistoryOut


@get(HERE, permission=Permission.COUNTS_READ)
def show_register(
    request: Page,
    acts: RequestActs,
    month: Annotated[str, QueryParameter(max_length=10)] = "",
    day: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[str]:
    """Shows the records of a month, as they are now or were on a past day. A registrar also sees doubles."""

    def found(act: Act) -> Register:
        records = routes.list_count_records(act, month, day_in(day) if day else "")
        is_keeper = Permission.COUNT_READ.is_of(act.actor)
        return Register(records, routes.doubles_of(act, DOUBLES_SHOWN) if is_keeper else None)

    view = acts.show("counts", found, Permission.COUNTS_READ)
    around = period_of(PeriodKind.MONTH, view.records.month)
    has_next = around.next.begins_on <= day_of(acts.moment)
    return page(request, "counts.html", view, period=around, has_next=has_next, told_code=_words(request))


@page_at(f"{HERE}/new", permission=Permission.COUNT_SEND)
def ask_new(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    """Shows the form of a record. If it was opened from a call to the help desk, it contains the values of the call."""
    view = acts.show("count_new", lambda act: Entry(count_choices(act, acts.language)), Permission.COUNT_CODES_READ)
    call = kept(request, CARRIED)
    known = {"reporter": call["registrant"], "file": CountFile.WITH_ADVICE} if call else {}
    answer = page(request, "count_new.html", view, wrong, call=call, known=known)
    keep(request, answer, CARRIED, None)
    return answer


send_new = form(f"{HERE}/new", routes.send_count_record, ask_new, to=f"{HERE}/new")


@page_at(f"{HERE}/list", permission=Permission.COUNTS_IMPORT)
def ask_list(request: Page, wrong: Wrong | None = None, *, told: CountSheetOut | None = None) -> Response[str]:
    return page(request, "count_list.html", None, wrong, told=told, most=LONGEST_FILE // 1_000_000)


@post(
    f"{HERE}/list",
    permission=Permission.COUNTS_IMPORT,
    work=Work.SLOW,
    request_max_body_size=LONGEST_FILE + 1_000_000,
    dependencies={"upload": Provide(upload_of)},
)
@form_on(ask_list)
def import_list(request: Page, acts: RequestActs, form: SentForm, upload: NamedDependency[Upload]) -> Reply:
    """Imports a list, and shows how many records were stored, and each kind of fault."""
    if not upload.name:
        raise Invalid.at("file", "file_missing")
    year = number(form.get("year")) if form.get("year") else None
    if isinstance(year, str):
        raise Invalid.at("year", "count_month_wrong", found=year)
    right = form.has("only_right")
    told = acts.change(
        CountSheetOut,
        lambda act: take_in_sheet(act, upload.content, upload.name, acts.language, year=year, only_right=right),
    )
    return ask_list(request, told=told)


@page_at(ONE, permission=Permission.COUNT_READ)
def show_one(request: Page, acts: RequestActs, reference: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    """Shows a record with all its versions, and the forms that correct, merge or withdraw it."""

    def found(act: Act) -> OneRecord:
        return OneRecord(count_choices(act, acts.language), routes.read_count_record(act, reference))

    view = acts.show("count_record", found, Permission.COUNT_READ)
    return page(
        request, "count_record.html", view, wrong, filled=filled_by(view.history.items[0]), told_code=_words(request)
    )


correct = form(ONE, routes.change_count_record, show_one, to=ONE)
merge = form(f"{ONE}/merge", routes.merge_count_record, show_one, to=ONE)
withdraw = form(f"{ONE}/withdrawal", routes.withdraw_count_record, show_one, to=ONE)
tell_apart = form(f"{ONE}/difference", routes.tell_count_record_apart, show_one, to=ONE)


def _words(request: Page) -> Callable[[str, str], str]:
    """Returns the function that gives the text of a code."""
    language = reader_language(request)
    return lambda fact, code: words_of(FACTS[fact], code, language) if fact in FACTS else code
