"""Encryption for a recipient with age (https://age-encryption.org): the holder of the recipient's key opens it."""

import pyrage


def is_recipient(key: str) -> bool:
    """Whether this is a public key of age (X25519)."""
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return True


def encrypted_for(recipient: str, content: bytes) -> bytes:
    encrypted: bytes = pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)])
    return encrypted
