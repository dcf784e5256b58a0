"""The lists of codes with their texts, for forms and for shelters' software."""

from api.http.context import Output
from api.http.operations import get
from placement.access.permissions import Permission
from placement.core import codes
from placement.core.context import Act
from placement.core.reason_codes import Step
from placement.dated_rules.reasons import reasons_of_day
from placement.text.catalogue import Language, translate


class ReasonOut(Output):
    code: str
    whose: str
    steps: list[str]
    words: str
    effect: str | None
    needs_text: bool


class VocabularyOut(Output):
    reasons: list[ReasonOut]
    lists: dict[str, list[str]]


_LISTS = {
    "regions": codes.Region,
    "schemes": codes.Scheme,
    "genders": codes.Gender,
    "age_groups": codes.AgeGroup,
    "language_levels": codes.LanguageLevel,
    "specialisms": codes.Specialism,
    "room_features": codes.RoomFeature,
    "registrants": codes.Registrant,
    "residence_bases": codes.ResidenceBasis,
    "out_of_service": codes.OutOfService,
    "review_outcomes": codes.ReviewOutcome,
}


@get("/vocabulary", summary="Read all codes and their words", permission=Permission.VOCABULARY_READ)
def read_vocabulary(act: Act, language: Language) -> VocabularyOut:
    """Read every valid code with its text. For a reason also its effect, and the steps in which it can be given."""
    lists = {name: [code.value for code in codes] for name, codes in _LISTS.items()}
    return VocabularyOut(reasons=reasons(act, language), lists=lists)


def reasons(act: Act, language: Language, *steps: Step) -> list[ReasonOut]:
    """Returns the reasons that are valid today. `steps`: only reasons for these steps."""
    return [
        ReasonOut.of(reason, steps=sorted(reason.steps), words=translate("reason", reason.code, language))
        for reason in reasons_of_day(act)
        if reason.steps.intersection(steps or Step)
    ]
