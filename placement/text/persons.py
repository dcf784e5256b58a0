"""A person in a few words: *woman 31*, *girl 9*."""

from placement.core.codes import AgeGroup, Gender
from placement.text.catalogue import Language, translate

PERSONS = {
    (Gender.FEMALE, AgeGroup.ADULT): "woman",
    (Gender.FEMALE, AgeGroup.MINOR): "girl",
    (Gender.MALE, AgeGroup.ADULT): "man",
    (Gender.MALE, AgeGroup.MINOR): "boy",
    (Gender.OTHER, AgeGroup.ADULT): "person",
    (Gender.OTHER, AgeGroup.MINOR): "child",
}
"""The catalogue ids of the words for persons (context `person`)."""

AGE_UNKNOWN, BABY = "age_unknown", "baby"


def person_words(gender: Gender, group: AgeGroup, age: int | None, language: Language) -> str:
    """Returns noun and age, such as *woman 31*. If the age is unknown, `group` selects the noun, and *age unknown* is
    added.
    """
    if age == 0:
        return translate("person", BABY, language)
    noun = translate("person", PERSONS[gender, group], language)
    return translate("person", AGE_UNKNOWN, language, noun=noun) if age is None else f"{noun} {age}"
