"""Enquiries: calls to the help desk, and their figures by month."""

from datetime import date, datetime
from typing import Annotated

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output, Versioned
from api.http.field_types import Code, Moment
from api.http.operations import get, post, put
from api.http.paging import DayAsked
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.enquiry_codes import Advice, Asker, Became, EnquiryStatus, Subject
from placement.crypto.encrypted_columns import is_readable
from placement.help_desk import enquiries, figures
from placement.help_desk.enquiries import MOST_MINUTES, EnquiryInput
from placement.tables import Enquiry

_Minutes = Annotated[int, Field(ge=0, le=MOST_MINUTES)]


class EnquiryIn(Input):
    """A call to the help desk. An open enquiry may be incomplete. Any other enquiry needs `asker` and a subject."""

    status: EnquiryStatus
    asker: Asker | None = None
    region: Code | None = None
    subjects: list[Subject] = Field([], max_length=len(Subject))
    advised: list[Advice] = Field([], max_length=len(Advice))
    urgent: bool = False
    again: bool = Field(default=False, description="The caller rang about the same before.")
    minutes: _Minutes | None = Field(None, description="Null: those since the call began.")
    due_at: Moment | None = Field(None, description="By when to ring back. Null: within an hour if urgent, or a day.")
    telephone: str = Field("", max_length=40, description="The number to ring back. Erased with the note.")
    note: str = Field("", max_length=2000, description="Erased after 30 days. Never the name of a client.")
    became: Became | None = Field(None, description="What the call is turned into now.")

    def given(self) -> EnquiryInput:
        return EnquiryInput(**self.model_dump())


class EnquiryCallBackIn(Input):
    advised: list[Advice] = Field([], max_length=len(Advice))
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)]
    became: Became | None = Field(None, description="What the call is turned into now.")


class EnquiryRow(Output):
    id: str
    status: EnquiryStatus
    begun_at: datetime
    taken_by: str
    asker: Asker | None
    region: str | None
    subjects: list[Subject]
    advised: list[Advice]
    urgent: bool
    again: bool
    minutes: int | None
    became: list[Became]
    due_at: datetime | None
    called_back_at: datetime | None


class EnquiryOut(Versioned, EnquiryRow):
    telephone: str
    note: str
    note_is_erased: bool
    people: People


class EnquiriesOut(Output):
    day: date
    items: list[EnquiryRow] = Field(description="The enquiries of the day, newest first.")
    unfinished: list[EnquiryRow] = Field(description="Of every day: calls that are open, and callers to ring back.")
    people: People


class ShareOut(Output):
    code: str
    calls: int
    minutes: int


class EnquiryFiguresOut(Output):
    """The figures of a month. An enquiry about two subjects is counted in both."""

    begins_on: date
    ends_on: date
    calls: int
    minutes: int
    urgent: int
    second_calls: int = Field(description="Callers who rang before, or had to be rung back.")
    registrations: int = Field(description="Calls from which a registration form was opened.")
    unfinished: int = Field(description="Calls of the month that are not done; they are in no other figure.")
    askers: list[ShareOut]
    regions: list[ShareOut]
    subjects: list[ShareOut]
    advised: list[ShareOut]


@get("/enquiries", summary="List the enquiries of a day", permission=Permission.ENQUIRY_READ)
def list_enquiries(act: Act, day: DayAsked = None) -> EnquiriesOut:
    """List the enquiries of a day, and all enquiries that are not done. The list contains no notes."""
    day = day or act.day
    items = [_row(one) for one in enquiries.listed(act, day)]
    rest = [_row(one) for one in enquiries.unfinished(act.session)]
    return EnquiriesOut(
        day=day, items=items, unfinished=rest, people=people_of(act, {one.taken_by for one in [*items, *rest]})
    )


@get("/enquiries/{enquiry_id:str}", summary="Read an enquiry", permission=Permission.ENQUIRY_READ)
def read_enquiry(act: Act, enquiry_id: FromPath[str]) -> EnquiryOut:
    """Read an enquiry with its note, if the note is still stored."""
    return _out(act, enquiries.read(act, enquiry_id))


@post("/enquiries", summary="Enter an enquiry", permission=Permission.ENQUIRY_WRITE, status_code=201)
def make_enquiry(act: Act, data: JSONBody[EnquiryIn]) -> EnquiryOut:
    """Enter a call. It can be open, wait for a call back, or be done."""
    return _out(act, enquiries.make(act, data.given()))


@put("/enquiries/{enquiry_id:str}", summary="Change an enquiry", permission=Permission.ENQUIRY_WRITE)
def change_enquiry(act: Act, enquiry_id: FromPath[str], version: int, data: JSONBody[EnquiryIn]) -> EnquiryOut:
    """Replace the facts of an enquiry that is not done."""
    return _out(act, enquiries.change(act, enquiry_id, version, data.given()))


@post(
    "/enquiries/{enquiry_id:str}/call-back",
    summary="Record that the caller was rung",
    permission=Permission.ENQUIRY_WRITE,
)
def record_call_back(
    act: Act, enquiry_id: FromPath[str], version: int, data: JSONBody[EnquiryCallBackIn]
) -> EnquiryOut:
    """Record that the caller was rung back. Adds advice and minutes, and ends the enquiry."""
    return _out(act, enquiries.call_back(act, enquiry_id, version, data.advised, data.minutes, became=data.became))


@get("/enquiry-figures", summary="Read the figures of a month", permission=Permission.ENQUIRY_FIGURES)
def read_enquiry_figures(act: Act, day: DayAsked = None) -> EnquiryFiguresOut:
    """Read the figures of a month: callers, subjects, minutes, and calls that needed a second call."""
    return EnquiryFiguresOut.of(figures.of_month(act, day or act.day))


def _facts(row: Enquiry) -> dict[str, object]:
    return {"begun_at": row.content.at, "taken_by": row.content.by, **row.content.model_dump(exclude={"at", "by"})}


def _row(row: Enquiry) -> EnquiryRow:
    return EnquiryRow.model_validate({"id": row.id, "status": row.status, **_facts(row)})


def _out(act: Act, row: Enquiry) -> EnquiryOut:
    is_kept = enquiries.keeps_note(row, act.at) and is_readable(row.note)
    note = (row.note or {}) if is_kept else {}
    texts = {"telephone": note.get("telephone", ""), "note": note.get("note", ""), "note_is_erased": not is_kept}
    named = {"id": row.id, "status": row.status, "version": row.version, "people": people_of(act, {row.content.by})}
    return EnquiryOut.model_validate({**named, **_facts(row), **texts})
