"""Encryption with age (https://age-encryption.org). Only the holder of a recipient's private key can decrypt."""

from collections.abc import Iterable
from pathlib import Path

import pyrage

from placement.core.errors import Misconfigured


def is_recipient(key: str) -> bool:
    """Checks whether this is a public key of age (X25519)."""
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return True


def encrypted_for(recipients: Iterable[str], content: bytes) -> bytes:
    """Returns content in encrypted form, which each of these recipients can decrypt."""
    encrypted: bytes = pyrage.encrypt(content, _public(recipients))
    return encrypted


def encrypt_file(recipients: Iterable[str], source: Path, target: Path) -> None:
    """Encrypts a file of any length, a portion at a time."""
    pyrage.encrypt_file(str(source), str(target), _public(recipients))


def decrypted(file: Path, identities: Iterable[Path]) -> bytes:
    """Returns the decrypted content. Raises `Misconfigured` if no identity decrypts the file, or if it is damaged."""
    try:
        content: bytes = pyrage.decrypt(file.read_bytes(), _private(identities))
    except pyrage.DecryptError as wrong:
        raise _not_opened(file) from wrong
    return content


def decrypt_file(source: Path, target: Path, identities: Iterable[Path]) -> None:
    """Decrypts a file of any length. Raises the error of `decrypted`."""
    try:
        pyrage.decrypt_file(str(source), str(target), _private(identities))
    except pyrage.DecryptError as wrong:
        raise _not_opened(source) from wrong


def _public(recipients: Iterable[str]) -> list[pyrage.x25519.Recipient]:
    return [pyrage.x25519.Recipient.from_str(one) for one in recipients]


def _private(identities: Iterable[Path]) -> list[pyrage.x25519.Identity]:
    """Returns the identities in these files of `age-keygen`: a line for each identity, beside comments."""
    lines = [line.strip() for file in identities for line in file.read_text().splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as wrong:
        raise Misconfigured(
            "a file of identities has a line that is no identity of age (AGE-SECRET-KEY-1...)"
        ) from wrong


def _not_opened(file: Path) -> Misconfigured:
    return Misconfigured(f"{file} opens with none of the identities that were given, or is damaged")
