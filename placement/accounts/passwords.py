"""Passwords: long, not common, and stored with a slow hash. There is no rule about kinds of characters.

The hash is argon2id with OWASP's minimum (19 MiB, two passes, parallelism 1): about 20 ms on a core. A web process
hashes only a few passwords at once (`api/http/work_kinds.py`), so a flood of attempts leaves cores and threads to
signed-in users. A hash contains its own parameters. An outdated hash is replaced at the next correct password.
"""

import re
import secrets
import tomllib
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from placement.core import transactions
from placement.core.errors import Fault, Invalid

SHORTEST, LONGEST = 12, 128
_FEWEST_GUESSES = 10**10
"""A password that needs fewer guesses counts as common. This limit is the lower bound of the best score of zxcvbn."""

_KNOWN = Path(__file__).with_name("passwords.toml")
_YEARS = [str(year) for year in range(2010, 2051)]

_NAME = 4
"""The length of the shortest name that is looked for in a password. Shorter names occur in many passwords by chance."""

_ESTIMATED = 72
"""The number of characters that the estimate reads. More characters take long, and do not change the estimate."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Checks whether the password matches the hash. For an account that does not exist, there is no hash, and the check
    takes equally long. Must not be called inside a transaction.
    """
    transactions.require_none("password")
    try:
        return _HASHER.verify(stored or _hash_of_none(), password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    return _HASHER.check_needs_rehash(stored)


def require_good(password: str, email: str, organisation: str) -> None:
    """Raises `Invalid` at `password` if the password is too short, too long, common, or made from facts of the user."""
    if len(password) < SHORTEST:
        raise Invalid.at("password", "text_too_short", min_length=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid.at("password", "text_too_long", max_length=LONGEST)
    faults = []
    name = email.partition("@")[0].casefold()
    if len(name) >= _NAME and name in password.casefold():
        faults.append(Fault("password", "password_has_name"))
    if _is_known(password) or _guesses(password, _words_of(email, organisation)) < _FEWEST_GUESSES:
        faults.append(Fault("password", "password_common"))
    if faults:
        raise Invalid(faults)


def _is_known(password: str) -> bool:
    alphabetic = "".join(one for one in password.casefold() if one.isalpha())
    return any(phrase in alphabetic for phrase in _known()["phrases"])


def _words_of(*names: str) -> list[str]:
    return [word for name in names for word in re.findall(r"\w+", name.casefold()) if len(word) >= _NAME]


def _guesses(password: str, personal: list[str]) -> float:
    """Returns an estimate of how many guesses a program needs to find the password. The program knows the 30,000 most
    common passwords, words, names, dates and patterns. It also knows facts about the user (`personal`), and words that
    are common in this field of work.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take time to load, and only a new password needs them

    return float(zxcvbn(password[:_ESTIMATED], [*personal, *_known()["words"], *_YEARS])["guesses"])


@cache
def _known() -> dict[str, list[str]]:
    return {name: words.split() for name, words in tomllib.loads(_KNOWN.read_text()).items()}


@cache
def _hash_of_none() -> str:
    """Returns the hash of a random password. It is compared with the password of an unknown account, so that the check
    takes equally long. Made once per process.
    """
    return hashed(secrets.token_urlsafe())
