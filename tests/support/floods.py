"""Floods against a running service, measured: `python -m tests.support.floods BASE FACTS KIND AT_ONCE SECONDS`, in a
process of its own, reniced, so that the load takes as little from the service as it can. Prints what came out, as JSON.

FACTS: a file with the headers of users and what they ask about (`test_floods.py` writes it).
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 120.0


def percentile(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(part * len(times)))] if times else 0.0


class Flood:
    """`ask`: one request of the flood, by a client with a number; each of `at_once` clients asks until the end."""

    def __init__(self, base: str, facts: dict[str, Any], seconds: float) -> None:
        self.base, self.facts, self.seconds = base, facts, seconds
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []

    async def nothing(self, _client: httpx.AsyncClient, _: int) -> httpx.Response:
        """Waits without a request, and so shows the share of the machine in the delays."""
        await asyncio.sleep(self.seconds)
        return httpx.Response(200)

    async def shortage(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await client.get("/country/shortage", headers=self.facts["coordinator"])

    async def proposals(self, client: httpx.AsyncClient, number: int) -> httpx.Response:
        case = self.facts["cases"][number % len(self.facts["cases"])]
        return await client.post(f"/api/v1/registrations/{case}/proposals", headers=self.facts["desk"])

    async def passwords(self, client: httpx.AsyncClient, number: int) -> httpx.Response:
        return await client.post(
            "/api/v1/session",
            json={"email": f"{number}-{time.monotonic()}@flood.example", "password": "not the right one"},
        )

    async def guesses(self, client: httpx.AsyncClient, number: int) -> httpx.Response:
        """Guesses a password from a network of its own for each client, behind a trusted proxy."""
        return await client.post(
            "/api/v1/session",
            json={"email": f"{number}-{time.monotonic()}@flood.example", "password": "not the right one"},
            headers={"X-Forwarded-For": f"198.51.100.{number + 1}"},
        )

    async def previews(self, client: httpx.AsyncClient, number: int) -> httpx.Response:
        weights = {"scheme_step": 500 + number % 5}
        return await client.post("/api/v1/policy/effect", json={"weights": weights}, headers=self.facts["admin"])

    async def slow_bodies(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        async def drip() -> Any:
            for _ in range(100):
                yield b" "
                await asyncio.sleep(0.5)

        headers = {**self.facts["coordinator"], "Content-Type": "application/json", "Content-Length": "1000"}
        return await client.post("/api/v1/registrations", content=drip(), headers=headers)

    async def large_bodies(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        headers = {**self.facts["coordinator"], "Content-Type": "application/json"}
        return await client.post("/api/v1/registrations", content=b" " * 990_000, headers=headers)

    async def reads(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        return await client.get("/api/v1/registrations", headers=self.facts["desk"])

    async def live_pages(self, client: httpx.AsyncClient, _: int) -> httpx.Response:
        async with client.stream("GET", "/changes", headers=self.facts["desk"]) as answer:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.seconds):
                    async for _line in answer.aiter_lines():
                        pass
            return answer

    @staticmethod
    def _said(answer: httpx.Response) -> str:
        """Returns the status, with `degraded` if a proposal was made without the engine."""
        degraded = answer.status_code == httpx.codes.CREATED and answer.json()["engine"]["status"] == "degraded"
        return f"{answer.status_code} degraded" if degraded else str(answer.status_code)

    async def run(self, kind: str, at_once: int, *, once: bool) -> dict[str, Any]:
        end = time.monotonic() + self.seconds
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=self.base, timeout=PATIENCE, limits=limits) as client:

            async def one(number: int) -> None:
                while True:
                    began = time.monotonic()
                    try:
                        answer = await getattr(self, kind)(client, number)
                        self.statuses[self._said(answer)] += 1
                    except httpx.HTTPError as error:
                        self.statuses[type(error).__name__] += 1
                    self.times.append(time.monotonic() - began)
                    if once or time.monotonic() > end:
                        return

            await asyncio.gather(*(one(number) for number in range(at_once)))
        return {
            "answers": dict(self.statuses),
            "seconds": [round(percentile(self.times, part), 2) for part in (0.5, 0.99, 1)],
        }


if __name__ == "__main__":
    base, file, kind, at_once, seconds = sys.argv[1:6]
    os.nice(10)
    flood = Flood(base, json.loads(Path(file).read_text()), float(seconds))
    sys.stdout.write(json.dumps(asyncio.run(flood.run(kind, int(at_once), once=float(seconds) == 0))))
