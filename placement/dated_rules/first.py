"""The initial rules of a new store, each with its legal ground, its source and its first day.

The sources are in `docs/domain.md`, sections 1.3, 1.4 and 8. A rule without a source there is marked `assumed`. The
rules are not legal advice: the desk sees the ground, checks it and decides. People change the stored rules later
(`placement/rule_changes/`). A change of this file does not change an existing store.
"""

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import Session, col, select

from placement.core.codes import Gender, Household, ResidenceBasis, Scheme
from placement.core.reason_codes import REASONS
from placement.core.rule_codes import CommunityRights, RuleKind
from placement.dated_rules.values import (
    EntitlementValue,
    ReasonValue,
    SafetyDistanceValue,
    StayLimitValue,
    Value,
)
from placement.tables import DatedRule

BY_THE_SERVICE = "system"

_B = ResidenceBasis
_ANY = tuple(_B)
_REFLECTION = (_B.REFLECTION, _B.REFLECTION_DUBLIN)
_WMO = (_B.VICTIM_PERMIT, _B.WITNESS_PERMIT, _B.DUTCH, _B.EU, _B.OTHER_LAWFUL)
_THIRD_COUNTRY = tuple(basis for basis in _ANY if basis not in {_B.DUTCH, _B.EU, _B.UNKNOWN})
_MINORS, _NO_GUARDIAN, _AGE_UNKNOWN = (Household.MINORS,), (Household.NO_GUARDIAN,), (Household.AGE_UNKNOWN,)
_WITHOUT = CommunityRights.NO
_WOMEN, _MEN = (Gender.FEMALE,), (Gender.MALE,)

_B83 = "Vc 2000, B8/3 (bedenktijd); WBV 2023/11, Stcrt. 2023, 13577"
_B831 = "Vc 2000, B8/3.1 (bedenktijd, ook voor EU-burgers zonder rechten uit het gemeenschapsrecht); Stcrt. 2023, 13577"
_WBV = "Stcrt. 2023, 13577 (WBV 2023/11)"
_WMO_GROUND = "Wet maatschappelijke ondersteuning 2015, artikel 1.2.2"
_NO_GROUND = "Geen wettelijke grond gevonden"
_BW1 = "Burgerlijk Wetboek Boek 1, artikelen 245 en 246: een minderjarige staat onder gezag van ouder of voogd"
_FAQ = "wegwijzermensenhandel.nl, FAQ 1"
_LAW = "wetten.overheid.nl"
_NO_SOURCE = "guide: domain"
_72_HOURS = "hvoquerido.nl (72-uursbedden van het ACM)"
_SINCE_WBV, _SINCE_2015, _SINCE_ROO = date(2023, 5, 18), date(2015, 1, 1), date(2022, 4, 1)

