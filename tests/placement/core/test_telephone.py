"""Telephone numbers: what people write is read, what is no number is refused in words."""

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
    assert telephone.read(written) == "+31301234567"


@pytest.mark.parametrize(
    ("written", "number"),
    [("06 12345678", "+31612345678"), ("0800-1234", "+318001234"), ("0900 1234567", "+319001234567"),
     ("+32 470 12 34 56", "+32470123456"), ("0049 30 123456", "+4930123456")],
)  # fmt: skip
def test_read_mobile_service_and_foreign_numbers(written, number):
    assert telephone.read(written) == number


@pytest.mark.parametrize(
    ("written", "code", "facts"),
    [
        ("", "telephone_characters", {}),
        ("ask the desk", "telephone_characters", {}),
        ("030 123 45 67 ext 2", "telephone_characters", {}),
        ("٠٣٠١٢٣٤٥٦٧", "telephone_characters", {}),
        ("30 123 45 67", "telephone_country", {}),
        ("+0301234567", "telephone_country", {}),
        ("030 123 45", "telephone_dutch", {"found": 8, "expected": 10}),
        ("030 123 45 678", "telephone_dutch", {"found": 11, "expected": 10}),
        ("+31 030 123456", "telephone_dutch", {"found": 9, "expected": 10}),
        ("+32 1234", "telephone_length", {"found": 6, "least": 8, "most": 15}),
        ("+32 12345678901234", "telephone_length", {"found": 16, "least": 8, "most": 15}),
    ],
)
def test_read_what_is_no_number_is_refused(written, code, facts):
    with pytest.raises(NotATelephone) as refused:
        telephone.read(written)
    assert (refused.value.code, refused.value.facts) == (code, facts)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+31301234567", "030 123 45 67"),
        ("+31317123456", "0317 12 34 56"),
        ("+31612345678", "06 12 34 56 78"),
        ("+318001234", "0800 1234"),
        ("+32470123456", "+32470123456"),
    ],
)
def test_shown_number_is_in_groups(number, words):
    assert telephone.shown(number) == words
    assert telephone.read(telephone.shown(number)) == number
