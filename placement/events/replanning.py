"""Automatic new plans after a member lost a place. For example, a shelter refused or did not answer, or a person
changed the case. A new plan decides nothing, because a person must accept its lines.
"""

from contextlib import suppress
from datetime import datetime

from placement.access import doubt_stop
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, VersionPassed
from placement.core.settings import Settings
from placement.events import event_plans
from placement.events.events import event_of, keeps_beds, live_events
from placement.events.members import registrations_of
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from placement.storage.database import Database

EVERY_SECONDS = 5
_ANSWER_SECONDS = 20.0
"""The time limit in seconds for an answer of the engine, including its start (assumed)."""


def plan_again(database: Database, settings: Settings) -> None:
    """Computes each plan again in which members lost a place. Starts an engine only if there is such a plan."""
    events = due(database, settings, clock.now())
    if not events:
        return
    solver = Solver(_ANSWER_SECONDS, EnginePool(1))
    solver.pool.start()
    try:
        for event_id in events:
            plan_one(database, settings, event_id, clock.now(), solver)
    finally:
        solver.stop()


def due(database: Database, settings: Settings, at: datetime) -> list[str]:
    """Returns the events for which beds may be reserved now, and in whose plan a member has lost the place."""
    with database.transaction() as session:
        if doubt_stop.stop_of(session) is not None:
            return []
        act = Act(session, SYSTEM, at, settings)
        found = []
        for event in live_events(act):
            _, plan = event_plans.newest(act, event) if keeps_beds(event, act.day) else (None, None)
            if plan is not None and event_plans.lost_places(act, plan, registrations_of(act, event)):
                found.append(event.id)
        return found


def plan_one(database: Database, settings: Settings, event_id: str, at: datetime, solver: Solver) -> None:
    """Computes the plan of an event again. If another person makes a plan at the same time, that plan is kept. Units
    that a person chose stay fixed, except:

    - the unit of a member who lost the place;
    - every such unit, if no plan is possible with them.
    """
    for with_chosen in (True, False):
        with database.transaction() as session:
            act = Act(session, SYSTEM, at, settings)
            event = event_of(act, event_id)
            _, last = event_plans.newest(act, event)
            lost = event_plans.lost_places(act, last, registrations_of(act, event)) if last else ()
            if last is None or not lost:
                return
            freed = lost if with_chosen else [one.registration for one in last.chosen]
            asked = event_plans.prepare(act, event_id, freed=freed)
        try:
            worked = event_plans.work_out(asked, solver)
        except Conflict:
            if with_chosen:
                continue
            raise
        with suppress(VersionPassed), database.transaction() as session:
            event_plans.record(Act(session, SYSTEM, at, settings), asked, worked)
        return