_ENTITLEMENT: tuple[tuple[str, EntitlementValue, str, str, date | None], ...] = (
    ("no_guardian", EntitlementValue(bases=_ANY, schemes=(), households=_NO_GUARDIAN), _BW1, _LAW, None),
    ("minor_third_country", EntitlementValue(bases=_THIRD_COUNTRY, schemes=(Scheme.MINORS,), households=_MINORS), "Beschermde opvang; voogdij door Nidos", _FAQ, None),
    ("minor_dutch_or_eu", EntitlementValue(bases=(_B.DUTCH, _B.EU), schemes=(), households=_MINORS), "Jeugdwet", _FAQ, _SINCE_2015),
    ("minor_basis_unknown", EntitlementValue(bases=(_B.UNKNOWN,), schemes=(Scheme.MINORS, Scheme.CRISIS), households=_MINORS), _NO_GROUND, _NO_SOURCE, None),
    ("age_unknown", EntitlementValue(bases=_ANY, schemes=(Scheme.CRISIS,), households=_AGE_UNKNOWN), _NO_GROUND, _NO_SOURCE, None),
    ("reflection_multiple_problems", EntitlementValue(bases=_REFLECTION, schemes=(Scheme.OMM, Scheme.COSM, Scheme.CRISIS), multiple_problems=True), _B83, _WBV, _SINCE_WBV),
    ("reflection", EntitlementValue(bases=_REFLECTION, schemes=(Scheme.COSM, Scheme.CRISIS)), _B83, _WBV, _SINCE_WBV),
    ("eu_reflection_multiple_problems", EntitlementValue(bases=(_B.EU,), schemes=(Scheme.OMM, Scheme.COSM, Scheme.CRISIS), multiple_problems=True, community_rights=_WITHOUT), _B831, _WBV, _SINCE_WBV),
    ("eu_reflection", EntitlementValue(bases=(_B.EU,), schemes=(Scheme.COSM, Scheme.CRISIS), community_rights=_WITHOUT), _B831, _WBV, _SINCE_WBV),
    ("wmo_multiple_problems_women", EntitlementValue(bases=_WMO, schemes=(Scheme.OMM, Scheme.WOMENS, Scheme.SOCIAL), multiple_problems=True, genders=_WOMEN), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("wmo_multiple_problems_men", EntitlementValue(bases=_WMO, schemes=(Scheme.OMM, Scheme.MENS, Scheme.SOCIAL), multiple_problems=True, genders=_MEN), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("wmo_multiple_problems", EntitlementValue(bases=_WMO, schemes=(Scheme.OMM, Scheme.SOCIAL, Scheme.WOMENS, Scheme.MENS), multiple_problems=True), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("wmo_women", EntitlementValue(bases=_WMO, schemes=(Scheme.WOMENS, Scheme.SOCIAL), genders=_WOMEN), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("wmo_men", EntitlementValue(bases=_WMO, schemes=(Scheme.MENS, Scheme.SOCIAL), genders=_MEN), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("wmo_others", EntitlementValue(bases=_WMO, schemes=(Scheme.SOCIAL, Scheme.WOMENS, Scheme.MENS)), _WMO_GROUND, _FAQ, _SINCE_2015),
    ("none_yet", EntitlementValue(bases=(_B.NONE_YET,), schemes=(Scheme.CRISIS,)), "Vc 2000, B8/3: de politie biedt bedenktijd aan bij de geringste aanwijzing", _NO_SOURCE, None),
    ("ended", EntitlementValue(bases=(_B.ENDED,), schemes=(Scheme.CRISIS,)), _NO_GROUND, _NO_SOURCE, None),
    ("basis_unknown", EntitlementValue(bases=(_B.UNKNOWN,), schemes=(Scheme.CRISIS,)), _NO_GROUND, _NO_SOURCE, None),
    ("asylum", EntitlementValue(bases=(_B.ASYLUM,), schemes=()), "Wet Centraal Orgaan opvang asielzoekers", _LAW, None),
    ("temporary_protection", EntitlementValue(bases=(_B.TEMPORARY_PROTECTION,), schemes=()), "Regeling opvang ontheemden Oekraïne, artikel 2", _LAW, _SINCE_ROO),
)  # fmt: skip
"""The initial rules of entitlement. The first rule that fits the applicant applies."""

_STAY_LIMITS: tuple[tuple[str, StayLimitValue, str, str, date | None], ...] = (
    ("dublin", StayLimitValue(bases=(_B.REFLECTION_DUBLIN,), days=30), _B83, _WBV, _SINCE_WBV),
    ("reflection", StayLimitValue(bases=_REFLECTION, days=90), _B83, _WBV, None),
    ("others", StayLimitValue(bases=tuple(_B), days=90), _NO_GROUND, _NO_SOURCE, None),
    ("crisis", StayLimitValue(bases=tuple(_B), days=3, schemes=(Scheme.CRISIS,)), _NO_GROUND, _72_HOURS, None),
)  # fmt: skip
"""The initial limits of stay. The first rule that fits applies. The reflection period is three months, or 30 days for
Dublin claimants. A stay in a crisis bed is limited to 72 hours.
"""

_SAFETY_DISTANCE = ("default", SafetyDistanceValue(km=50), _NO_GROUND, _NO_SOURCE, None)


def first_rules(at: datetime) -> list[DatedRule]:
    """Returns the rules of a new store, as objects that are not stored yet. These rules have no requester."""
    return list(_rows(at))


def store_first_rules(session: Session, at: datetime) -> None:
    """Stores the initial rules of each kind that has no rule yet. Safe to repeat."""
    known = set(session.exec(select(col(DatedRule.kind)).distinct()))
    session.add_all(row for row in first_rules(at) if row.kind not in known)


def _rows(at: datetime) -> Iterator[DatedRule]:
    for place, rule in enumerate(_ENTITLEMENT):
        yield _row(RuleKind.ENTITLEMENT, place, *rule, at=at)
    for place, limit in enumerate(_STAY_LIMITS):
        yield _row(RuleKind.STAY_LIMIT, place, *limit, at=at)
    yield _row(RuleKind.SAFETY_DISTANCE, 0, *_SAFETY_DISTANCE, at=at)
    for place, reason in enumerate(REASONS):
        value = ReasonValue(
            whose=reason.whose, steps=tuple(sorted(reason.steps)), effect=reason.effect, needs_text=reason.needs_text
        )
        yield _row(RuleKind.REASON, place, reason.code, value, _NO_GROUND, _NO_SOURCE, None, at=at)


def _row(  # noqa: PLR0917 - the columns of the tables above
    kind: RuleKind, place: int, code: str, value: Value, ground: str, source: str, since: date | None, *, at: datetime
) -> DatedRule:
    said: object = value.model_dump(mode="json")
    return DatedRule(
        id=f"first.{kind.value}.{code}",
        kind=kind,
        code=code,
        place=place,
        value=said,
        legal_ground=ground,
        source=source,
        assumed=source == _NO_SOURCE,
        valid_from=since,
        asked_at=at,
        settled_at=at,
        settled_by=BY_THE_SERVICE,
    )
