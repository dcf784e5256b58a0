"""The declared tables of a release, and the true counts that they need.

A key consists of pairs of a dimension and a code, such as `("exploitation", "sexual", "gender", "female")`. The empty
key is the number of all records.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from placement.counts.facts import CountFacts

Key = tuple[str, ...]
Counts = Mapping[Key, int]
Codes = Mapping[str, Collection[str]]
"""The codes of each dimension that were valid in a calendar year. A dimension without codes here has an open list."""

TOTAL: Key = ()
OTHERS = "others"
"""The code for the sum of all codes that a table does not list."""
ROWS = "exploitation"
"""The dimension whose codes are the rows of every table of two dimensions."""
HOME, OTHER_LAND, UNKNOWN = "NL", "elsewhere", "unknown"
MINORS = ("0-11", "12-17")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A fact by which records are counted. `is_several`: true if a record can have several codes, so that the counts of
    the codes do not add up to the number of records. `is_yearly`: true if only releases of a year show it, because
    other publications contain its exact counts for the year. Otherwise a reader could compute the fourth quarter.
    """

    name: str
    codes_of: Callable[[CountFacts], Iterable[str]]
    is_several: bool = False
    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `inner`: the second dimension, by which the rows of a year are divided. `is_total`: true if the codes of
    `inner`, added up over all rows, are also a table of one dimension.
    """

    name: str
    dimension: str
    inner: str | None = None
    is_total: bool = True


def _recruited(facts: CountFacts) -> str:
    if facts.recruited_in == UNKNOWN:
        return UNKNOWN
    if facts.recruited_in == HOME:
        return "netherlands"
    return "origin" if facts.recruited_in == facts.origin else OTHER_LAND


def _minor(facts: CountFacts) -> str:
    if facts.age not in MINORS:
        return "no_minor"
    return "alone" if facts.alone else "with_guardian"


DIMENSIONS: Mapping[str, Dimension] = {
    one.name: one
    for one in (
        Dimension("reporter", lambda facts: (facts.reporter,), is_yearly=True),
        Dimension("region", lambda facts: (facts.region,)),
        Dimension("file", lambda facts: (facts.file,)),
        Dimension("recruited", lambda facts: (_recruited(facts),)),
        Dimension("minor", lambda facts: (_minor(facts),)),
        Dimension("exploitation", lambda facts: (facts.exploitation,)),
        Dimension("sector", lambda facts: (facts.sector,)),
        Dimension("gender", lambda facts: (facts.gender,)),
        Dimension("age", lambda facts: (facts.age,)),
        Dimension("origin", lambda facts: (facts.origin,)),
        Dimension("means", lambda facts: facts.means, is_several=True),
        Dimension("recruitment", lambda facts: facts.recruitment, is_several=True),
    )
}

TABLES = (
    Table("reporters", "reporter"),
    Table("regions", "region"),
    Table("files", "file"),
    Table("recruited", "recruited"),
    Table("minors", "minor"),
    Table("sectors", ROWS, "sector", is_total=False),
    Table("genders", ROWS, "gender"),
    Table("ages", ROWS, "age"),
    Table("origins", ROWS, "origin"),
    Table("means", "means"),
    Table("recruitment", "recruitment"),
)

FLOOR = 10
"""The smallest count that a table lists."""
CLOSED: Codes = {
    "minor": ("alone", "with_guardian", "no_minor"),
    "recruited": ("netherlands", "origin", OTHER_LAND, UNKNOWN),
}
"""The lists of codes that the service computes itself."""

SINGLE = tuple(
    dict.fromkeys(
        name
        for table in TABLES
        for name in (table.dimension, *([table.inner] if table.inner and table.is_total else []))
        if not DIMENSIONS[name].is_several
    )
)
"""The dimensions whose codes add up to the total, in quarters and years."""
INNER = tuple(table.inner for table in TABLES if table.inner)
"""The dimensions by which the rows of a year are divided."""
SEVERAL = tuple(one.name for one in DIMENSIONS.values() if one.is_several)

ALIKE: Sequence[tuple[tuple[Key, ...], tuple[Key, ...]]] = (
    ((("minor", "alone"), ("minor", "with_guardian")), tuple(("age", band) for band in MINORS)),
)
"""Pairs of sums in different dimensions that are equal, because their codes come from the same fact."""


def counted(facts: Iterable[CountFacts]) -> Counter[Key]:
    """Returns the true counts of all keys of a year that are not zero."""
    found: Counter[Key] = Counter()
    for one in facts:
        found.update(_keys_of(one))
    return found


def _keys_of(facts: CountFacts) -> Iterator[Key]:
    yield TOTAL
    for name in (*SINGLE, *SEVERAL):
        for code in DIMENSIONS[name].codes_of(facts):
            yield (name, code)
    for name in INNER:
        for code in DIMENSIONS[name].codes_of(facts):
            yield (ROWS, facts.exploitation, name, code)


def published_elsewhere(counts: Counts) -> dict[Key, int]:
    """Returns the counts of a year that other publications contain exactly (assumed): total, large reporters, women."""
    return {
        key: count
        for key, count in counts.items()
        if key in (TOTAL, ("gender", "female")) or (key[0] == "reporter" and count >= FLOOR)
    }


def codes_in(every: Iterable[Counts], codes: Codes) -> dict[str, list[str]]:
    """Returns the codes of each dimension: the codes of its list, and the codes that were counted. If the list of a
    dimension is open, adds one code that stands for all uncounted codes.
    """
    lists = {**CLOSED, **codes}
    seen: dict[str, set[str]] = {name: set(lists.get(name, ())) for name in DIMENSIONS}
    for counts in every:
        for key in counts:
            if key:
                seen[key[-2]].add(key[-1])
    return {name: sorted(found) + ([] if name in lists else [""]) for name, found in seen.items()}
