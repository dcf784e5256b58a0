"""The basic values of problems and solutions, with their limits: ids, codes, counts, points, degrees and kilometres."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]
LanguageCode = Annotated[str, Meta(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")]
InterpreterCode = Annotated[str, Meta(pattern=r"^(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)\Z")]
Gender = Literal["female", "male", "other"]
Scheme = Literal["cosm", "omm", "womens", "mens", "social", "minors", "crisis"]
Level = Literal["native", "fluent", "basic"]
Freshness = Literal["fresh", "ageing", "stale", "never"]
Where = Literal["unit", "location", "region"]
Age = Annotated[int, Meta(ge=0, le=120)]
Count = Annotated[int, Meta(ge=0)]
Weight = Annotated[int, Meta(ge=0, le=10**9)]
Days = Annotated[int, Meta(ge=0, le=36_500)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Kilometres = Annotated[float, Meta(ge=0)]
Reach = Annotated[float, Meta(gt=0)]  # kilometres


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """Base class of all parts of a problem and a solution. Objects are immutable, and an unknown key is an error."""
