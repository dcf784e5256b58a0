"""The webhooks in the API description (OpenAPI 3.1): the requests that a receiver gets, and how it should answer.

Types, texts and schemas come from `placement/outbox/webhook_events.py`, which also makes the bodies.
"""

from placement.core.codes import MessageKind
from placement.outbox.webhook_events import EVENTS, WebhookEvent

TAG = "Webhooks"
_SIGNATURE = """One or more signatures, separated by spaces; for a day after a new secret there are more, six at most.

Each is `v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`. The key is the secret of
the webhook: what stands after `whsec_`, decoded from base64. Accept the request where one of them is right.
"""
_HEADERS = {
    "webhook-id": (
        "The id of the event. It is the same at each try: keep it, to know an event that you have had already.",
        {"type": "string"},
    ),
    "webhook-timestamp": (
        "When this try was sent, in seconds since 1970-01-01 UTC. Refuse what is older than five minutes.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "webhook-signature": (
        _SIGNATURE,
        {"type": "string", "pattern": "^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$"},
    ),
}
"""Headers of the Standard Webhooks specification, version 1."""
_ANSWERS = {
    "2XX": "The event was taken. Answer within ten seconds, and do the work afterwards.",
    "410": "The receiver is gone: the webhook is disabled at once.",
    "default": "Any other answer, a redirect included, or none in ten seconds: the event is sent again with the same "
    "`webhook-id`, after half a minute, then after ever longer waits up to an hour, for three days.",
}


def webhooks(model: str) -> dict[str, object]:
    """Returns the webhooks by type of event. `model`: the template of a reference to a schema."""
    return {kind.value: {"post": _request(kind, event, model)} for kind, event in EVENTS.items()}


def _request(kind: MessageKind, event: type[WebhookEvent], model: str) -> dict[str, object]:
    schema = {"$ref": model.format(model=event.__name__)}
    return {
        "operationId": f"receive_{kind.value.replace('.', '_')}",
        "summary": event.title,
        "description": event.__doc__,
        "tags": [TAG],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": about, "schema": limits}
            for name, (about, limits) in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {status: {"description": about} for status, about in _ANSWERS.items()},
    }
