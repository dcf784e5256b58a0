"""The content and the signature of a push (RFC 8291, 8292). The content is a general sentence, encrypted for the
browser. The service's signing key is derived from the pseudonym key in the key store. The pseudonym key never changes,
because push services would reject messages with another signing key.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import Session

from placement.core.settings import Settings
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.outbox.outbox import Result
from placement.outbox.webhook_client import HttpCall, answer_to
from placement.storage.field_sealing import keys_of_session

LONGEST_ADDRESS = 1000
GONE = frozenset({"http_404", "http_410"})
"""The answers of a push service that no longer knows a browser (RFC 8030)."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the curve P-256: the number of its points (FIPS 186)."""
_SCALAR_BYTES = 48
"""The number of derived bytes: 16 more than the curve needs, so that each key is equally likely."""
KEPT_FOR = timedelta(hours=1)
"""The time for which a push service keeps a message. After this time the escalation begins again."""
_SIGNED_FOR = timedelta(hours=12)
_POINT_BYTES, _AUTH_BYTES = 65, 16


def public_key(session: Session) -> str:
    """Returns the service's public key, with which a browser subscribes."""
    point = _signing_key(session).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def are_keys(p256dh: str, auth: str) -> bool:
    """Checks whether these texts can be the keys of a browser: a point of the curve, and a secret of 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _read(p256dh))
        return len(_read(p256dh)) == _POINT_BYTES and len(_read(auth)) == _AUTH_BYTES
    except (ValueError, binascii.Error):
        return False


def call_of(
    session: Session, settings: Settings, subscription: Mapping[str, str], said: Mapping[str, str], at: datetime
) -> HttpCall:
    """Returns the HTTP request that sends a push to a browser. `said`: the message. It is encrypted for this browser
    alone.
    """
    from py_vapid import Vapid02  # noqa: PLC0415  (slow to import, and only the sending process needs them)
    from pywebpush import WebPusher  # noqa: PLC0415

    endpoint = subscription["endpoint"]
    keys = {name: subscription[name] for name in ("p256dh", "auth")}
    body: bytes = WebPusher({"endpoint": endpoint, "keys": keys}).encode(json.dumps(said).encode())["body"]
    contact = f"mailto:{settings.contact.email}" if settings.contact and settings.contact.email else settings.address
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((at + _SIGNED_FOR).timestamp()),
        "sub": contact,
    }
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(KEPT_FOR.total_seconds())),
        "Urgency": "high",
        "User-Agent": "placement-push",
    }
    signature: dict[str, str] = Vapid02(_signing_key(session), {"no-strict": True}).sign(claims)
    return HttpCall(endpoint, body, headers | signature)


def send(call: HttpCall, settings: Settings) -> Result:
    """Sends a push to its push service. If that service no longer knows the browser, the push is not tried again."""
    result = answer_to(call, local=settings.plain_http, within_seconds=settings.webhook_within_seconds)
    return Result(result.trouble, for_good=result.trouble in GONE)


def _signing_key(session: Session) -> ec.EllipticCurvePrivateKey:
    """Returns the service's signing key, derived from the pseudonym key (FIPS 186-5, A.2.1: extra random bits)."""
    secret = keys_of_session(session).store.key_text(PSEUDONYMS).encode()
    derived = HKDF(SHA256(), _SCALAR_BYTES, salt=None, info=b"placement push").derive(secret)
    return ec.derive_private_key(int.from_bytes(derived) % (_ORDER - 1) + 1, ec.SECP256R1())


def _read(written: str) -> bytes:
    return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
