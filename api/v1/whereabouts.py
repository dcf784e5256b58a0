"""Searches for missing clients: who was informed, the next check, and the end of the search."""

from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code
from api.http.operations import get, post
from api.v1.organisations import TelephonesOut, serialize_telephones
from api.v1.people import People, people_of
from api.v1.registrations import PersonOut, serialize_person
from placement.access.permissions import Permission
from placement.accounts.number_changes import Telephones
from placement.accounts.organisations import telephones_of_units
from placement.areas.lookup import registrant_units
from placement.core.codes import Registrant
from placement.core.consent_codes import Guardian
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.placements.stays import whereabouts
from placement.placements.stays.whereabouts import Whereabouts
from placement.tables import Registration
from placement.tasks.task_views import record_look_at_case

LONGEST_NUMBER = 6


class InformedIn(Input):
    who: Informed = Field(description="Who was informed. The next review is in an hour for a minor, else in a day.")
    text: str | None = Field(None, max_length=2000, description="What was told.")


class FoundIn(Input):
    where: str | None = Field(None, max_length=2000, description="The place, in words; required.")
    wants_place: bool | None = Field(
        None,
        description="Required if the client has no place any more. true: a place is sought for tonight; false: the "
        "case is closed, for a minor after a second person agrees.",
    )


class SearchStopIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `missing`; see /api/v1/vocabulary.")
    text: str | None = Field(None, max_length=2000)


class SearchStopAnswerIn(Input):
    granted: bool


class WhoKnowsOut(Output):
    who: Informed
    at: datetime
    by: str
    text: str | None


class StopAskedOut(Output):
    by: str
    at: datetime
    end: SearchEnd = Field(description="`found` or `closed`.")
    reason: str
    text: str | None


class RegistrantOut(Output):
    """The organisation that registered the client, and its telephone number."""

    kind: Registrant
    unit: str | None = Field(description="The code of the registrant's unit, if known.")
    name: str | None = Field(description="The name of the unit.")
    telephone: str | None = Field(description="The number of the unit (/api/v1/registrant-units), as E.164.")


class SearchOut(Output):
    number: int = Field(description="The number of the search within the registration, from 1.")
    lost: Lost
    since: datetime = Field(description="The time at which the client left, or did not arrive.")
    said_at: datetime
    said_by: str
    persons: list[PersonOut] = Field(description="The missing persons.")
    is_whole: bool = Field(description="true: the whole household is missing.")
    minor: bool = Field(description="true: a minor is missing.")
    place: str | None = Field(description="The place that was left, or at which the client was expected.")
    unit: str | None
    shelter_telephones: TelephonesOut | None = Field(description="The numbers of the shelter of this place.")
    road_telephone: str | None = Field(
        description="The number for the journey, if the client did not arrive; only for a signed-in person."
    )
    informed: list[WhoKnowsOut]
    to_inform: list[list[Informed]] = Field(description="Who must still be informed: one party of each group.")
    look_at: datetime = Field(description="The time of the next review.")
    bed_free: bool = Field(description="true: the client could live on in the bed that was left.")
    day: int | None = Field(description="The day of the stay on which its clock stopped.")
    limit_days: int | None
    stop_asked: StopAskedOut | None = Field(description="A request to end the search for a minor: for a second person.")
    end: SearchEnd | None = Field(description="Null while the search goes on.")
    where: str | None
    ended_at: datetime | None
    ended_by: str | None


class WhereaboutsOut(Output):
    """The searches for the client of a registration, earliest first."""

    registration: str
    status: str
    registrant: RegistrantOut
    guardian: Guardian | None = Field(description="The person who has authority over a minor.")
    items: list[SearchOut]
    people: People


