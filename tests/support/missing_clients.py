"""Missing clients of the town: how a client is lost, and readings of the search."""

from dataclasses import replace

from placement.core.reason_codes import LEFT_UNKNOWN
from placement.tasks.listing import open_tasks
from placement.tasks.task import TaskKind
from tests.support.town import DESK, OTHER_DESK, F

FRESH = replace(OTHER_DESK, browser="another")


def lost(town, persons=((F, 30),), unit=None, **facts):
    """Makes a client who lived in a shelter, and left it to an unknown destination. Returns the case and its stay."""
    client = town.register(persons, **facts)
    stay = town.house(client, unit)
    town.later(days=3)
    town.end(stay, LEFT_UNKNOWN)
    return client, stay


def tasks(town, actor=DESK):
    return [(one.task.kind, one.task.registration) for one in town.do(open_tasks, actor=actor)]


def searched(town, client):
    return [kind for kind, case in tasks(town) if case == client].count(TaskKind.WHEREABOUTS)


def status(town, client):
    return town.registration(client).status


def find_out(town, verb, client, *said, actor=DESK, number=1, **more):
    return town.do(verb, client, number, *said, actor=actor, **more)
