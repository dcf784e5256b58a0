"""Telephone numbers: read as people write them, shown as people write them; an improbable number is asked about."""

import pytest

from placement.core import telephone
from placement.core.telephone import NotATelephone


@pytest.mark.parametrize(
    "written",
    [
        "030 123 45 67", "030-1234567", "(030) 123.45.67", "0301234567", "+31 30 123 45 67", "+31 (0)30 123 45 67",
        "+31 030 1234567",        "0031 30 1234567", " 030\u00a0123 45 67 ",
    ],
)  # fmt: skip
def test_read_forms_that_people_write_give_one_number(written):
    assert telephone.read(written) == telephone.Reading("+31301234567")


@pytest.mark.parametrize(
    ("written", "number", "words", "link"),
    [
        ("030 1234567", "+31301234567", "030 123 45 67", "tel:+31301234567"),
        ("0317-123456", "+31317123456", "0317 12 34 56", "tel:+31317123456"),
        ("06 12345678", "+31612345678", "06 12 34 56 78", "tel:+31612345678"),
        ("088-1234567", "+31881234567", "088 123 45 67", "tel:+31881234567"),
        ("0800-1234", "+318001234", "0800 1234", "tel:+318001234"),
        ("0900 1234567", "+319001234567", "0900 1234567", "tel:+319001234567"),
        ("14020", "+3114020", "14 020", "tel:14020"),
        ("+32 470123456", "+32470123456", "+32 470 12 34 56", "tel:+32470123456"),
        ("0049 30 123456", "+4930123456", "+49 30 123456", "tel:+4930123456"),
        ("+5997171234", "+5997171234", "+599 717 1234", "tel:+5997171234"),  # Bonaire
        ("00599 4163280", "+5994163280", "+599 416 3280", "tel:+5994163280"),  # Saba
        ("+1 721 542 1234", "+17215421234", "+1 721-542-1234", "tel:+17215421234"),  # Sint Maarten
        ("+297 5821234", "+2975821234", "+297 582 1234", "tel:+2975821234"),  # Aruba
    ],
)
def test_number_of_each_kind_is_read_shown_and_dialled(written, number, words, link):
    assert telephone.read(written) == telephone.Reading(number)
    assert (telephone.shown(number), telephone.dialled(number)) == (words, link)
    assert telephone.read(words).number == number


@pytest.mark.parametrize(
    "written", ["", "ask the desk", "030 123 45 67 ext 2", "030-NUMMER", "٠٣٠١٢٣٤٥٦٧", "+0301234567", "1"]
)
def test_read_what_is_no_number_is_refused(written):
    with pytest.raises(NotATelephone) as refused:
        telephone.read(written)
    assert (refused.value.code, refused.value.facts) == ("telephone_characters", {})


@pytest.mark.parametrize("written", ["+32 12345678901234", "030 1234567 06 12345678"])
def test_read_more_digits_than_a_number_has_is_refused(written):
    with pytest.raises(NotATelephone) as refused:
        telephone.read(written)
    assert (refused.value.code, refused.value.facts) == ("telephone_length", {"most": 15})


@pytest.mark.parametrize(
    ("written", "number", "code", "facts"),
    [
        ("030 123 45", "+313012345", "telephone_dutch", {"found": 8, "expected": 10}),
        ("030 12", "+3103012", "telephone_dutch", {"found": 5, "expected": 10}),
        ("030 123 45 678", "+313012345678", "telephone_dutch", {"found": 11, "expected": 10}),
        ("+31 030 123456", "+3130123456", "telephone_dutch", {"found": 9, "expected": 10}),
        ("112", "+31112", "telephone_dutch", {"found": 3, "expected": 10}),
        ("039 123 45 67", "+31391234567", "telephone_improbable", {}),
        ("+32 1234", "+321234", "telephone_improbable", {}),
        ("+599 817 1234", "+5998171234", "telephone_improbable", {}),
        ("+999 123456", "+999123456", "telephone_improbable", {}),
        ("30 123 45 67", "+31301234567", "telephone_country", {"allowed": ["030 123 45 67"]}),
        ("717 1234", "+5997171234", "telephone_country", {"allowed": ["+599 717 1234"]}),
        ("32 470 12 34 56", "+32470123456", "telephone_country", {"allowed": ["+32 470 12 34 56"]}),
    ],
)
def test_improbable_number_is_asked_about_and_can_be_right(written, number, code, facts):
    assert telephone.read(written) == telephone.Reading(number, code, facts)
    [fault] = telephone.numbered("telephone", written)[1]
    assert (fault.field, fault.code, fault.facts) == ("telephone", code, facts | {"written": written})
    for sure_of in ([f" {written}"], [number]):
        assert telephone.numbered("telephone", written, sure_of) == (number, [])
    assert telephone.numbered("telephone", written, ["030 000 00 00"])[1] == [fault]


@pytest.mark.parametrize(
    ("number", "words", "link"),
    [
        ("+31112", "112", "tel:112"),
        ("+3130123456", "030123456", "tel:+3130123456"),
        ("+999123456", "+999123456", "tel:+999123456"),
    ],
)
def test_shown_improbable_number_has_all_its_digits(number, words, link):
    assert (telephone.shown(number), telephone.dialled(number)) == (words, link)
