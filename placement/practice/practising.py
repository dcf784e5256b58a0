"""Acts of users in a practice room: they begin a scene, move the clock, and see the recommended steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.core.practice_codes import RoomState, SceneCode, SceneStep
from placement.core.setting_files import practice_folder
from placement.outbox import practice_post
from placement.outbox.practice_post import KeptMessage
from placement.practice import clock_moves
from placement.practice.room import Asked, Room, ask, link_of, room_in, state_of
from placement.practice.scenes import EVENTS, SCENES
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import AuditEvent

_MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class RoomView:
    """The practice room, as users of the room and of the real service see it. `link`: the link for a colleague."""

    state: RoomState
    room: Room | None
    link: str | None


@dataclass(frozen=True, slots=True)
class StepDone:
    """A recommended step, and the audit event that shows that a person took it; `None` if nobody took it."""

    step: SceneStep
    event: AuditEvent | None


@needs(Permission.PRACTICE_READ)
def view(act: Act) -> RoomView:
    """Returns the state of the practice room. The real service returns the state of the room that belongs to the
    service.
    """
    audit_log.write(act, Event.PRACTICE_READ)
    folder = act.settings.var if act.settings.practice else practice_folder(act.settings.var)
    state, room = state_of(folder), room_in(folder)
    runs = room is not None and state in {RoomState.RUNS, RoomState.MOVING}
    return RoomView(state, room, link_of(folder, room.address) if room and runs else None)


@needs(Permission.PRACTICE_PLAY)
def begin_scene(act: Act, scene: SceneCode) -> None:
    """Asks the room's keeper process to empty the room and begin a scene. Raises `NotFound` outside practice."""
    _require_practice(act)
    ask(act.settings.var, Asked(scene=scene))
    audit_log.write(act, Event.PRACTICE_ASKED, scene=scene.value)


@needs(Permission.PRACTICE_PLAY)
def move_clock(act: Act, hours: int) -> None:
    """Asks the keeper process to move the clock. Raises `Invalid` for too many hours, `NotFound` outside practice."""
    _require_practice(act)
    until = act.at + timedelta(hours=hours)
    clock_moves.require_ahead(act.at, until)
    ask(act.settings.var, Asked(until=until))
    audit_log.write(act, Event.PRACTICE_ASKED, hours=hours)


@needs(Permission.PRACTICE_READ)
def steps(act: Act, scene: SceneCode) -> tuple[Room | None, Sequence[StepDone]]:
    """Returns the steps of a scene. If this scene is played now, also returns the room, and the audit event of each
    step that was taken. Raises `NotFound` outside practice.
    """
    _require_practice(act)
    audit_log.write(act, Event.PRACTICE_READ, scene=scene.value)
    room = room_in(act.settings.var)
    played = room if room is not None and room.scene is scene else None
    done = _done(act, scene) if played else (StepDone(one, None) for one in SCENES[scene].steps)
    return played, list(done)


@needs(Permission.PRACTICE_READ)
def post(act: Act) -> Sequence[KeptMessage]:
    """Returns the messages that were kept instead of sent, newest first. Raises `NotFound` outside practice."""
    _require_practice(act)
    audit_log.write(act, Event.PRACTICE_READ)
    return practice_post.kept(act.settings.var, _MOST_MESSAGES)


def _require_practice(act: Act) -> None:
    if not act.settings.practice:
        raise NotFound


def _done(act: Act, scene: SceneCode) -> Iterator[StepDone]:
    """Yields each step with its audit event. Ignores events from the preparation of the scene."""
    last = log_index.find(act.session, Wanted(event=Event.PRACTICE_BEGUN.value), limit=1)[0].id or 0
    for step in SCENES[scene].steps:
        found = log_index.find(act.session, Wanted(event=EVENTS[step].value, after=last))
        by_people = [one for one in found if one.role is not None and one.role.is_person]
        first = by_people[-1] if by_people else None  # the list begins with the newest event
        last = first.id or last if first else last
        yield StepDone(step, first)
