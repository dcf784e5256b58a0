"""The form for a client who already lived in a shelter, or waited, before the service was used. It is the registration
form with place and first day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.area_choices import PlacesOfForm, places_of_form
from api.pages.case_form import facts_of
from api.pages.drafts import registration_form
from api.pages.form_results import again, given, gone
from api.pages.forms import Form, SentForm, number
from api.pages.frame import Page, Reply, Wrong, page_at
from api.v1 import registrations
from api.v1 import takeovers as routes
from api.v1.all_faults import complete
from api.v1.capacity import CapacityOut, read_capacity
from api.v1.country import ShelterOut, country
from api.v1.registration_input import RegistrationPatch
from api.v1.takeovers import TakeoverIn, TakeoverOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Fault, PlacementError

ROOMS = 3
"""How many rows for rooms the form has. Few households have more rooms."""

ShelterAsked = Annotated[str, QueryParameter(max_length=50)]


@dataclass(frozen=True, slots=True)
class Takeover:
    """The content of the form: rooms, if the client lives in a shelter; otherwise shelters."""

    lives_in: CapacityOut | None
    shelters: list[ShelterOut]
    places: PlacesOfForm
    rooms: int = ROOMS


@page_at("/takeovers/new", permission=Permission.TAKE_OVER)
def ask_takeover(
    request: Page, acts: RequestActs, shelter: ShelterAsked = "", wrong: Wrong | None = None
) -> Response[str]:
    def found(act: Act) -> Takeover:
        places = places_of_form(act)
        if shelter:
            return Takeover(read_capacity(act, shelter), [], places)
        return Takeover(None, country(act).shelters, places)

    needed = Permission.CAPACITY_READ if shelter else Permission.COUNTRY_READ
    takeover = acts.show("takeover", found, needed)
    return registration_form(request, takeover.places, None, wrong, takeover=takeover)


@post("/takeovers/new", permission=Permission.TAKE_OVER)
def take_over(request: Page, acts: RequestActs, form: SentForm, shelter: ShelterAsked = "") -> Reply:
    def ask(rest: RegistrationPatch) -> Sequence[Fault]:
        return acts.run(lambda act: registrations.faults_of(act, rest.model_copy(update={"open": True})))

    try:
        facts, where = facts_of(form), _where(form)
        wanted = complete(
            TakeoverIn, facts | where | {"confirm": form.has("confirm")}, ask, routes.where_faults(**where), given
        )
        made = acts.change(TakeoverOut, lambda act: routes.take_over_client(act, wanted, acts.language))
    except PlacementError as error:
        return again(request, error, lambda wrong: ask_takeover(request, acts, shelter, wrong), form)
    return gone(request, f"/registrations/{made.registration.id}")


def _where(form: Form) -> dict[str, object]:
    """Returns place and first day as input for the API. A room is chosen with its unit: `S01-L1-U1 S01-L1-U1-R01`."""
    rows = [(row.get("room", "").partition(" "), row) for row in form.rows("rooms")]
    rooms = [
        {
            "room": room,
            "persons": number(row["persons"]) if row.get("persons") else None,
            "shared": bool(row.get("shared")),
        }
        for (_, _, room), row in rows
    ]
    days = form.optional("came_on", "waits_since")
    return {"unit": next((unit for (unit, _, _), _ in rows if unit), None), "rooms": rooms, **days}
