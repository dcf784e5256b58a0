"""The reasons, recorded by a person, why a waiting client gets no place."""

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input
from api.http.operations import post
from api.v1.registrations import RegistrationOut, serialize_registration
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.need_codes import WaitObstacle
from placement.registrations import obstacles
from placement.text.catalogue import Language


class ObstacleIn(Input):
    obstacle: WaitObstacle | None = Field(description="Null: nothing beside what the engine finds.")


@post(
    "/registrations/{registration_id:str}/obstacle",
    summary="Note what stands in the way of a place",
    permission=Permission.REGISTRATION_CHANGE,
)
def note_obstacle(
    act: Act, registration_id: FromPath[str], data: JSONBody[ObstacleIn], language: Language
) -> RegistrationOut:
    """Record why a waiting client gets no place, if the engine cannot know the reason (such as missing papers). The
    ledger of need counts this obstacle for four weeks, or until the client has a place.
    """
    noted = obstacles.note(act, registration_id, data.obstacle)
    return serialize_registration(act, noted, language)
