"""The examples of the description: compared with what the contract's test of each operation sends and gets.

They are made anew by `WRITE_EXAMPLES=yes .venv/bin/python -m pytest -q tests/api/contract/test_operations.py`.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

from httpx import Response

from tests.support.api.operations import Operation
from tests.support.paths import ROOT

FILE = ROOT / "api" / "http" / "examples.json"
_SECRET = {"challenge", "csrf_token", "key", "link", "otpauth_uri", "recovery_codes", "secret", "token", "totp_secret"}
_MADE_UP = {"KeyIn", "ReadBackIn"}
"""Models whose right body names a thing that exists at that moment only."""


class Examples:
    def __init__(self) -> None:
        self.is_writing = os.environ.get("WRITE_EXAMPLES") == "yes"
        self.stored: dict[str, Any] = json.loads(FILE.read_text())

    def compare(self, operation: Operation, body: Any, answer: Response) -> Iterator[str]:
        """Yields how an example differs from this request and its answer: another body, status or field."""
        name, is_json = operation.described["operationId"], "json" in answer.headers.get("content-type", "")
        made = {"status": answer.status_code, **({"answer": _shown(answer.json())} if is_json else {})}
        made |= {"request": _without_secrets(body)} if operation.model else {}
        if self.is_writing:
            self.stored[name] = made
            return
        stored = self.stored.get(name)
        if stored is None:
            yield "it has no example"
        elif stored["status"] != made["status"] or _fields(stored.get("answer")) != _fields(made.get("answer")):
            yield f"its example is otherwise: {stored['status']} {_fields(stored.get('answer'))}"
        elif operation.model not in _MADE_UP and stored.get("request") != made.get("request"):
            yield "the request of its example is another"

    def write(self) -> None:
        if self.is_writing:
            FILE.write_text(json.dumps(self.stored, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _fields(value: Any) -> set[str]:
    return set(value) if isinstance(value, dict) else set()


def _shown(value: Any) -> Any:
    """Returns an answer with a single thing of each list, and without its secrets."""
    if isinstance(value, list):
        return [_shown(part) for part in value[:1]]
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in _without_secrets(value).items()}
    return value


def _without_secrets(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: "-" if name in _SECRET and isinstance(part, str) else part for name, part in value.items()}
