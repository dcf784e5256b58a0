"""The facts of a registration and of a unit's profile. Each fact is declared here once.

These declarations define the table, the API's input and output, the form, the page and the engine's snapshot. They also
define the shelter's view of a hold, erasure, and the register of processing.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import JSON
from sqlmodel import Field
from sqlmodel.main import SQLModelMetaclass

from placement.core.codes import (
    Gender,
    LanguageLevel,
    Registrant,
    ResidenceBasis,
    RoomFeature,
    Specialism,
    Together,
    Urgency,
)
from placement.core.consent_codes import Consent, Guardian, Restriction, SharingGround, SharingSaidBy, SharingScope
from placement.core.ids import CODE_PATTERN
from placement.core.rule_codes import CommunityRights
from placement.tables.columns import CodeList, RecordList, code_column


class Section(StrEnum):
    """The sections of the registration form, in their order."""

    WHO = "who"
    PERSONS = "persons"
    WHEN = "when"
    LANGUAGES = "languages"
    NEEDS = "needs"
    PLACE = "place"
    SAFETY = "safety"
    SHARING = "sharing"


class ProfileSection(StrEnum):
    """The sections of the form of a profile, in their order."""

    WHOM = "whom"
    LANGUAGES = "languages"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Fact:
    """Metadata of a fact.

    The register of processing shows `what` and `whose`. `whose`: `no` for facts about nobody, `person` for personal
    data, `special` for special personal data (GDPR, article 9). `kept`: the kind in the retention schedule; erasure
    empties facts of `registration_content`, and resets facts of `registration_facts` to their defaults. `engine`: true
    if the engine's problem contains the fact. `labels`: the list of codes with a label for each value of the fact.
    `hint`: true if the form shows an explanation.
    """

    what: str
    section: Section | ProfileSection
    whose: Literal["no", "person", "special"] = "person"
    kept: Literal["placements", "registration_content", "registration_facts", "shelters"] = "placements"
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
    """The facts that a shelter needs in order to answer a hold and give care. This is not a `SQLModel`, whose
    constructor is not strict. The metaclass lets a table inherit the fields.
    """

    needs: Annotated[
        list[Specialism], Fact("care that the client needs", Section.NEEDS, "special", "registration_facts", hint=True)
    ] = Field(default=[], max_length=20, sa_type=CodeList(Specialism))
    room_needs: Annotated[
        list[RoomFeature], Fact("what the room must have", Section.NEEDS, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=CodeList(RoomFeature))
    private_room: Annotated[bool, Fact("wishes a room alone", Section.NEEDS)] = False
    high_care: Annotated[bool, Fact("needs much care", Section.NEEDS, "special", "registration_facts")] = False
    expected_birth: Annotated[
        date | None,
        Fact("when a birth is expected", Section.NEEDS, "special", "registration_facts", engine=False, hint=True),
    ] = None
    pet: Annotated[bool, Fact("brings a pet", Section.NEEDS, engine=False, hint=True)] = False


class Facts(FactsForShelter):
    """All facts of a registration except its persons, danger points, avoidances and links to other registrations."""

    region: Annotated[
        str,
        StringConstraints(min_length=1, pattern=CODE_PATTERN),
        Fact("the care area, whose coordinator sees it", Section.WHO, engine=False),
    ] = Field(
        index=True,
        max_length=40,
        description="The code of a care area (/api/v1/areas); left out, it is that of the municipality and the age.",
    )
    municipality: Annotated[
        str | None,
        Fact("the responsible municipality", Section.WHO, kept="registration_facts", engine=False, hint=True),
    ] = Field(default=None, max_length=40, description="Its code, or its name where only one has it.")
    registrant: Annotated[Registrant, Fact("by which kind of organisation", Section.WHO, engine=False, hint=True)] = (
        code_column(Registrant)
    )
    registrant_unit: Annotated[
        str | None, Fact("the unit that registers, such as a police unit", Section.WHO, engine=False, hint=True)
    ] = Field(default=None, max_length=40, description="The code of a unit (/api/v1/registrant-units), or its name.")
    residence_basis: Annotated[
        ResidenceBasis, Fact("basis of residence: which schemes the law opens", Section.WHO, "special", engine=False)
    ] = code_column(ResidenceBasis)
    community_rights: Annotated[
        CommunityRights | None,
        Fact(
            "of a citizen of the EU: rights under Community law",
            *(Section.WHO, "special"),
            engine=False,
            labels=CommunityRights,
            hint=True,
        ),
    ] = None
    alias: Annotated[
        str | None,
        Fact("a name that is not the client's", Section.WHO, kept="registration_content", engine=False, hint=True),
    ] = Field(default=None, max_length=100, description="Never a real name. Stored encrypted.")
    urgency: Annotated[int, Fact("1 to 4", Section.WHEN, labels=Urgency)] = Field(
        default=3, ge=1, le=4, description="1 tonight, 2 within days, 3 this week, 4 can wait."
    )
    needed_by: Annotated[date, Fact("day", Section.WHEN, hint=True)]
    needed_from: Annotated[date | None, Fact("not before this day", Section.WHEN, engine=False, hint=True)] = None
    languages: Annotated[
        list[SpokenLanguage], Fact("languages and levels", Section.LANGUAGES, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=RecordList(SpokenLanguage))
    language_required: Annotated[bool, Fact("whether a language must be spoken", Section.LANGUAGES, "no")] = True
    preferred_needs: Annotated[
        list[Specialism], Fact("care that the client wishes", Section.NEEDS, "special", "registration_facts")
    ] = Field(default=[], max_length=20, sa_type=CodeList(Specialism))
    accepts_mixed: Annotated[bool, Fact("accepts a mixed house", Section.NEEDS)] = True
    multiple_problems: Annotated[bool, Fact("whether OMM is meant", Section.NEEDS, "special", engine=False)] = False
    legal_guardian: Annotated[
        Guardian | None,
        Fact("who has authority over a minor", Section.NEEDS, engine=False, labels=Guardian, hint=True),
    ] = None
    guardian_consent: Annotated[
        Consent | None, Fact("whether the guardian agrees", Section.NEEDS, engine=False, labels=Consent, hint=True)
    ] = None
    near: Annotated[
        Any,
        Fact("a place that the client wishes to be near", Section.PLACE, kept="registration_content", engine=False),
    ] = None
    together_in: Annotated[
        Together, Fact("how near those who belong together want to be", Section.PLACE, engine=False)
    ] = code_column(Together, default=Together.LOCATION)
    together_required: Annotated[bool, Fact("whether they take a place only together", Section.PLACE, engine=False)] = (
        False
    )
    sharing_ground: Annotated[
        SharingGround | None,
        Fact("on what ground a shelter is told", Section.SHARING, engine=False, labels=SharingGround, hint=True),
    ] = None
    sharing_scope: Annotated[
        SharingScope | None, Fact("for which places it holds", Section.SHARING, engine=False, labels=SharingScope)
    ] = None
    sharing_said_by: Annotated[
        SharingSaidBy | None, Fact("who said so", Section.SHARING, engine=False, labels=SharingSaidBy)
    ] = None
    sharing_until: Annotated[
        date | None, Fact("the last day on which it holds", Section.SHARING, engine=False, hint=True)
    ] = None
    sharing_withdrawn: Annotated[bool, Fact("whether it was withdrawn", Section.SHARING, engine=False, hint=True)] = (
        False
    )
    restriction: Annotated[
        Restriction | None,
        Fact("why the case may only be stored", Section.SHARING, engine=False, labels=Restriction, hint=True),
    ] = None


def _profile(what: str, section: ProfileSection, *, engine: bool = True, hint: bool = False) -> Fact:
    return Fact(what, section, "no", "shelters", engine, hint=hint)


class ProfileFacts(BaseModel, metaclass=SQLModelMetaclass):
    """The clients that a unit admits, and what it offers. The limits for children are declared elsewhere, because they
    are set together.
    """

    admits: Annotated[list[Gender], _profile("genders", ProfileSection.WHOM)] = Field(
        default=[], min_length=1, max_length=3, sa_type=CodeList(Gender)
    )
    min_age: Annotated[int, _profile("from which age", ProfileSection.WHOM)] = Field(default=18, ge=0, le=120)
    max_age: Annotated[int, _profile("to which age", ProfileSection.WHOM)] = Field(default=120, ge=0, le=120)
    languages: Annotated[list[str], _profile("languages of the staff", ProfileSection.LANGUAGES)] = Field(
        default=[], max_length=100, sa_type=JSON, description="What staff speak (BCP 47)."
    )
    interpreter_languages: Annotated[list[str], _profile("languages by interpreter", ProfileSection.LANGUAGES)] = Field(
        default=[], max_length=700, sa_type=JSON, description='"*": every language.'
    )
    specialisms: Annotated[list[Specialism], _profile("what it can do", ProfileSection.OFFER)] = Field(
        default=[], max_length=20, sa_type=CodeList(Specialism)
    )
    high_care_limit: Annotated[
        int | None, _profile("how many with high care", ProfileSection.WHOM, engine=False, hint=True)
    ] = Field(default=None, ge=0, le=100, description="At most so many in all; null: no limit.")


def facts_of(model: type[BaseModel]) -> dict[str, Fact]:
    """Returns the facts that a model declares, by name."""
    fields = model.model_fields.items()
    return {name: fact for name, field in fields for fact in field.metadata if isinstance(fact, Fact)}


FACTS = facts_of(Facts)
PROFILE_FACTS = facts_of(ProfileFacts)
