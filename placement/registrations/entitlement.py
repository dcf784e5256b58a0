"""Entitlement: which schemes are open to which applicant; rules as data, each with its legal ground and its date.

Applied before matching, so that a registration without access to these schemes is referred, with a message, instead of
waiting for a place that it may not have. The first rule that fits decides. Sources: `docs/domain.md`, sections 1.3 and
1.4. What has no source there is marked `assumed`. Not legal advice: the desk decides, and the ground is shown so that
it can be checked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from placement.core.codes import Gender, Household, ResidenceBasis, Scheme, Specialism

ADULT = 18
MULTIPLE_PROBLEM_NEEDS = frozenset({Specialism.PSYCHIATRIC, Specialism.ADDICTION, Specialism.INTELLECTUAL_DISABILITY})
"""OMM is for victims with (L)VB, GGZ, addiction or serious problems in several domains (comensha.nl, OMM, 2019)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a registration: the gender by which a place is sought, the age in years (where it is not known, what
    it counts as), and whether they are the parent or guardian of the minors.
    """

    gender: Gender
    age: int
    guardian: bool = False
    age_known: bool = True


@dataclass(frozen=True, slots=True)
class Applicant:
    """The facts that the rules use: nothing else of a registration counts here."""

    basis: ResidenceBasis
    genders: frozenset[Gender]
    household: Household
    multiple_problems: bool


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    bases: frozenset[ResidenceBasis]
    schemes: tuple[Scheme, ...]
    ground: str
    since: date | None
    households: frozenset[Household] = frozenset({Household.ADULTS})
    multiple_problems: bool | None = None
    genders: frozenset[Gender] | None = None
    assumed: bool = False

    def fits(self, applicant: Applicant) -> bool:
        return (
            applicant.basis in self.bases
            and applicant.household in self.households
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
_WMO = frozenset({_B.VICTIM_PERMIT, _B.WITNESS_PERMIT, _B.DUTCH, _B.EU, _B.OTHER_LAWFUL})
_ANY = frozenset(ResidenceBasis)
_THIRD_COUNTRY = _ANY - {_B.DUTCH, _B.EU, _B.UNKNOWN}
_MINORS = frozenset({Household.MINORS})
_WOMEN, _MEN = frozenset({Gender.FEMALE}), frozenset({Gender.MALE})

_B83 = "Vc 2000, B8/3 (bedenktijd); WBV 2023/11, Stcrt. 2023, 13577"
_WMO_GROUND = "Wet maatschappelijke ondersteuning 2015, artikel 1.2.2"
_NO_GROUND = "Geen wettelijke grond gevonden"

RULES: tuple[Rule, ...] = (
    Rule(
        "no_guardian", _ANY, (), "Burgerlijk Wetboek Boek 1, artikelen 245 en 246: een minderjarige staat onder gezag van ouder of voogd", None,
        households=frozenset({Household.NO_GUARDIAN}),
    ),
    Rule(
        "minor_third_country", _THIRD_COUNTRY, (Scheme.MINORS,), "Beschermde opvang; voogdij door Nidos", None,
        households=_MINORS,
    ),
    Rule(
        "minor_dutch_or_eu", frozenset({_B.DUTCH, _B.EU}), (), "Jeugdwet", date(2015, 1, 1),
        households=_MINORS,
    ),
    Rule(
        "minor_basis_unknown", frozenset({_B.UNKNOWN}), (Scheme.MINORS, Scheme.CRISIS), _NO_GROUND, None,
        households=_MINORS, assumed=True,
    ),
    Rule(
        "age_unknown", _ANY, (Scheme.CRISIS,), _NO_GROUND, None,
        households=frozenset({Household.AGE_UNKNOWN}), assumed=True,
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
        "ended", frozenset({_B.ENDED}), (Scheme.CRISIS,), _NO_GROUND, None,
        assumed=True,
    ),
    Rule(
        "basis_unknown", frozenset({_B.UNKNOWN}), (Scheme.CRISIS,), _NO_GROUND, None,
        assumed=True,
    ),
    Rule(
        "asylum", frozenset({_B.ASYLUM}), (), "Wet Centraal Orgaan opvang asielzoekers", None,
    ),
    Rule(
        "temporary_protection", frozenset({_B.TEMPORARY_PROTECTION}), (), "Regeling opvang ontheemden Oekraïne, artikel 2", date(2022, 4, 1),
    ),
)  # fmt: skip


def entitlement(applicant: Applicant) -> Entitlement:
    """The rule that decides for this applicant. Every combination has one (a test goes through them all)."""
    rule = next(rule for rule in RULES if rule.fits(applicant))
    return Entitlement(rule.schemes, rule.code, rule.ground, rule.since, rule.assumed)


def applicant(
    basis: ResidenceBasis, members: Iterable[Member], needs: Iterable[str], *, multiple_problems: bool
) -> Applicant:
    """The applicant, from a registration's persons and needs. The gender of children that come along does not count."""
    listed = list(members)
    adults = [member for member in listed if member.age >= ADULT]
    parents = [member for member in listed if member.guardian]
    return Applicant(
        basis=basis,
        genders=frozenset(member.gender for member in (adults or parents or listed)),
        household=household_of(listed),
        multiple_problems=multiple_problems or not MULTIPLE_PROBLEM_NEEDS.isdisjoint(needs),
    )


def household_of(members: Sequence[Member]) -> Household:
    """An adult who is with a minor is not by that their guardian: a sister of 20 is not."""
    adults = [member for member in members if member.age >= ADULT]
    if not adults:
        return Household.MINORS
    if len(adults) < len(members) and not any(adult.guardian for adult in adults):
        return Household.NO_GUARDIAN
    return Household.ADULTS if all(adult.age_known for adult in adults) else Household.AGE_UNKNOWN
