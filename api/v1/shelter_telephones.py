"""A shelter's telephone numbers, their changes, and their check by the desk."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import LEFT_OUT
from api.http.operations import get, post
from api.http.readers import readable_by
from api.v1.organisations import TelephonesIn, by_use
from api.v1.people import People, people_of
from api.v1.register_operations import put
from api.v1.telephone_numbers import NumbersIn
from placement.access.permissions import Permission
from placement.accounts import shelter_telephones
from placement.accounts.number_changes import ShelterNumber
from placement.accounts.shelter_telephones import ShelterTelephones
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.telephone_codes import NumberConfirmed, TelephoneUse
from placement.outbox.recipients import shelter_of_unit


class ShelterTelephonesIn(NumbersIn, Input):
    telephones: TelephonesIn = Field(description="All numbers: a number that is left out is removed.")
    seen_telephones: TelephonesIn = Field(
        LEFT_OUT,
        description="The numbers that you saw, as E.164; 409 `telephones_otherwise` if they have changed.",
    )


class NumberCheckIn(Input):
    use: TelephoneUse = Field(description="The number that was checked.")
    how: NumberConfirmed = Field(description="On the former number, or in person.")


class ShelterNumberOut(Output):
    use: TelephoneUse
    number: str | None = Field(description="As E.164; null: it was removed.")
    changed_at: datetime | None = Field(description="Null: changed before changes were recorded.")
    new_until: datetime | None = Field(
        description="A changed number is new for three days, or until a person of the desk has checked it. No "
        "acceptance is entered from a call on a new number, and nobody calls back on it. Null: not new."
    )
    former: Annotated[str | None, readable_by(Role.DESK)] = Field(
        description="The last number that was not new; a new number is checked on it."
    )


class NumberChangeOut(Output):
    use: TelephoneUse
    number: str | None
    changed_at: datetime
    changed_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    confirmed_how: NumberConfirmed | None


class ShelterTelephonesOut(Output):
    shelter: str
    name: str
    works_by_telephone: bool
    numbers: list[ShelterNumberOut]
    history: Annotated[list[NumberChangeOut], readable_by(Role.DESK)] = Field(description="The changes, newest first.")
    people: Annotated[People, readable_by(Role.DESK)]


@get(
    "/shelters/{shelter_id:str}/telephones",
    summary="Read the telephone numbers of a shelter",
    permission=Permission.SHELTER_TELEPHONE_READ,
)
def read_shelter_telephones(act: Act, shelter_id: FromPath[str]) -> ShelterTelephonesOut:
    """Read a shelter's telephone numbers, and which of them were changed lately."""
    return _serialize(act, shelter_telephones.read(act, shelter_id))


@put(
    "/shelters/{shelter_id:str}/telephones",
    summary="Change the telephone numbers of a shelter",
    permission=Permission.SHELTER_TELEPHONE_CHANGE,
)
def change_shelter_telephones(
    act: Act, shelter_id: FromPath[str], data: JSONBody[ShelterTelephonesIn]
) -> ShelterTelephonesOut:
    """Change a shelter's numbers. First give the second factor again. Desk and shelter accounts are notified."""
    seen = by_use(data.seen_telephones) if "seen_telephones" in data.model_fields_set else None
    wanted = by_use(data.telephones)
    return _serialize(act, shelter_telephones.change(act, shelter_id, wanted, seen=seen, sure_of=data.sure_of))


@post(
    "/shelters/{shelter_id:str}/telephones/check",
    summary="State that a changed number was checked",
    permission=Permission.TELEPHONE_ENTER,
)
def check_shelter_telephone(act: Act, shelter_id: FromPath[str], data: JSONBody[NumberCheckIn]) -> ShelterTelephonesOut:
    """Record that the desk has checked a number with the shelter. The person who changed the number cannot do this."""
    return _serialize(act, shelter_telephones.confirm(act, shelter_id, data.use, data.how))


def of_shelters(act: Act, shelter_ids: Collection[str]) -> dict[str, ShelterTelephonesOut]:
    """Returns the numbers of several shelters for a page, without their history."""
    return {shelter: _serialize(act, one) for shelter, one in shelter_telephones.read_all(act, shelter_ids).items()}


def of_unit(act: Act, unit_id: str) -> ShelterTelephonesOut:
    """Returns the telephone numbers of a unit's shelter, for a page about a hold or a stay."""
    return read_shelter_telephones(act, shelter_of_unit(act.session, unit_id))


def _serialize(act: Act, found: ShelterTelephones) -> ShelterTelephonesOut:
    is_desk = Permission.TELEPHONE_ENTER.is_of(act.actor)
    history = [NumberChangeOut.of(row) for row in found.history] if is_desk else []
    return ShelterTelephonesOut(
        shelter=found.shelter.id,
        name=found.shelter.name,
        works_by_telephone=found.shelter.works_by_telephone,
        numbers=[_number(one, with_former=is_desk) for one in found.numbers],
        history=history,
        people=people_of(act, who) if (who := {one for row in history for one in _persons_of(row)}) else {},
    )


def _persons_of(row: NumberChangeOut) -> set[str]:
    return {row.changed_by, row.confirmed_by or row.changed_by}


def _number(one: ShelterNumber, *, with_former: bool) -> ShelterNumberOut:
    return ShelterNumberOut(
        use=one.use,
        number=one.number,
        changed_at=one.change.changed_at if one.change else None,
        new_until=one.new_until,
        former=one.change.former if one.change and with_former and one.new_until else None,
    )
