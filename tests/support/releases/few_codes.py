"""Random count records with few codes, so that a release of a year takes a moment."""

from datetime import date

from placement.counts.facts import CountFacts

CODES = {
    "reporter": ("NP", "KMAR", "OVERIG"),
    "region": ("west", "unknown"),
    "file": ("count_only", "with_shelter"),
    "exploitation": ("sexual", "labour", "begging"),
    "sector": ("none", "sexual_services", "agriculture", "unknown"),
    "gender": ("female", "male", "other"),
    "age": ("0-11", "12-17", "18-23", "24-29", "unknown"),
    "origin": ("NL", "NG", "PL", "GM", "ET", "unknown"),
    "means": ("DebtBondage", "Other"),
    "recruitment": ("AtWork", "Other"),
}
_SHARES = (60, 25, 8, 4, 2, 1)


def records(rng, number, year=2026):
    """Returns random records of a year."""
    return [record(rng, date(year, rng.randint(1, 12), 1)) for _ in range(number)]


def record(rng, month, **facts):
    def one(name):
        codes = CODES[name]
        return rng.choices(codes, _SHARES[: len(codes)])[0]

    drawn = {name: one(name) for name in CODES if name not in {"means", "recruitment"}}
    lists = {name: tuple(code for code in CODES[name] if rng.random() < 0.3) for name in ("means", "recruitment")}
    age = facts.get("age", drawn["age"])
    other = {
        "recruited_in": rng.choice(("NL", drawn["origin"], "unknown")),
        "alone": age == "12-17",
        "ground": "consent",
    }
    return CountFacts(month=month, **(drawn | lists | other | facts))