@get(
    "/registrations/{registration_id:str}/whereabouts",
    summary="List the searches for a missing client",
    permission=Permission.WHEREABOUTS_READ,
)
def list_searches(act: Act, registration_id: FromPath[str]) -> WhereaboutsOut:
    """List the searches: since when the client is missing, who was informed, and how the search ended."""
    registration, found = whereabouts.searches_of(act, registration_id)
    return _serialize(act, record_look_at_case(act, registration), found)


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/informed",
    summary="Record who was informed that a client is missing",
    permission=Permission.WHEREABOUTS_RECORD,
)
def record_informed(
    act: Act, registration_id: FromPath[str], search_number: FromPath[str], data: JSONBody[InformedIn]
) -> WhereaboutsOut:
    """Record who was informed that the client is missing. The search continues; its next check is in an hour for a
    minor, otherwise in a day.
    """
    return _changed(act, whereabouts.inform(act, registration_id, _number(search_number), data.who, data.text))


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/look",
    summary="Record that nobody knows yet where a client is",
    permission=Permission.WHEREABOUTS_RECORD,
)
def record_look(act: Act, registration_id: FromPath[str], search_number: FromPath[str]) -> WhereaboutsOut:
    """Record that you have looked for the client without a result. Sets the time of the next check."""
    return _changed(act, whereabouts.look_again(act, registration_id, _number(search_number)))


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/returned",
    summary="Record that a missing client is back",
    permission=Permission.WHEREABOUTS_RECORD,
)
def record_return(act: Act, registration_id: FromPath[str], search_number: FromPath[str]) -> WhereaboutsOut:
    """Record that the client has returned. The client gets the same bed if it is free and still fits; otherwise a place
    is sought for tonight.
    """
    return _changed(act, whereabouts.come_back(act, registration_id, _number(search_number)))


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/found",
    summary="Record where a missing client is",
    permission=Permission.WHEREABOUTS_RECORD,
)
def record_found(
    act: Act, registration_id: FromPath[str], search_number: FromPath[str], data: JSONBody[FoundIn]
) -> WhereaboutsOut:
    """Record that the client was found elsewhere. The search ends; a place is sought, or the case is closed."""
    number = _number(search_number)
    return _changed(act, whereabouts.find(act, registration_id, number, data.where, wants_place=data.wants_place))


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/close",
    summary="End the search for a missing client",
    permission=Permission.WHEREABOUTS_CLOSE,
)
def close_search(
    act: Act, registration_id: FromPath[str], search_number: FromPath[str], data: JSONBody[SearchStopIn]
) -> WhereaboutsOut:
    """End the search, for a coded reason. For a minor, the search continues until a second person grants this."""
    return _changed(act, whereabouts.stop(act, registration_id, _number(search_number), data.reason, data.text))


@post(
    "/registrations/{registration_id:str}/whereabouts/{search_number:str}/close/answer",
    summary="Agree that the search for a minor ends",
    permission=Permission.WHEREABOUTS_ANSWER,
)
def answer_search_close(
    act: Act, registration_id: FromPath[str], search_number: FromPath[str], data: JSONBody[SearchStopAnswerIn]
) -> WhereaboutsOut:
    """Grant or refuse a request to end a search. The person who made the request cannot answer it."""
    return _changed(act, whereabouts.answer_stop(act, registration_id, _number(search_number), granted=data.granted))


def _number(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) < LONGEST_NUMBER):
        raise NotFound
    return int(said)


def _changed(act: Act, registration: Registration) -> WhereaboutsOut:
    return _serialize(act, registration, whereabouts.shown_of(act, registration))


def _serialize(act: Act, registration: Registration, found: list[Whereabouts]) -> WhereaboutsOut:
    searches = [one.search for one in found]
    by = [one.said_by for one in searches] + [one.ended_by for one in searches]
    by += [known.by for one in searches for known in one.informed]
    by += [one.stop_asked.by for one in searches if one.stop_asked is not None]
    numbers = telephones_of_units(act.session, {one.unit for one in found if one.unit is not None})
    return WhereaboutsOut(
        registration=registration.id,
        status=registration.status.value,
        registrant=_registrant(act, registration),
        guardian=registration.legal_guardian,
        items=[_search(act, one, numbers.get(one.unit or "")) for one in found],
        people=people_of(act, by),
    )


def _registrant(act: Act, registration: Registration) -> RegistrantOut:
    code = registration.registrant_unit
    unit = registrant_units(act.session, act.day).get(code) if code else None
    return RegistrantOut(
        kind=registration.registrant,
        unit=code,
        name=unit and unit.value.name,
        telephone=unit and unit.value.telephone,
    )


def _search(act: Act, one: Whereabouts, telephones: Telephones | None) -> SearchOut:
    search = one.search
    day, limit_days = one.clock or (None, None)
    return SearchOut.of(
        search,
        number=one.number,
        persons=[serialize_person(person, act.day) for person in search.persons],
        minor=one.is_minor,
        place=one.place,
        unit=one.unit,
        shelter_telephones=serialize_telephones(telephones) if telephones else None,
        road_telephone=one.road_telephone if act.actor.session_id else None,
        informed=[WhoKnowsOut.of(known) for known in search.informed],
        to_inform=[list(group) for group in one.lacking],
        bed_free=one.is_bed_free,
        day=day,
        limit_days=limit_days,
        stop_asked=None if search.stop_asked is None else StopAskedOut.of(search.stop_asked),
    )
