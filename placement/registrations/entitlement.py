"""Entitlement: which schemes are open to which applicant; rules as data, each with its legal ground and its date.

Applied before matching, so that a registration without access to these schemes is referred, with a message, instead of
waiting for a place that it may not have. The first rule that fits decides. Sources: `docs/domain.md`, sections 1.3 and
1.4. What has no source there is marked `assumed`. Not legal advice: the desk decides, and the ground is shown so that
it can be checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from placement.core.codes import Gender, ResidenceBasis, Scheme, Specialism

ADULT = 18
MULTIPLE_PROBLEM_NEEDS = frozenset({Specialism.PSYCHIATRIC, Specialism.ADDICTION, Specialism.INTELLECTUAL_DISABILITY})
"""OMM is for victims with (L)VB, GGZ, addiction or serious problems in several domains (comensha.nl, OMM, 2019)."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """The facts that the rules use: nothing else of a registration counts here."""

    basis: ResidenceBasis
    genders: frozenset[Gender]
    has_adult: bool
    multiple_problems: bool


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    bases: frozenset[ResidenceBasis]
    schemes: tuple[Scheme, ...]
    ground: str
    since: date | None
    adults: bool = True
    multiple_problems: bool | None = None
    genders: frozenset[Gender] | None = None
    assumed: bool = False

    def fits(self, applicant: Applicant) -> bool:
        return (
            applicant.basis in self.bases
            and applicant.has_adult == self.adults
            and self.multiple_problems in {None, applicant.multiple_problems}
            and (self.genders is None or applicant.genders == self.genders)
        )


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The schemes open to a registration, the most fitting first; empty: the client is referred elsewhere, which the
    words of the rule name (catalogue, context `entitlement`).
    """

    schemes: tuple[Scheme, ...]
    rule: str
    ground: str
    since: date | None
    assumed: bool


_B = ResidenceBasis
_REFLECTION = frozenset({_B.REFLECTION, _B.REFLECTION_DUBLIN})
_WMO = frozenset({_B.VICTIM_PERMIT, _B.WITNESS_PERMIT, _B.DUTCH, _B.EU})
_THIRD_COUNTRY = frozenset(
    {_B.NONE_YET, _B.REFLECTION, _B.REFLECTION_DUBLIN, _B.VICTIM_PERMIT, _B.WITNESS_PERMIT, _B.ENDED}
)
_WOMEN, _MEN = frozenset({Gender.FEMALE}), frozenset({Gender.MALE})

_B83 = "Vc 2000, B8/3 (bedenktijd); WBV 2023/11, Stcrt. 2023, 13577"
_WMO_GROUND = "Wet maatschappelijke ondersteuning 2015"

RULES: tuple[Rule, ...] = (
    Rule(
        "minor_third_country", _THIRD_COUNTRY, (Scheme.MINORS,), "Beschermde opvang; voogdij door Nidos", None,
        adults=False,
    ),
    Rule(
        "minor_dutch_or_eu", frozenset({_B.DUTCH, _B.EU}), (), "Jeugdwet", date(2015, 1, 1),
        adults=False,
    ),
    Rule(
        "reflection_multiple_problems", _REFLECTION, (Scheme.OMM, Scheme.COSM, Scheme.CRISIS), _B83, date(2023, 5, 18),
        multiple_problems=True,
    ),
    Rule(
        "reflection", _REFLECTION, (Scheme.COSM, Scheme.CRISIS), _B83, date(2023, 5, 18),
    ),
    Rule(
        "wmo_multiple_problems_women", _WMO, (Scheme.OMM, Scheme.WOMENS, Scheme.SOCIAL), _WMO_GROUND, date(2015, 1, 1),
        multiple_problems=True, genders=_WOMEN,
    ),
    Rule(
        "wmo_multiple_problems_men", _WMO, (Scheme.OMM, Scheme.MENS, Scheme.SOCIAL), _WMO_GROUND, date(2015, 1, 1),
        multiple_problems=True, genders=_MEN,
    ),
    Rule(
        "wmo_multiple_problems", _WMO, (Scheme.OMM, Scheme.SOCIAL, Scheme.WOMENS, Scheme.MENS), _WMO_GROUND, date(2015, 1, 1),
        multiple_problems=True,
    ),
    Rule(
        "wmo_women", _WMO, (Scheme.WOMENS, Scheme.SOCIAL), _WMO_GROUND, date(2015, 1, 1),
        genders=_WOMEN,
    ),
    Rule(
        "wmo_men", _WMO, (Scheme.MENS, Scheme.SOCIAL), _WMO_GROUND, date(2015, 1, 1),
        genders=_MEN,
    ),
    Rule(
        "wmo_others", _WMO, (Scheme.SOCIAL, Scheme.WOMENS, Scheme.MENS), _WMO_GROUND, date(2015, 1, 1),
    ),
    Rule(
        "none_yet", frozenset({_B.NONE_YET}), (Scheme.CRISIS,), "Vc 2000, B8/3: de politie biedt bedenktijd aan bij de geringste aanwijzing", None,
        assumed=True,
    ),
    Rule(
        "ended", frozenset({_B.ENDED}), (Scheme.CRISIS,), "Geen wettelijke grond gevonden", None,
        assumed=True,
    ),
)  # fmt: skip


def entitlement(applicant: Applicant) -> Entitlement:
    """The rule that decides for this applicant. Every combination has one (a test goes through them all)."""
    rule = next(rule for rule in RULES if rule.fits(applicant))
    return Entitlement(rule.schemes, rule.code, rule.ground, rule.since, rule.assumed)


def applicant(
    basis: ResidenceBasis, persons: Iterable[tuple[Gender, int]], needs: Iterable[str], *, multiple_problems: bool
) -> Applicant:
    """The applicant, from a registration's persons (gender, age in years) and needs. Children that come along do not
    count.
    """
    listed = list(persons)
    adults = [(gender, age) for gender, age in listed if age >= ADULT]
    return Applicant(
        basis=basis,
        genders=frozenset(gender for gender, _ in (adults or listed)),
        has_adult=bool(adults),
        multiple_problems=multiple_problems or not MULTIPLE_PROBLEM_NEEDS.isdisjoint(needs),
    )
