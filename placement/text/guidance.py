"""Help texts for hard rules, terms of the objective, schemes, stay clocks, terms of the field, and each role's daily
work. All are in the catalogue. Their sources are in `docs/domain.md`; *assumed* marks a choice of this project.
"""

from dataclasses import dataclass
from typing import Literal

from matching import HARD_RULES
from placement.core.codes import Role
from placement.text.catalogue import Language, translate
from placement.text.engine_words import say_term
from placement.text.labels import label
from placement.text.rule_names import rule_name

Kind = Literal["rule", "term", "scheme", "clock"]


@dataclass(frozen=True, slots=True)
class Help:
    """The help on a code. The explanation is the text `<kind>.means`. `put_aside_by`: who may waive the rule."""

    kind: Kind
    code: str
    imposed_by: str
    source: str = "assumed"
    put_aside_by: str | None = None

    def name(self, language: Language) -> str:
        match self.kind:
            case "rule":
                return rule_name(self.code, language).capitalize()
            case "term":
                return say_term(self.code, language).capitalize()
            case "scheme":
                return label("Scheme", self.code, language)
            case "clock":
                return translate("clock", self.code, language)


RULES = tuple(Help("rule", rule.code, rule.imposed_by, rule.source, rule.waived_by) for rule in HARD_RULES)

EXPLAINED = (
    Help("term", "serve", "admin"),
    Help("term", "language", "admin"),
    Help("term", "preferred_needs", "admin"),
    Help("term", "scheme", "admin"),
    Help("term", "near", "admin"),
    Help("term", "stale", "admin"),
    Help("term", "scarce", "admin"),
    Help("term", "blocked_beds", "admin"),
    Help("term", "rooms", "admin"),
    Help("scheme", "cosm", "comensha", "cosm"),
    Help("scheme", "omm", "comensha", "omm"),
    Help("scheme", "womens", "municipality", "faq"),
    Help("scheme", "mens", "municipality", "faq"),
    Help("scheme", "social", "municipality", "faq"),
    Help("scheme", "minors", "nidos", "faq"),
    Help("scheme", "crisis", "police", "crisis"),
    Help("clock", "stay", "law_and_service", "stay"),
)
"""The help on codes that are not hard rules."""

TERMS = {
    "criminal_complaint": "WBV 2023/11",
    "registration": "comensha.nl, Registratie",
    "unaccompanied_minor": "wegwijzermensenhandel.nl, FAQ 1",
    "reflection_period": "WBV 2023/11",
    "occupancy": "guide: domain, 7",
    "mediation": "wegwijzermensenhandel.nl, FAQ 1",
    "placement_across_regions": "guide: domain, 7",
    "central_municipality": "wegwijzermensenhandel.nl, FAQ 1",
    "coa": "Wet Centraal Orgaan opvang asielzoekers",
    "contra-indication": "comensha.nl, Blog #13",
    "cosm": "comensha.nl, Coördinatie zorg & opvang",
    "onward_placement": "Kamerstuk 28638-92",
    "bottleneck": "guide: domain, 7",
    "mild_intellectual_disability": "guide: domain, 7",
    "left_to_unknown_destination": "guide: domain, 7",
    "emergency_bed": "comensha.nl, Pilot 24/7 bereikbaarheid",
    "omm": "comensha.nl, OMM, 2019",
    "authority_to_place": "comensha.nl, Coördinatie zorg & opvang",
    "presumed_victim": "comensha.nl, Aanbesteding, 2017",
    "womens": "wegwijzermensenhandel.nl, FAQ 1",
    "care_coordinator": "mensenhandel.nl, Coördinatie",
}
"""Terms of the field with their sources, in the order of their Dutch names."""

JOURNEYS: dict[Role, tuple[str, ...]] = {
    Role.DESK: ("desk.today", "find", "decide", "desk.confirm", "desk.open"),
    Role.COORDINATOR: ("coordinator.register", "find", "decide", "coordinator.wait", "coordinator.address"),
    Role.SHELTER_STAFF: ("shelter_staff.rooms", "shelter_staff.holds", "shelter_staff.arrival", "shelter_staff.stays"),
    Role.READER: ("reader.reports",),
    Role.ANALYST: ("analyst.needs",),
    Role.REGISTRAR: ("registrar.count", "registrar.doubles"),
    Role.ADVISER: ("adviser.calls", "adviser.entries"),
    Role.AUDITOR: ("auditor.log", "auditor.review"),
    Role.REGISTRANT: ("registrant.send", "registrant.messages"),
    Role.ADMIN: ("admin.accounts", "admin.settings", "admin.no_registrations"),
}

_ALL = {(one.kind, one.code): one for one in (*RULES, *EXPLAINED)}


def help_on(kind: Kind, code: str) -> Help:
    """Returns the help on this code. Raises `KeyError` if the code has no help."""
    return _ALL[kind, code]
