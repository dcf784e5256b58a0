"""A case in one line: gender by age, languages by their names, needs by their words, in each language."""

import pytest

from api.pages.case_words import brief_words, person
from api.v1.registrations import PersonOut
from placement.core.codes import AgeGroup, Gender, RoomFeature, Specialism
from placement.registrations.case_summary import Brief, BriefPerson

F, M, OTHER = Gender.FEMALE, Gender.MALE, Gender.OTHER
ADULT, MINOR = AgeGroup.ADULT, AgeGroup.MINOR


def brief(*persons, languages=(), needs=(), expects_birth=False):
    return Brief(tuple(BriefPerson(*one) for one in persons), languages, needs, expects_birth)


@pytest.mark.parametrize(
    ("one", "english", "dutch"),
    [
        ((F, 31, ADULT), "woman 31", "vrouw 31"),
        ((F, 9, MINOR), "girl 9", "meisje 9"),
        ((M, 18, ADULT), "man 18", "man 18"),
        ((M, 17, MINOR), "boy 17", "jongen 17"),
        ((OTHER, 40, ADULT), "person 40", "persoon 40"),
        ((OTHER, 3, MINOR), "child 3", "kind 3"),
        ((M, 0, MINOR), "baby", "baby"),
        ((F, None, MINOR), "girl, age not known", "meisje, leeftijd onbekend"),
    ],
)
def test_person_is_named_by_gender_and_age(one, english, dutch):
    assert (person(BriefPerson(*one), "en"), person(BriefPerson(*one), "nl")) == (english, dutch)


@pytest.mark.parametrize(
    ("age", "presumed", "words"),
    [(17, None, "jongen 17"), (18, None, "man 18"), (None, "minor", "jongen, leeftijd onbekend")],
)
def test_person_of_the_api_is_named_alike(age, presumed, words):
    one = PersonOut(gender="male", age=age, presumed=presumed, adult_on=None, housed_as=None, guardian=False)
    assert person(one, "nl") == words


def test_line_has_household_languages_needs_and_birth():
    said = brief(
        (F, 31, ADULT),
        (F, 9, MINOR),
        languages=("ti", "en", "nl"),
        needs=(Specialism.WHEELCHAIR, RoomFeature.WHEELCHAIR),
        expects_birth=True,
    )
    assert brief_words(said, "en").split(" · ")[:2] == ["woman 31 + girl 9", "Tigrinya, English"]
    assert brief_words(said, "nl").split(" · ")[-1] == "verwacht een kind"
    assert "wheelchair" in brief_words(said, "en").lower()


def test_large_household_counts_the_others():
    assert brief_words(brief(*[(F, 30, ADULT)] * 6), "en") == " + ".join(["woman 30"] * 4 + ["2"])


def test_case_that_cannot_be_read_has_no_line():
    assert brief_words(None, "en") == ""
