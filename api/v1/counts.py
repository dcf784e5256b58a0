"""Counts of decisions, holds and stays by day. A file with such counts discloses no case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import FromQuery, QueryParameter
from pydantic import Field

from api.http import methods
from api.http.context import Acts, Output, RequestActs
from api.http.response_formats import FILES, FileForm, FormAsked, listed
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.capacity.place_names import places
from placement.core.codes import HoldStatus
from placement.core.context import Act
from placement.placements import counts
from placement.text.labels import label

Days = Annotated[int, QueryParameter(ge=1, le=400, description="The number of days; the last is today.")]


class DecisionCountOut(Output):
    day: date
    kind: str
    state: str = Field(description="The status that the decisions of this day have now.")
    count: int


class DecisionCountsOut(Output):
    items: list[DecisionCountOut]


class HoldCountOut(Output):
    day: date = Field(description="The day on which the holds were made.")
    unit: str
    place: str = Field(description="The unit and its shelter, by name.")
    state: str = Field(description="The status that these holds have now.")
    count: int


class HoldCountsOut(Output):
    items: list[HoldCountOut]


class StayCountOut(Output):
    day: date
    unit: str
    place: str = Field(description="The unit and its shelter, by name.")
    in_house: int = Field(description="Households in house at the end of the day.")
    came: int
    left: int


class StayCountsOut(Output):
    items: list[StayCountOut]


AnyCounts = TypeVar("AnyCounts", DecisionCountsOut, HoldCountsOut, StayCountsOut)


@methods.get(
    "/decisions/counts",
    summary="Count decisions by kind and day",
    permission=Permission.DECISION_READ,
    work=Work.SLOW,
    also_as=FILES,
)
def count_decisions(
    acts: RequestActs,
    days: Days = 28,
    format: FormAsked = None,
) -> Response[DecisionCountsOut]:
    """Count the decisions that you may see, by day, kind and status. The day is the day on which the decision was made.
    No case is named.
    """

    def found(act: Act) -> DecisionCountsOut:
        rows = counts.decisions(act, days).items()
        return DecisionCountsOut(
            items=[DecisionCountOut(day=day, kind=kind, state=state, count=count) for (day, kind, state), count in rows]
        )

    codes = {"kind": "DecisionKind", "state": "DecisionStatus"}
    return _answer(acts, "decisions", found, DecisionCountOut, codes, format)


@methods.get(
    "/holds/counts",
    summary="Count holds by unit and day",
    permission=Permission.HOLD_READ,
    work=Work.SLOW,
    also_as=FILES,
)
def count_holds(
    acts: RequestActs,
    days: Days = 28,
    status: FromQuery[HoldStatus | None] = None,
    format: FormAsked = None,
) -> Response[HoldCountsOut]:
    """Count the holds that you may see, by day, unit and status. The day is the day on which the hold was made. No case
    is named.
    """

    def found(act: Act) -> HoldCountsOut:
        rows, names = counts.holds(act, days, status).items(), places(act.session)
        items = [
            HoldCountOut(day=day, unit=unit, place=names[unit], state=state, count=count)
            for (day, unit, state), count in rows
        ]
        return HoldCountsOut(items=items)

    return _answer(acts, "holds", found, HoldCountOut, {"state": "HoldStatus"}, format)


@methods.get(
    "/stays/counts",
    summary="Count stays by unit and day",
    permission=Permission.STAY_READ,
    work=Work.SLOW,
    also_as=FILES,
)
def count_stays(
    acts: RequestActs,
    days: Days = 28,
    format: FormAsked = None,
) -> Response[StayCountsOut]:
    """Count the stays that you may see, by day and unit: households in house, arrived and left. No case is named."""

    def found(act: Act) -> StayCountsOut:
        rows, names = counts.stays(act, days).items(), places(act.session)
        items = [StayCountOut.of(one, day=day, unit=unit, place=names[unit]) for (day, unit), one in rows]
        return StayCountsOut(items=items)

    return _answer(acts, "stays", found, StayCountOut, {}, format)


def _answer(  # noqa: PLR0917 - what a list is made of
    acts: Acts,
    name: str,
    found: Callable[[Act], AnyCounts],
    row: type[Output],
    codes: Mapping[str, str],
    form: FileForm | None,
) -> Response[AnyCounts]:
    """Returns the counts as JSON, or as a file with texts instead of codes. `codes`: the list of codes for each column
    that has codes.
    """

    def rows(known: AnyCounts) -> list[dict[str, object]]:
        return [
            {**one.model_dump(), **{name: label(codes[name], getattr(one, name), acts.language) for name in codes}}
            for one in known.items
        ]

    return listed(acts, name, found, rows, *row.model_fields, form=form, worded=True)
