"""The practice room (invented cases): its state and link; in the room itself, its scenes, clock and messages."""

from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, post
from placement.access.permissions import Permission
from placement.core import version
from placement.core.clock import AMSTERDAM
from placement.core.codes import Channel, Role
from placement.core.context import Act
from placement.core.practice_codes import RoomState, SceneCode, SceneStep
from placement.practice import practising
from placement.practice.clock_moves import LONGEST
from placement.practice.scenes import SCENES


class PracticeOut(Output):
    practice: bool = Field(description="Whether this service is the practice room itself.")
    state: RoomState
    link: str | None = Field(description="The link for a colleague, without an account; null if the room does not run.")
    made_by: str | None = Field(description="The version of the service that made the room.")
    version: str = Field(description="The version of this service.")
    scene: SceneCode | None = Field(description="The scene that is played.")
    scenes: list[SceneCode] = Field(description="The scenes that can begin.")
    at: datetime = Field(description="The time of this service's clock.")
    until: datetime | None = Field(description="The time to which the clock moves now.")


class SceneIn(Input):
    scene: SceneCode


class HoursIn(Input):
    hours: int = Field(ge=1, le=LONGEST.days * 24, description="By how many hours the clock moves forward.")


class StepOut(Output):
    step: SceneStep
    done_at: datetime | None = Field(description="When it was done after the step before; null if it was not.")
    account: str | None = Field(description="Who did it.")
    role: Role | None


class SceneOut(Output):
    scene: SceneCode
    played: bool = Field(description="Whether this scene is played now.")
    begins: str = Field(description="The time of day at which it begins, in Amsterdam.")
    facts: dict[str, str] = Field(description="What its task names: references of cases, names of shelters.")
    steps: list[StepOut] = Field(description="What a good colleague does, in order.")


class KeptMessageOut(Output):
    at: datetime
    channel: Channel
    to: str = Field(description="An address, number or endpoint, to which nothing was sent.")
    title: str
    text: str


class KeptMessagesOut(Output):
    items: list[KeptMessageOut] = Field(description="The newest first.")


@get("/practice", summary="Read the practice room", permission=Permission.PRACTICE_READ)
def read_practice(act: Act) -> PracticeOut:
    """Read whether the practice room runs, and its link, version and scene; also the clock of this service."""
    seen = practising.view(act)
    room = seen.room
    return PracticeOut(
        practice=act.settings.practice,
        state=seen.state,
        link=seen.link,
        made_by=room.version if room else None,
        version=version.shown(),
        scene=room.scene if room else None,
        scenes=list(SCENES),
        at=act.at,
        until=room.until if room else None,
    )


@post("/practice/scene", summary="Begin a scene", permission=Permission.PRACTICE_PLAY)
def begin_scene(act: Act, data: JSONBody[SceneIn]) -> PracticeOut:
    """Begin a scene in an empty practice room. Everybody in the room is signed out, and all its content is deleted."""
    practising.begin_scene(act, data.scene)
    return read_practice(act)


@post("/practice/clock", summary="Move the clock of the practice room", permission=Permission.PRACTICE_PLAY)
def move_clock(act: Act, data: JSONBody[HoursIn]) -> PracticeOut:
    """Move the clock of the practice room forward. Meanwhile the jobs run as in real time."""
    practising.move_clock(act, data.hours)
    return read_practice(act)


@get("/practice/scenes/{scene:str}", summary="Read a scene", permission=Permission.PRACTICE_READ)
def read_scene(act: Act, scene: FromPath[SceneCode]) -> SceneOut:
    """Read the recommended steps of a scene. Completed steps have a time and an account from the audit log."""
    room, steps = practising.steps(act, scene)
    return SceneOut(
        scene=scene,
        played=room is not None,
        begins=f"{SCENES[scene].at:%H:%M}",
        facts=room.facts if room else {},
        steps=[
            StepOut(
                step=one.step,
                done_at=one.event and one.event.at.astimezone(AMSTERDAM),
                account=one.event and one.event.actor,
                role=one.event and one.event.role,
            )
            for one in steps
        ],
    )


@get("/practice/messages", summary="List what would have been sent", permission=Permission.PRACTICE_READ)
def list_kept_messages(act: Act) -> KeptMessagesOut:
    """List the messages of the practice room, on every channel. Nobody receives them."""
    return KeptMessagesOut(items=[KeptMessageOut.of(one) for one in practising.post(act)])
