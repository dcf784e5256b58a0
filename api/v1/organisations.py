"""Organisations, for admins; and the coordination centre's name and telephone numbers, for everybody."""

from litestar import Response
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http import methods
from api.http.context import Input, Output, RequestActs
from api.http.field_types import LEFT_OUT, Code
from api.http.operations import get, post
from api.http.paging import Limit, Offset
from api.v1.telephone_numbers import LONGEST_WRITTEN, NumbersIn, WrittenNumber
from placement.access.permissions import Permission
from placement.accounts import accounts, organisations, reads
from placement.accounts.number_changes import Telephones
from placement.accounts.organisations import LONGEST_NAME
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.core.telephone_codes import TelephoneUse
from placement.tables import Organisation


class TelephonesIn(Input):
    """Telephone numbers by use, in any usual form. A number that is left out is removed."""

    placing: WrittenNumber | None = Field(None, description="The number to call about a place: desk or intake.")
    night: WrittenNumber | None = Field(None, description="The number to call about a place outside office hours.")
    general: WrittenNumber | None = None


class TelephonesOut(Output):
    """Telephone numbers by use, in E.164. Null if there is no number."""

    placing: str | None
    night: str | None
    general: str | None


_SEEN = "The numbers that you saw, as E.164: 409 `telephones_otherwise` where they are others by now."


class OrganisationIn(Input):
    name: str = Field(min_length=1, max_length=100)
    kind: OrganisationKind
    shelter: Code | None = Field(None, description="The shelter of an organisation of the kind shelter.")


class OrganisationPatch(NumbersIn, Input):
    """Changed facts. Fields that are left out stay unchanged."""

    name: str = Field(LEFT_OUT, min_length=1, max_length=LONGEST_NAME)
    telephones: TelephonesIn = LEFT_OUT
    seen_telephones: TelephonesIn = Field(LEFT_OUT, description=_SEEN)
    service_address: str | None = Field(
        None,
        max_length=LONGEST_WRITTEN,
        description="Only for the coordination centre: the address of the service, with https.",
    )


class OrganisationOut(Output):
    id: str
    name: str
    kind: str
    shelter: str | None
    telephones: TelephonesOut
    service_address: str | None


class OrganisationPage(Output):
    items: list[OrganisationOut]
    total: int


class CentreOut(Output):
    """The name, telephone numbers and web address of the coordination centre."""

    name: str | None = Field(description="Null if there is no coordination centre yet.")
    telephones: TelephonesOut
    service_address: str | None


@get("/organisations", summary="List organisations", permission=Permission.ORGANISATION_READ)
def list_organisations(act: Act, limit: Limit = 50, offset: Offset = 0) -> OrganisationPage:
    """List all organisations, by name."""
    rows, total = reads.organisations(act, limit, offset)
    return OrganisationPage(items=[serialize_organisation(row) for row in rows], total=total)


@post("/organisations", summary="Create an organisation", permission=Permission.ORGANISATION_MAKE, status_code=201)
def create_organisation(act: Act, data: JSONBody[OrganisationIn]) -> OrganisationOut:
    """Add an organisation. Its people can then be invited."""
    return serialize_organisation(accounts.make_organisation(act, data.name, data.kind, data.shelter))


@get("/organisations/{organisation_id:str}", summary="Read an organisation", permission=Permission.ORGANISATION_READ)
def read_organisation(act: Act, organisation_id: FromPath[str]) -> OrganisationOut:
    """Read an organisation, with its telephone numbers."""
    return serialize_organisation(organisations.read(act, organisation_id))


@methods.patch(
    "/organisations/{organisation_id:str}",
    summary="Change an organisation",
    permission=Permission.ORGANISATION_CHANGE,
)
def change_organisation(
    acts: RequestActs, organisation_id: FromPath[str], data: JSONBody[OrganisationPatch]
) -> Response[OrganisationOut]:
    """Change an organisation's name or telephone numbers, or the web address of the centre."""
    answer = acts.write(lambda act: change(act, organisation_id, data))
    acts.desk_numbers.forget()
    return answer


def change(act: Act, organisation_id: str, data: OrganisationPatch) -> OrganisationOut:
    changes = data.model_dump(exclude_unset=True)
    if "telephones" in changes:
        changes["telephones"] = by_use(data.telephones)
    if "seen_telephones" in changes:
        changes["seen_telephones"] = by_use(data.seen_telephones)
    seen, sure_of = changes.pop("seen_telephones", None), changes.pop("sure_of", ())
    found = organisations.change(act, organisation_id, changes, seen=seen, sure_of=sure_of)
    return serialize_organisation(found)


@get("/centre", summary="Read the coordination centre", permission=Permission.CENTRE_READ)
def read_centre(act: Act) -> CentreOut:
    """Read the name and telephone numbers of the coordination centre; `placing` is the number of the placement desk."""
    found = organisations.centre(act.session)
    return CentreOut(
        name=found.name if found else None,
        telephones=serialize_telephones(organisations.telephones_of(found)),
        service_address=found.service_address if found else None,
    )


def by_use(said: TelephonesIn) -> dict[TelephoneUse, str | None]:
    return {use: getattr(said, use.value) for use in TelephoneUse}


def serialize_organisation(found: Organisation) -> OrganisationOut:
    telephones = serialize_telephones(organisations.telephones_of(found))
    return OrganisationOut.of(found, telephones=telephones)


def serialize_telephones(found: Telephones) -> TelephonesOut:
    return TelephonesOut(**{use.value: found.get(use) for use in TelephoneUse})
