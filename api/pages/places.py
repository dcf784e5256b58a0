"""A place found by hand: filters over what proposals are made of, for a case or without one."""

import re
from collections.abc import Mapping, Sequence

from litestar import get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, Reply, Wrong, again, page
from placement.access.permissions import Permission
from placement.core.codes import Gender, Region, RoomFeature, Specialism
from placement.core.errors import Fault, Invalid, PlacementError
from placement.core.ids import CODE_PATTERN
from placement.core.place_codes import FreeWhen
from placement.placements.place_search import Filter, Household, PlacesFound, find_places
from placement.text.catalogue import Language
from placement.text.languages import language_name

HERE = "/places"
OLDEST, OLDEST_CHILD, MOST_CHILDREN = 120, 17, 10


@get(HERE, permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Reply:
    """The filters are in the address: of a person the reference alone, as in every other."""
    asked = Form(request.query_params.multi_items())
    try:
        household = _household(asked)
    except PlacementError as error:
        return again(request, error, lambda wrong: _shown(request, acts, asked, Household(), wrong))
    return _shown(request, acts, asked, household)


def _shown(request: Page, acts: Acts, asked: Form, household: Household, wrong: Wrong | None = None) -> Reply:
    case = asked.get("registration")
    case = case if re.fullmatch(CODE_PATTERN, case) else ""
    region = next((one for one in Region if one == asked.get("region")), None)
    narrowed = Filter(region, fresh=asked.has("fresh"))

    needed = (Permission.COUNTRY_READ, *([Permission.REGISTRATION_READ] if case else []))
    found: PlacesFound = acts.show(
        "places", lambda act: find_places(act, household, narrowed, case or None, acts.language), *needed
    )
    return page(
        request, "places.html", wrong=wrong, filled=asked, found=found, household=household, narrowed=narrowed,
        case=found.case, languages=_named(found.spoken, acts.language),
        may_open=Permission.REGISTER_READ.is_of(request.user),
    )  # fmt: skip


def _household(asked: Form) -> Household:
    """An unknown code is no filter. Raises `Invalid`, naming each age that is none."""
    faults: list[Fault] = []
    ages = {name: _ages(asked.get(name), name, limit, faults) for name, limit in _LIMITS.items()}
    if faults:
        raise Invalid(faults)
    return Household(
        gender=next((one for one in Gender if one == asked.get("gender")), None),
        age=next(iter(ages["age"]), None),
        girls=ages["girls"],
        boys=ages["boys"],
        languages=tuple(code for code in asked.all("language")[:5] if re.fullmatch(r"[A-Za-z]{2,3}", code)),
        needs=tuple(one.value for one in Specialism if one in asked.all("needs")),
        room_needs=tuple(one.value for one in RoomFeature if one in asked.all("room_needs")),
        free=next((one for one in FreeWhen if one == asked.get("free")), FreeWhen.TONIGHT),
        empty_room=asked.has("empty_room"),
    )


def _named(codes: Sequence[str], language: Language) -> list[tuple[str, str]]:
    return sorted(((code, language_name(code, language)) for code in codes if code != "*"), key=lambda one: one[1])


_LIMITS: Mapping[str, int] = {"age": OLDEST, "girls": OLDEST_CHILD, "boys": OLDEST_CHILD}


def _ages(written: str, name: str, oldest: int, faults: list[Fault]) -> tuple[int, ...]:
    """`9, 3`: ages in whole years; of the client one."""
    found = re.split(r"[\s,;+]+", written.strip(" ,;+")) if written.strip(" ,;+") else []
    most = 1 if name == "age" else MOST_CHILDREN
    if len(found) > most or not all(re.fullmatch(r"[0-9]{1,3}", one) and int(one) <= oldest for one in found):
        faults.append(Fault(name, "not_in_range", {"ge": 0, "le": oldest}))
        return ()
    return tuple(int(one) for one in found)
