"""The SMS gateway: an HTTP request, which the operator describes in the settings with placeholders. If the gateway is
slow or ends the connection, its answer is unknown. Such an SMS is not sent a second time, so that nobody gets the same
SMS twice. The escalation continues with the next person.
"""

import json
from urllib.parse import quote_plus

from placement.core.setting_parts import SmsGateway
from placement.outbox.outbox import Result
from placement.outbox.webhook_client import HttpCall, answer_to

_AGAIN = frozenset({"http_429", "http_503"})
"""The answers of a gateway that did not accept the message and asks to wait (RFC 9110)."""
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


def send(gateway: SmsGateway, number: str, text: str, name: str, within_seconds: float) -> Result:
    """Sends a line of text to a telephone number (format E.164). `name`: the id of the message. The id is the same at
    each try, so that a gateway can recognise a repeated message. Only the code of the answer is read; a redirect is not
    followed.
    """
    result = answer_to(call_of(gateway, number, text, name), local=False, within_seconds=within_seconds)
    refused = result.trouble is not None and result.trouble.startswith("http_") and result.trouble not in _AGAIN
    return Result(result.trouble, for_good=result.unclear or refused)


def call_of(gateway: SmsGateway, number: str, text: str, name: str) -> HttpCall:
    values = {"number": number, "digits": number.removeprefix("+"), "text": text, "id": name}
    is_json = gateway.body.lstrip().startswith(("{", "["))
    in_body = _in_json if is_json else quote_plus
    body = _filled(gateway.body, {one: in_body(value) for one, value in values.items()})
    headers = {"User-Agent": "placement-sms"}
    if body:
        headers["Content-Type"] = _JSON if is_json else _FORM
    if gateway.header:
        header, _, value = gateway.header.partition(":")
        headers[header.strip()] = value.strip().replace("{secret}", gateway.secret)
    url = _filled(gateway.url, {one: quote_plus(value) for one, value in values.items()})
    return HttpCall(url, body.encode(), headers, "POST" if body else "GET", trusted=True)


def _filled(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]
