"""The facts of a registration, each declared once: its type, who may know it, how long it is kept, who uses it.

From this class follow the table, the input and the output of the API, the form and the page, the snapshot for the
engine, what a shelter sees of a hold, erasure, and the register of processing.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlmodel import Field
from sqlmodel.main import SQLModelMetaclass

from placement.core.codes import (
    LanguageLevel,
    Region,
    Registrant,
    ResidenceBasis,
    RoomFeature,
    Specialism,
    Urgency,
)
from placement.core.ids import CODE_PATTERN
from placement.tables.columns import CodeList, RecordList, code_column


class Section(StrEnum):
    """The sections of the registration form, in their order."""

    WHO = "who"
    PERSONS = "persons"
    WHEN = "when"
    LANGUAGES = "languages"
    NEEDS = "needs"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one fact besides its type.

    `what` and `whose` (nobody's, a person's, special personal data: GDPR 9) stand in the register of processing. `kept`
    names a kind of the retention schedule: with `registration_content` the fact is emptied, with `registration_facts`
    it gets its default again. `engine`: it is a key of the problem. `labels`: the codes that its numbers are shown as.
    `hint`: the form explains it.
    """

    what: str
    section: Section
    whose: Literal["no", "person", "special"] = "person"
    kept: Literal["placements", "registration_content", "registration_facts"] = "placements"
    engine: bool = True
    labels: type[Enum] | None = None
    hint: bool = False


class SpokenLanguage(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=CODE_PATTERN)] = Field(
        description="BCP 47, such as ti, ar, nl."
    )
    level: LanguageLevel


class FactsForShelter(BaseModel, metaclass=SQLModelMetaclass):
    """The facts that a shelter needs to answer a hold and give care.

    Not a `SQLModel`, whose constructor is not strict; with its metaclass a table can inherit the fields.
    """

    needs: Annotated[
        list[Specialism], Fact("care that the client needs", Section.NEEDS, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=CodeList(Specialism))
    room_needs: Annotated[
        list[RoomFeature], Fact("what the room must have", Section.NEEDS, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=CodeList(RoomFeature))
    private_room: Annotated[bool, Fact("wishes a room alone", Section.NEEDS)] = False
    high_care: Annotated[bool, Fact("needs much care", Section.NEEDS, "special", "registration_facts")] = False


class Facts(FactsForShelter):
    """All facts of a registration but its persons, dangers, avoidances and keep-apart pairs, which are rows."""

    region: Annotated[Region, Fact("where", Section.WHO, engine=False)] = code_column(Region, index=True)
    registrant: Annotated[Registrant, Fact("by which kind of organisation", Section.WHO, engine=False)] = code_column(
        Registrant
    )
    residence_basis: Annotated[
        ResidenceBasis, Fact("basis of residence: which schemes the law opens", Section.WHO, "special", engine=False)
    ] = code_column(ResidenceBasis)
    alias: Annotated[
        str | None,
        Fact("a name that is not the client's", Section.WHO, kept="registration_content", engine=False, hint=True),
    ] = Field(default=None, max_length=100, description="Never a real name. Stored encrypted.")
    urgency: Annotated[int, Fact("1 to 4", Section.WHEN, labels=Urgency)] = Field(
        default=3, ge=1, le=4, description="1 tonight, 2 within days, 3 this week, 4 can wait."
    )
    needed_by: Annotated[date, Fact("day", Section.WHEN, hint=True)]
    languages: Annotated[
        list[SpokenLanguage], Fact("languages and levels", Section.LANGUAGES, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=RecordList(SpokenLanguage))
    language_required: Annotated[bool, Fact("whether a language must be spoken", Section.LANGUAGES, "no")] = True
    preferred_needs: Annotated[
        list[Specialism], Fact("care that the client wishes", Section.NEEDS, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=CodeList(Specialism))
    accepts_mixed: Annotated[bool, Fact("accepts a mixed house", Section.NEEDS)] = True
    multiple_problems: Annotated[bool, Fact("whether OMM is meant", Section.NEEDS, "special", engine=False)] = False
    near: Annotated[
        Any,
        Fact("a place that the client wishes to be near", Section.SAFETY, kept="registration_content", engine=False),
    ] = None


FACTS: dict[str, Fact] = {
    name: fact for name, field in Facts.model_fields.items() for fact in field.metadata if isinstance(fact, Fact)
}


def default_of(name: str) -> Any:
    """The value of a fact that was not given."""
    return Facts.model_fields[name].get_default(call_default_factory=True)
