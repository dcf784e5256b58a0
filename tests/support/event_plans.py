"""The plan of an event in the town: a raid of today, its plan, and the acceptance of lines."""

from dataclasses import dataclass

from matching import degraded, match
from placement.core.event_codes import EventKind
from placement.events import event_plans, events, members, plan_acceptance
from placement.events.events import EventInput
from tests.support.town import DESK, TODAY

RAID = EventInput("Inval haven", EventKind.RAID, TODAY)


@dataclass
class Engine:
    """The solver without a process. `broken`: the engine is away."""

    broken: bool = False

    def match(self, problem):
        return degraded(problem, "the solver did not answer") if self.broken else match(problem)


def raid(town, *cases):
    made = town.do(events.make, RAID).id
    town.do(members.add_cases, made, cases)
    return made


def plan(town, event, kind=None, actor=DESK, engine=None, **facts):
    with town.act(actor) as act:
        asked = event_plans.prepare(act, event, kind, **facts)
    worked = event_plans.work_out(asked, engine or Engine())
    with town.act(actor) as act:
        row = event_plans.record(act, asked, worked)
        return event_plans.newest(act, events.event_of(act, event))[1], row.version


def accept(town, event, version, wanted=None, actor=DESK):
    with town.act(actor) as act:
        stored = plan_acceptance.stored(act, event, version)
    weighed = plan_acceptance.weigh(stored, wanted, Engine())
    with town.act(actor) as act:
        done = plan_acceptance.accept(act, event, version, wanted, weighed)
        return [(one.registration_id, one.status, one.kind.value) for one in done.decisions], [
            (one.registration, one.code) for one in done.changed
        ]
