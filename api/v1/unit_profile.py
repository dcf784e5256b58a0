"""The profile of a unit: what it offers, and whom it admits."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import FromPath, JSONBody
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from api.http import methods
from api.http.context import Acts, Input, Output, RequestActs, Versioned
from api.http.field_types import REQUIRED, Code, Coded, with_default
from api.http.operations import get
from api.http.readers import readable_by
from api.http.work_kinds import Work
from api.v1.register_operations import put
from placement.access.permissions import Permission
from placement.capacity import reads, unit_profile
from placement.core.codes import Gender, Role
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.place_codes import ClientBand, ProfileTrial
from placement.solver import profile_preview
from placement.tables import Unit
from placement.tables.facts import PROFILE_FACTS, ProfileFacts

Shown = TypeVar("Shown")


class ChildLimitsIn(Input):
    """The highest ages of children with an adult, and of children with a minor parent."""

    max_age: int = Field(17, ge=0, le=17)
    boys_max_age: int = Field(17, ge=0, le=17, validate_default=True)

    @field_validator("boys_max_age")
    @classmethod
    def _in_order(cls, boys: int, read: ValidationInfo) -> int:
        if boys > read.data.get("max_age", boys):
            raise Coded("boys_above_children")
        return boys


def _known(code: str) -> str:
    if not unit_profile.is_language(code):
        raise Coded("language_unknown", found=code)
    return code


def _interpreted(code: str) -> str:
    return code if code == unit_profile.ANY_LANGUAGE else _known(code)


Language = Annotated[Code, AfterValidator(_known)]
InterpreterLanguage = Annotated[Code, AfterValidator(_interpreted)]


@with_default(REQUIRED, "admits", "languages", "interpreter_languages", "specialisms")
class ProfileIn(Input, ProfileFacts):
    """A complete profile. Each list replaces the stored list, so all lists are required."""

    children: ChildLimitsIn | None = Field(None, description="null: no children who come along.")
    languages: list[Language] = Field(max_length=100, description="The languages that staff speak (BCP 47).")
    interpreter_languages: list[InterpreterLanguage] = Field(max_length=700, description='"*": every language.')

    @field_validator("max_age")
    @classmethod
    def _in_order(cls, to: int, read: ValidationInfo) -> int:
        if to < read.data.get("min_age", to):
            raise Coded("ages_reversed")
        return to


class ChildLimitsOut(Output):
    max_age: int
    boys_max_age: int


class QuestionOut(Output):
    """A question about the profile. It arises if a refusal suggests that the profile is wrong."""

    reason: str
    asked_at: datetime


@with_default(REQUIRED)
class ProfileOut(Versioned, ProfileFacts, Output):
    unit: str
    name: str
    scheme: str
    admits: list[Gender] = Field(description="Empty: the shelter has not entered it yet, and nobody is placed there.")
    children: ChildLimitsOut | None
    questions: list[QuestionOut]


class ProfileQuestionIn(Input):
    question: ProfileTrial = Field(
        description="The change whose effect you ask about: the unit takes these clients, or takes them no longer."
    )


class PreviewOut(Output):
    clients: ClientBand = Field(description="Waiting clients: few (fewer than 5, or nobody), some (5 to 9) or many.")
    registrations: Annotated[list[str], readable_by(Role.DESK)] = Field(description="The references of these clients.")


class ProfileEffectOut(Output):
    """Waiting clients whom the unit would admit, or no longer admit. Free beds do not matter here."""

    question: ProfileTrial
    opens: PreviewOut
    closes: PreviewOut


@get("/units/{unit_id:str}/profile", summary="Read the profile of a unit", permission=Permission.PROFILE_READ)
def read_profile(act: Act, unit_id: FromPath[str]) -> ProfileOut:
    """Read the profile of a unit, its version, and open questions about it."""
    return _serialize(act, reads.profile(act, unit_id))


@methods.post(
    "/units/{unit_id:str}/profile/effect",
    summary="Ask what another profile would change",
    permission=Permission.PROFILE_TRY,
    work=Work.SLOW,
    told_once=True,
)
def preview_profile(
    acts: RequestActs, unit_id: FromPath[str], data: JSONBody[ProfileQuestionIn]
) -> Response[ProfileEffectOut]:
    """Compute how another profile would change the units that are possible for waiting clients. Nothing is saved. A
    shelter can ask seven times, and then once a day (429). 503 if too many users ask at the same time.
    """
    return with_effect(acts, unit_id, data.question, acts.read)


def with_effect(
    acts: Acts, unit_id: str, question: ProfileTrial, show: Callable[[Callable[[Act], ProfileEffectOut]], Shown]
) -> Shown:
    """Asks the engine about another profile, outside any transaction. Calls `show` with a function that returns the
    engine's answer within a transaction, and returns the result of `show`. Raises `Busy` and `BudgetSpent`.
    """
    acts.run(lambda act: profile_preview.require_question_left(act, unit_id))

    def seen() -> Shown:
        trial = acts.run(lambda act: profile_preview.prepare(act, unit_id, question))
        found = acts.previews.trial(trial)

        def effect(act: Act) -> ProfileEffectOut:
            opens, closes = profile_preview.serialize(act, trial, found)
            return ProfileEffectOut(question=question, opens=PreviewOut.of(opens), closes=PreviewOut.of(closes))

        return show(effect)

    try:
        return seen()
    except Conflict:  # another profile was saved meanwhile, so ask again
        return seen()


@put("/units/{unit_id:str}/profile", summary="Replace the profile of a unit", permission=Permission.PROFILE_CHANGE)
def change_profile(act: Act, unit_id: FromPath[str], version: int, data: JSONBody[ProfileIn]) -> ProfileOut:
    """Replace the profile. `If-Match`: the version that you read. This also answers open questions about it."""
    return _serialize(act, unit_profile.change_profile(act, unit_id, version, _columns(data)))


def _columns(data: ProfileIn) -> dict[str, object]:
    columns = {name: getattr(data, name) for name in PROFILE_FACTS}
    columns["children_max_age"] = data.children.max_age if data.children else None
    columns["boys_max_age"] = data.children.boys_max_age if data.children else None
    return columns


def _serialize(act: Act, unit: Unit) -> ProfileOut:
    children = None
    if unit.children_max_age is not None and unit.boys_max_age is not None:
        children = ChildLimitsOut(max_age=unit.children_max_age, boys_max_age=unit.boys_max_age)
    questions = [QuestionOut.of(question) for question in unit_profile.open_questions(act, unit.id)]
    return ProfileOut.of(unit, unit=unit.id, children=children, questions=questions)
