"""Encryption with age (https://age-encryption.org). Only the holder of a recipient's private key can decrypt."""

from collections.abc import Iterable
from pathlib import Path

import pyrage

from placement.core.errors import Misconfigured


def is_recipient(key: str) -> bool:
    """Checks whether this text is a public key of the program `age`."""
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return True


def encrypted_for(recipients: Iterable[str], content: bytes) -> bytes:
    """Encrypts content so that each of these recipients can decrypt it."""
    encrypted: bytes = pyrage.encrypt(content, _public(recipients))
    return encrypted


def encrypt_file(recipients: Iterable[str], source: Path, target: Path) -> None:
    """Encrypts a file of any size without reading it whole into memory."""
    pyrage.encrypt_file(str(source), str(target), _public(recipients))


def decrypted(file: Path, identities: Iterable[Path]) -> bytes:
    """Decrypts a file. Raises `Misconfigured` if no identity (private key) decrypts it, or if it is damaged."""
    try:
        content: bytes = pyrage.decrypt(file.read_bytes(), _private(identities))
    except pyrage.DecryptError as wrong:
        raise _not_opened(file) from wrong
    return content


def decrypt_file(source: Path, target: Path, identities: Iterable[Path]) -> None:
    """Decrypts a file of any size. Raises the error of `decrypted`."""
    try:
        pyrage.decrypt_file(str(source), str(target), _private(identities))
    except pyrage.DecryptError as wrong:
        raise _not_opened(source) from wrong


def _public(recipients: Iterable[str]) -> list[pyrage.x25519.Recipient]:
    return [pyrage.x25519.Recipient.from_str(one) for one in recipients]


def _private(identities: Iterable[Path]) -> list[pyrage.x25519.Identity]:
    """Reads private keys from files of `age-keygen`. Each line is a key or a comment."""
    lines = [line.strip() for file in identities for line in file.read_text().splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as wrong:
        raise Misconfigured(
            "a file of identities has a line that is no identity of age (AGE-SECRET-KEY-1...)"
        ) from wrong


def _not_opened(file: Path) -> Misconfigured:
    return Misconfigured(f"{file} opens with none of the identities that were given, or is damaged")
