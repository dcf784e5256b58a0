"""Synthetic records for the count register: about 1,000 records a year. No record is of a real person.

The shares follow published figures if docs/domain.md contains them; all other shares are assumed. Each year differs a
little from the year before.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from placement.counts.facts import CountFacts

YEARS = tuple(range(2021, 2026))
_NUMBERS = (791, 814, 868, 944, 1010)
_REPORTERS = {"NP": 31, "ZORGCOORDINATIE": 28, "FAIRWORK": 24, "NLA": 7, "KMAR": 6, "OVERIG": 4}
_REGIONS = {"north": 8, "east": 17, "west": 48, "south": 21, "elsewhere": 2, "unknown": 4}
_FORMS = {
    "sexual": 46,
    "labour": 36,
    "criminal": 12,
    "begging": 0.8,
    "organ_removal": 0.1,
    "forced_marriage": 0.8,
    "illegal_adoption": 0.1,
    "surrogacy": 0.1,
    "unknown": 4.1,
}
_SECTORS = {
    "sexual": {"sexual_services": 97, "unknown": 3},
    "labour": {
        "agriculture": 16,
        "hospitality": 15,
        "construction": 12,
        "households": 9,
        "transport": 9,
        "manufacturing": 8,
        "health_and_care": 6,
        "trade": 5,
        "support_services": 4,
        "other_services": 3,
        "unknown": 13,
    },
    "criminal": {"transport": 5, "trade": 5, "unknown": 90},
}
_ORIGINS = {
    "sexual": {
        "NL": 26,
        "NG": 16,
        "HU": 7,
        "UG": 7,
        "RO": 6,
        "CO": 6,
        "BR": 4,
        "BG": 4,
        "SL": 4,
        "UA": 3,
        "unknown": 2,
    },
    "labour": {"PL": 12, "IN": 9, "PH": 8, "UA": 7, "RO": 6, "MA": 6, "TR": 5, "VN": 5, "CN": 5, "BG": 5, "unknown": 2},
    "other": {"NL": 45, "MA": 6, "RO": 6, "VN": 5, "SR": 4, "SY": 4, "unknown": 6},
}
_TAIL = [
    "GM",
    "ET",
    "ER",
    "GH",
    "CM",
    "GN",
    "CI",
    "CD",
    "SN",
    "KE",
    "TZ",
    "ZA",
    "EG",
    "DZ",
    "TN",
    "IQ",
    "IR",
    "AF",
    "PK",
    "BD",
    "NP",
    "LK",
    "ID",
    "TH",
    "KH",
    "MD",
    "RS",
    "AL",
    "BY",
    "RU",
    "GE",
    "AM",
    "CZ",
    "SK",
    "LV",
    "LT",
    "ES",
    "IT",
    "PT",
    "FR",
    "DE",
    "GB",
    "VE",
    "PE",
    "DO",
    "CU",
    "MX",
    "US",
    "SO",
    "SD",
    "LR",
    "TG",
    "BI",
    "RW",
    "AO",
    "ZM",
]
_AGES = {
    "sexual": {"0-11": 0.3, "12-17": 9, "18-23": 26, "24-29": 25, "30-39": 25, "40-49": 9, "50+": 3, "unknown": 2.7},
    "labour": {"0-11": 0.2, "12-17": 1, "18-23": 11, "24-29": 22, "30-39": 36, "40-49": 20, "50+": 8, "unknown": 1.8},
    "other": {"0-11": 1, "12-17": 24, "18-23": 33, "24-29": 15, "30-39": 14, "40-49": 6, "50+": 2, "unknown": 5},
}
_FEMALE = {"sexual": 88, "labour": 32, "other": 24}
_MEANS = {
    "FalsePromises": 41,
    "PsychologicalAbuse": 38,
    "DebtBondage": 24,
    "PhysicalAbuse": 19,
    "PhysicalThreats": 21,
    "ExcessiveWorkingHours": 18,
    "TakesEarnings": 27,
    "WithholdsDocuments": 12,
    "SexualAbuse": 17,
    "ThreatsLawEnforcement": 7,
    "ThreatensChildrenFamily": 6,
    "RestrictsMedicalCare": 1,
    "PsychoactiveSubstance": 2,
    "Other": 1,
}
_RECRUITMENT = {
    "ThroughFriendsOrSocialEvents": 27,
    "ThroughOnlineSocialNetworks": 22,
    "AtWork": 12,
    "ThroughAnOnlineAdvertisement": 11,
    "ThroughFamilyOrFamilyEvents": 9,
    "AtAPlaceOfBusiness": 4,
    "AtAnEducationalInstitution": 1,
    "Other": 3,
}
CODES = {
    "reporter": list(_REPORTERS),
    "region": list(_REGIONS),
    "exploitation": list(_FORMS),
    "file": ["count_only", "with_shelter", "with_advice"],
    "gender": ["female", "male", "other", "unknown"],
    "age": list(_AGES["other"]),
    "means": list(_MEANS),
    "recruitment": list(_RECRUITMENT),
}
"""The code lists that a reader of the releases knows."""


def year_of_counts(year: int, number: int, seed: int = 1) -> list[CountFacts]:
    """Returns the records of a year. Equal arguments give equal records."""
    draw = np.random.default_rng((seed, year))
    drift = {name: float(draw.uniform(0.8, 1.25)) for name in (*_FORMS, *_REPORTERS)}
    return [_record(draw, year, drift) for _ in range(number)]


def five_years(seed: int = 1) -> dict[int, list[CountFacts]]:
    return {year: year_of_counts(year, number, seed) for year, number in zip(YEARS, _NUMBERS, strict=True)}


def _record(draw: np.random.Generator, year: int, drift: Mapping[str, float]) -> CountFacts:
    form = _one(draw, {code: share * drift[code] for code, share in _FORMS.items()})
    like = form if form in {"sexual", "labour"} else "other"
    origin = str(draw.choice(_TAIL)) if draw.random() < 0.15 else _one(draw, _ORIGINS[like])  # noqa: PLR2004  (a share)
    age = _one(draw, _AGES[like])
    female = draw.random() * 100 < _FEMALE[like]
    return CountFacts(
        month=date(year, int(draw.integers(1, 13)), 1),
        reporter=_one(draw, {code: share * drift[code] for code, share in _REPORTERS.items()}),
        region=_one(draw, _REGIONS),
        exploitation=form,
        sector=_one(draw, _SECTORS[form]) if form in _SECTORS else "none",
        means=tuple(_some(draw, _MEANS)),
        recruitment=tuple(_some(draw, _RECRUITMENT)),
        origin=origin,
        recruited_in=_one(draw, {"NL": 40, origin: 35, "unknown": 20, "DE": 3, "IT": 2}),
        age=age,
        gender=_one(draw, {"female" if female else "male": 98.5, "other": 0.7, "unknown": 0.8}),
        alone=age in {"0-11", "12-17"} and bool(draw.random() < 0.3),  # noqa: PLR2004  (a share)
        file=_one(draw, {"count_only": 74, "with_shelter": 15, "with_advice": 11}),
        ground="legitimate_interest",
    )


def _one(draw: np.random.Generator, shares: Mapping[str, float]) -> str:
    weights = np.array(list(shares.values()), dtype=float)
    return str(draw.choice(list(shares), p=weights / weights.sum()))


def _some(draw: np.random.Generator, percent: Mapping[str, float]) -> Iterator[str]:
    chances: Sequence[float] = draw.random(len(percent)).tolist()
    yield from sorted(
        code for (code, share), chance in zip(percent.items(), chances, strict=True) if chance * 100 < share
    )
