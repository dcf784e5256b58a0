"""Passwords: long, not common, not derived from the account; stored as salted hashes."""

import time
from statistics import median

import pytest
from argon2 import PasswordHasher

from placement.accounts import passwords
from placement.core.errors import Invalid

GOOD = "vier paarse fietsen buiten"


@pytest.fixture(autouse=True)
def _as_in_the_service(slow_hasher, monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", slow_hasher)
    passwords._hash_of_none.cache_clear()
    yield
    passwords._hash_of_none.cache_clear()


def faults_of(password, email="anna.bakker@placement.example", organisation="Stichting Vlindertuin"):
    try:
        passwords.require_good(password, email, organisation)
    except Invalid as invalid:
        return [(fault.field, fault.code) for fault in invalid.faults]
    return []


@pytest.mark.parametrize("password", [GOOD, "x7#kQ9!vLm2p", "een heel gewone zin over regen", "ééntweedrievïer"])
def test_a_long_password_of_any_make_is_good(password):
    assert faults_of(password) == []


@pytest.mark.parametrize(
    "password",
    [
        *["password1234", "passwordpassword", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "iloveyouforever"],
        *["wachtwoord123", "geheimgeheim", "abcdefghijkl", "Password1234", "x" * 128],
        # of the field and the country
        *["Welkom2026!!", "opvang opvang opvang", "Opvang2026!!", "Comensha2026!", "Placement2026", "Amsterdam2026!"],
        *["zomer2026zomer", "ikhouvanjou123"],
        # phrases that everybody knows
        *["correcthorsebatterystaple", "Correct Horse Battery Staple!", "correct-paard-batterij-nietje-1"],
        # of the organisation
        *["Vlindertuin12!", "stichtingvlindertuin"],
    ],
)
def test_a_common_password_is_refused_however_long(password):
    assert faults_of(password) == [("password", "password_common")]


@pytest.mark.parametrize(("length", "code"), [(0, "text_too_short"), (11, "text_too_short"), (129, "text_too_long")])
def test_password_has_12_to_128_characters(length, code):
    whole = GOOD * 6
    assert faults_of(whole[:length]) == [("password", code)]
    assert faults_of(whole[:12]) == faults_of(whole[:128]) == []


@pytest.mark.parametrize("password", ["xK9#anna.bakkerQ2", "ANNA.BAKKER-xK9#Q2"])
def test_the_name_in_the_address_is_no_part_of_it(password):
    assert faults_of(password) == [("password", "password_has_name")]
    assert faults_of(password, "an@placement.example") == []  # a short name is part of many words


def test_hash_is_salted_argon2id_with_the_owasp_minimum():
    one, other = passwords.hashed(GOOD), passwords.hashed(GOOD)
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert passwords.is_right(one, GOOD)
    assert passwords.is_right(other, GOOD)
    assert not passwords.is_right(one, GOOD + " ")
    assert not passwords.is_outdated(one)


def test_hash_with_other_parameters_is_valid_but_outdated():
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert passwords.is_right(old, GOOD)
    assert passwords.is_outdated(old)


@pytest.mark.parametrize("stored", [None, "", "-", "$argon2id$broken"])
def test_invalid_hash_matches_no_password(stored):
    assert not passwords.is_right(stored, GOOD)
    assert not passwords.is_right(stored, "")


@pytest.mark.long
def test_unknown_account_takes_as_long_as_a_wrong_password():
    stored = passwords.hashed(GOOD)
    taken = {None: [], stored: []}
    for _ in range(150):
        for one, times in taken.items():
            began = time.process_time()
            passwords.is_right(one, "something else, and long")
            times.append(time.process_time() - began)
    nobody, somebody = (median(times) for times in taken.values())
    assert abs(nobody - somebody) < 0.1 * somebody
