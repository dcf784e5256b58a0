"""The search form for places, with or without a case. It searches the same places as a proposal."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages import list_choices
from api.pages.form_results import again
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, go, page
from api.pages.list_choices import ORDER, Chosen, one_of
from api.pages.sealed_cookies import keep, kept
from placement.access.permissions import Permission
from placement.core.codes import Gender, Region, RoomFeature, Specialism
from placement.core.errors import Fault, Invalid, PlacementError
from placement.core.ids import CODE_PATTERN
from placement.core.list_orders import PlaceOrder
from placement.core.place_codes import FreeWhen
from placement.placements.proposals.place_search import Filter, FoundUnit, Household, PlacesFound, find_places
from placement.text.catalogue import Language
from placement.text.labels import label
from placement.text.languages import language_name

HERE = "/places"
MOST_KEPT = 5
"""How many searches the browser stores, so that the user can go back to them."""
LONGEST_VALUE = 40
_FILTERS = frozenset(
    ("gender", "age", "girls", "boys", "language", "free", "region", "needs", "room_needs", "empty_room", "fresh")
)
OLDEST, OLDEST_CHILD, MOST_CHILDREN = 120, 17, 9  # per gender; a household has at most 20 persons


@get(HERE, permission=Permission.COUNTRY_READ)
def show(request: Page, acts: RequestActs) -> Reply:
    """Shows a stored search, by default the last. Its URL has only a random name and the reference of a case."""
    said = list_choices.said(request, HERE, ("asked", "registration"))
    known, case = _searches(request), _case(said.get("registration", ""))
    name = one_of(known, said.get("asked"))
    answer = _shown(request, acts, Form((str(field), str(value)) for field, value in known.get(name, [])), case)
    kept_name = list_choices.said(request, HERE, ()).get("asked", "") if case else name
    chosen = {"asked": kept_name, ORDER: _order(request)}
    list_choices.remember(request, answer, Chosen(HERE, chosen, {ORDER: PlaceOrder.FRESHEST_FIRST.value}))
    return answer


@post(HERE, permission=Permission.COUNTRY_READ)
def find(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Stores a search in the browser, and shows it under its own URL, so that *back* works."""
    case = _case(form.get("registration"))
    try:
        _household(form)
    except PlacementError as error:
        return again(request, error, lambda wrong: _shown(request, acts, form, case, wrong))
    asked = [[name, value[:LONGEST_VALUE]] for name, value in form.fields if name in _FILTERS and value.strip()]
    name = secrets.token_urlsafe(6)
    earlier = [*_searches(request).items()][-MOST_KEPT + 1 :]
    address = form.some("registration") if case else {}
    answer = go(f"{HERE}?{urlencode(address | {'asked': name} | form.some(ORDER))}#fit")
    while not keep(request, answer, "places", dict([*earlier, (name, asked)])) and earlier:
        del earlier[0]
    return answer


def _searches(request: Page) -> dict[str, list[list[str]]]:
    found = kept(request, "places")
    return found if isinstance(found, dict) else {}


def _name(request: Page) -> str:
    return list_choices.said(request, HERE, ("asked", "registration")).get("asked", "")


def _order(request: Page) -> str:
    return one_of(PlaceOrder, list_choices.said(request, HERE, (ORDER,)).get(ORDER)) or PlaceOrder.FRESHEST_FIRST


def _in_order(fit: list[FoundUnit], order: PlaceOrder, language: Language) -> list[FoundUnit]:
    """Sorts units. `fit`: the units, those with a fresh count first."""
    name = order.removeprefix("-")
    by: dict[str, Callable[[FoundUnit], Any]] = {
        "free": lambda one: one.free_now,
        "name": lambda one: (one.name.casefold(), one.shelter.casefold()),
        "region": lambda one: label("Region", one.region, language),
    }
    if name not in by:
        return fit[::-1] if order is PlaceOrder.STALEST_FIRST else fit
    return sorted(fit, key=by[name], reverse=order.startswith("-"))


def _case(written: str) -> str:
    return written if re.fullmatch(CODE_PATTERN, written) else ""


def _shown(request: Page, acts: Acts, asked: Form, case: str, wrong: Wrong | None = None) -> Reply:
    household = Household() if wrong else _household(asked)
    region = next((one for one in Region if one == asked.get("region")), None)
    narrowed = Filter(region, fresh=asked.has("fresh"))

    needed = (Permission.COUNTRY_READ, *([Permission.REGISTRATION_READ] if case else []))
    found: PlacesFound = acts.show(
        "places", lambda act: find_places(act, household, narrowed, case or None, acts.language), *needed
    )
    chosen = Chosen(HERE, ({"registration": case} if case else {}) | {"asked": _name(request), ORDER: _order(request)})
    return page(
        request,
        "places.html",
        wrong=wrong,
        filled=asked,
        found=replace(found, fit=_in_order(found.fit, PlaceOrder(chosen[ORDER]), acts.language)),
        household=household,
        narrowed=narrowed,
        chosen=chosen,
        case=found.case,
        languages=_named(found.spoken, acts.language),
    )


def _household(asked: Form) -> Household:
    """Returns the household that the search describes. Ignores unknown codes. Raises `Invalid` with each wrong age."""
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
    """Parses ages in whole years, such as `9, 3`. The field of the client (`age`) can have only one age."""
    found = re.split(r"[\s,;+]+", written.strip(" ,;+")) if written.strip(" ,;+") else []
    most = 1 if name == "age" else MOST_CHILDREN
    if len(found) > most or not all(re.fullmatch(r"[0-9]{1,3}", one) and int(one) <= oldest for one in found):
        faults.append(Fault(name, "not_in_range", {"ge": 0, "le": oldest}))
        return ()
    return tuple(int(one) for one in found)
