"""The search in the frame of every page. Cases are found by reference, handle or facts of the persons; a shelter finds
its own clients. The search also finds shelters, units, rooms, regions, rules, weights, help-desk entries, terms of the
glossary and pages. It finds only what the reader may see.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.case_lists import remember
from api.pages.case_words import brief_words, person
from api.pages.form_results import given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, go, page
from api.pages.navigation import ABOUT_ME, BESIDE_MENU, NAVIGATION, may_go, seen_by
from api.pages.stays import SHOWN as STAYS_OF_A_PAGE
from api.v1.policy import read_policy
from api.v1.registration_input import SearchIn
from api.v1.rules import rules_in_words
from placement.access.permissions import Permission
from placement.areas.lookup import areas
from placement.capacity.reads import unit_names
from placement.core.context import Act
from placement.core.list_orders import StayOrder
from placement.core.rule_codes import RuleKind
from placement.help_desk import entries
from placement.help_desk.search import plain_words
from placement.placements.reads import FoundClient, find_clients
from placement.registrations.case_handles import handle_of
from placement.registrations.case_list import CasePage, called_page
from placement.registrations.case_summary import Brief
from placement.shelters import reads
from placement.text.catalogue import Language, translate, translations
from placement.text.guidance import TERMS

HERE = "/search"
_MOST = 12
"""How many results of each kind the page shows, except cases."""


class Result(NamedTuple):
    """A result. `words`: the text of its link. `text`: further words by which it is found."""

    to: str
    words: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """All results. `cases`: `None` for a reader who sees no cases. `parts_found`: the other results by kind."""

    cases: CasePage | None
    parts_found: dict[str, list[Result]]


def _shelters(act: Act, _: Language) -> Iterable[Result]:
    return (Result(f"/shelters/{shelter}", " · ".join(names)) for shelter, names in reads.names(act))


def _units(act: Act, _: Language) -> Iterable[Result]:
    """Yields the units that the reader sees by name. Yields no unit if the reader can find shelters instead."""
    if not may_go(act.actor, Permission.REGISTER_READ):
        for unit, shelter, name in unit_names(act):
            yield Result(f"/country#{unit}", f"{shelter} · {name}")


def _areas(act: Act, _: Language) -> Iterable[Result]:
    return (
        Result(f"/areas/one?kind=area&code={code}", one.value.name) for code, one in areas(act.session, act.day).items()
    )


def _rules(act: Act, language: Language) -> Iterable[Result]:
    found = rules_in_words(act, act.day, RuleKind, language)
    kinds = {kind.value: translate("RuleKind", kind.value, language) for kind in RuleKind}
    return (Result(f"/rules/{one.id}", one.words, f"{one.ground} {kinds[one.kind]}") for one in found)


def _weights(act: Act, language: Language) -> Iterable[Result]:
    return (Result(f"/settings#weights.{one.name}", one.words) for one in read_policy(act, language).weights)


def _answers(act: Act, language: Language) -> Iterable[Result]:
    for one in entries.answers(act):
        said = one.content.titles
        yield Result(f"/entries/{one.id}", said.get(language) or next(iter(said.values())))


def _terms(_: Act, language: Language) -> Iterable[Result]:
    for term in TERMS:
        means = translate("glossary.means", term, language)
        yield Result("/help/glossary", translate("glossary", term, language), means)


PARTS: dict[str, tuple[Permission, Callable[[Act, Language], Iterable[Result]]]] = {
    "shelter": (Permission.REGISTER_READ, _shelters),
    "unit": (Permission.COUNTRY_READ, _units),
    "area": (Permission.AREAS_READ, _areas),
    "rule": (Permission.RULES_READ, _rules),
    "weight": (Permission.POLICY_READ, _weights),
    "answer": (Permission.ENTRY_READ, _answers),
    "term": (Permission.SESSION_READ, _terms),
}
"""The kinds of results besides cases and pages: the permission that a result's page requires, and a function that
returns all candidates.
"""


@post(HERE, permission=Permission.SESSION_READ)
def search(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Shows everything that matches the typed words, or opens the only result. No URL contains the words."""
    said = form.get("said").strip()
    if not said:
        return go("/")
    wanted = given(SearchIn, {"said": said[:100]}).said
    typed = [*plain_words(wanted)]
    mine = [(kind, one) for kind, one in PARTS.items() if may_go(request.user, one[0])]
    sees_cases = may_go(request.user, Permission.REGISTRATION_SEARCH)
    has_clients = may_go(request.user, Permission.STAY_READ) and not sees_cases

    def found(act: Act) -> Found:
        cases = None
        if sees_cases:
            cases = called_page(act, wanted, fits=lambda brief: _fits(typed, brief_words(brief, acts.language)))
        parts = {kind: _fitting(typed, results(act, acts.language)) for kind, (_, results) in mine}
        if has_clients:
            parts["client"] = _clients(act, wanted, typed, acts.language)
        parts["page"] = _fitting(typed, _pages(request, acts.language))
        return Found(cases, {kind: results for kind, results in parts.items() if results})

    needed = [permission for _, (permission, _) in mine]
    needed += [Permission.REGISTRATION_SEARCH] if sees_cases else [Permission.STAY_READ] if has_clients else []
    view = acts.show("search", found, *needed)
    results = [one for part in view.parts_found.values() for one in part]
    cases = view.cases.items if view.cases else []
    if len(results) + len(cases) == 1:
        return go(f"/registrations/{cases[0].id}" if cases else results[0].to)
    answer: Response[str] = page(request, "search.html", view, said=wanted, most=_MOST)
    if cases:
        remember(request, answer, "", {"found": [row.id for row in cases]})
    return answer


def _clients(act: Act, wanted: str, typed: list[str], language: Language) -> list[Result]:
    """Returns the clients of the reader's shelter, found by handle, reference or the persons of a resident. A result
    shows only facts that the pages of holds and stays show too.
    """

    def words(case: str, brief: Brief | None) -> str:
        persons = " + ".join(person(one, language) for one in brief.persons) if brief else ""
        return f"{handle_of(case)} · {persons}" if persons else handle_of(case)

    def fits(case: str, brief: Brief | None) -> bool:
        return wanted.upper() == case or _fits(typed, words(case, brief))

    return [Result(_where(one), words(one.registration, one.brief)) for one in find_clients(act, fits)]


def _where(one: FoundClient) -> str:
    if one.hold:
        return f"/holds?status=#{one.hold}"
    first = one.number - one.number % STAYS_OF_A_PAGE
    return f"/stays?shelter=&order={StayOrder.LIMIT_FIRST}&from={first}#{one.stay}"


def _pages(request: Page, language: Language) -> Iterable[Result]:
    said = translations(language).gettext
    for entries_of_menu in (BESIDE_MENU, *(group for _, group in NAVIGATION), ABOUT_ME):
        yield from (Result(to, said(words)) for to, words in seen_by(request.user, entries_of_menu))


def _fitting(typed: list[str], results: Iterable[Result]) -> list[Result]:
    return [one for one in results if _fits(typed, f"{one.words} {one.text}")]


def _fits(typed: list[str], text: str) -> bool:
    """Checks whether each typed word is the beginning of a word in the text."""
    words = plain_words(text)
    return bool(typed) and all(any(word.startswith(part) for word in words) for part in typed)
