"""The design of the pages, for developers: colours, sizes and elements, and lists in each state.

Only trial installations show it (`PLACEMENT_PLAIN_HTTP`). The content is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from litestar import Response

from api.http.methods import get
from api.pages.faults import Faults, message_of
from api.pages.forms import Form
from api.pages.frame import Page, page
from api.pages.map import AREAS, AreaTotal
from api.pages.style_sheet import COLOURS, SCHEMES, SIZES, SPACES, Pair, pairs, properties
from api.pages.translation import reader_language
from placement.access.permissions import Permission
from placement.core import clock
from placement.core.codes import AgeGroup, Gender, Role, RoomFeature, Specialism
from placement.core.errors import NotFound
from placement.registrations.case_summary import Brief, BriefPerson
from placement.reports.render.html import picture_of
from placement.tasks.listing import Owned, Owner
from placement.tasks.queue import Queue
from placement.tasks.task import Task, TaskKind

_WOMAN = BriefPerson(Gender.FEMALE, 31, AgeGroup.ADULT)
_USUAL = Brief((_WOMAN, BriefPerson(Gender.FEMALE, 9, AgeGroup.MINOR)), ("ti",), (), expects_birth=False)
_LONG = Brief((_WOMAN,) * 7, ("ti", "am", "en"), (Specialism.ADDICTION, RoomFeature.WHEELCHAIR), expects_birth=True)
_LONG_NAME = "Regenboogvrouwenopvanglocatie 's-Gravenhage-Zuidwest en Krimpenerwaard, begane grond achterzijde"
_CHART = (0, 1, 3, 3, 2, None, 4, 6, 5, 2, 0, 0, 1, 2)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour: its value and its weakest contrast, for each colour scheme."""

    name: str
    values: dict[str, str]
    least: dict[str, Pair | None]


@dataclass(frozen=True, slots=True)
class Design:
    """Example data. `tasks`: a list of tasks in each state. `typed`, `wrong`: the values and the errors of a form."""

    colours: list[Colour]
    pairs: list[tuple[Pair, ...]]
    sizes: list[tuple[str, str]]
    spaces: list[tuple[str, str]]
    tasks: dict[str, list[Owned]]
    queue: Queue
    rooms: dict[str, dict[str, object]]
    areas: list[AreaTotal]
    chart: str
    genders: Mapping[str, str]
    typed: Form
    wrong_fields: Faults


@get("/help/design", permission=Permission.SESSION_READ)
def show(request: Page) -> Response[str]:
    if not request.app.state.settings.plain_http:
        raise NotFound
    wrong = Faults({"reason": message_of("not_listed", {}, reader_language(request))})
    return page(request, "help_design.html", _design(wrong))


def _design(wrong: Faults) -> Design:
    by_scheme = {name: properties(scheme) for name, scheme in SCHEMES.items()}
    found = {name: {(one.front, one.ground): one for one in pairs(said)} for name, said in by_scheme.items()}
    tasks = _tasks()
    briefs = {
        one.task.registration or "": _LONG if state == "overfull" else _USUAL
        for state, rows in tasks.items()
        for one in rows
    }
    usual = by_scheme["light"]
    return Design(
        colours=[
            Colour(
                name,
                {scheme: said[name] for scheme, said in by_scheme.items()},
                {
                    scheme: next((one for one in pairs(said) if name in {one.front, one.ground}), None)
                    for scheme, said in by_scheme.items()
                },
            )
            for name in COLOURS
        ],
        pairs=[tuple(found[scheme][which] for scheme in SCHEMES) for which in found["light"]],
        sizes=[(name, usual[name]) for name in SIZES],
        spaces=[(name, usual[name]) for name in SPACES],
        tasks=tasks,
        queue=_queue(tasks, briefs),
        rooms={state: _room(number, state) for number, state in enumerate(("free", "full", "overfull"))},
        areas=[AreaTotal(area, 3 * number, 40) for number, area in enumerate(AREAS)],
        chart=picture_of(_CHART, 8),
        genders={},
        typed=Form([("text", "14:30"), ("boxes", "b")]),
        wrong_fields=wrong,
    )


def _queue(tasks: Mapping[str, list[Owned]], briefs: Mapping[str, Brief]) -> Queue:
    """Returns a queue with the given tasks."""
    return Queue(
        to_do=tuple(chain.from_iterable(tasks.values())),
        with_others=(),
        arrivals=(),
        waiting=(),
        waits={},
        briefs=briefs,
        unseen=frozenset(),
        found_by_desk=frozenset(),
        proposed={},
        numbers={},
        next_at=None,
    )


def _tasks() -> dict[str, list[Owned]]:
    now = clock.now()
    made = (
        ("usual", TaskKind.URGENT, 1, None),
        ("usual", TaskKind.UNREACHABLE, 2, None),
        ("usual", TaskKind.ADULT, 3, "De Reiger"),
        *[("folded", TaskKind.UNREACHABLE, 3, None)] * 3,
        ("partial", TaskKind.SEARCH_AGAIN, 1, "De Reiger"),
        ("partial", TaskKind.BIRTH, 3, None),
        ("error", TaskKind.URGENT, 1, None),
        ("overfull", TaskKind.SEARCH_AGAIN, 1, _LONG_NAME),
    )
    found: dict[str, list[Owned]] = {}
    for number, (state, kind, urgency, place) in enumerate(made):
        since = now - timedelta(hours=3 * number + 1)
        task = Task(kind, f"R-2222-2222-222{'23456789ABC'[number]}", urgency, since, place=place)
        found.setdefault(state, []).append(Owned(task, Owner(Role.DESK), None))
    return found


def _room(number: int, state: str) -> dict[str, object]:
    free = 0 if state == "full" else 2
    return {
        "room": f"room-{number}",
        "name": _LONG_NAME if state == "overfull" else str(number + 4),
        "unit_name": "De Reiger",
        "beds": 999 if state == "overfull" else 3,
        "free_now": free,
        "taken": 3 - free,
        "kept": 0,
        "withheld": 0,
        "used_by_others": [],
    }
