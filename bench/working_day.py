"""`python -m bench.working_day [DATABASE_URL]`: simulates shelters that report their rooms, and people who place
clients.

200 shelters confirm their rooms *as shown* each minute. 50 coordinators and persons of the desk place clients, with
pauses of half a minute. They look at their list, open a case, register or choose a client, and request a proposal. The
desk closes the cases that it registered, so the number of waiting clients stays the same.

The program prints the number, the median and the 99th percentile of the time of each kind of request. It also prints
the refusals, and after a warm-up the memory of the service each minute.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from statistics import median, quantiles
from typing import Any

import httpx
import psutil
import typer

from bench.served import Served, postgresql, served

SHELTERS, PLACERS = 200, 50
_REPORTS_EVERY, _THINKS_FOR, _WARM_AFTER = 60.0, 30.0, 60.0
_TOKEN_LIVES = 600.0
_PERCENT = 99
_MOST = {"list": 300, "report": 500, "propose": 1500}
"""By kind of request, the milliseconds within which 99 % of the answers should come, on two idle processors."""
_CLIENT = {"registrant": "NP", "residence_basis": "reflection", "language_required": False, "region": "den-haag"}
_CLIENT |= {"persons": [{"gender": "female", "age": 30}]}
_CLOSE = {"reason": "found_other_place"}


class Day:
    """The measurements of a day: by kind of request the seconds of each answer, and the number of refusals by kind and
    code.
    """

    def __init__(self, service: Served, seconds: float) -> None:
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self.memory: list[float] = []
        self._service, self._end, self._seconds = service, time.monotonic() + seconds, seconds

    async def goes_by(self) -> None:
        shelters = self._service.credentials["shelters"]
        people = [one for one in self._service.credentials["people"] if one["role"] in {"desk", "coordinator"}]
        sessions = {one["email"]: self._service.signed_in(one) for one in people}
        async with asyncio.TaskGroup() as group:
            for number in range(SHELTERS):
                group.create_task(self._works(shelters[number % len(shelters)], self._reports, _REPORTS_EVERY))
            for number in range(PLACERS):
                one = people[number % len(people)]
                group.create_task(self._works(one, self._places, _THINKS_FOR, sessions[one["email"]]))
            group.create_task(self._weighs())

    async def _works(
        self,
        one: dict[str, Any],
        act: Callable[..., Awaitable[None]],
        pause: float,
        session: Mapping[str, str] | None = None,
    ) -> None:
        await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  (no secret)
        async with httpx.AsyncClient(
            base_url=f"{self._service.base}/api/v1", timeout=60, headers=dict(session or {})
        ) as client:
            until = 0.0
            while time.monotonic() < self._end:
                if session is None and time.monotonic() >= until:
                    token = await asyncio.to_thread(self._service.token, one["api_key"])
                    client.headers["Authorization"], until = f"Bearer {token}", time.monotonic() + _TOKEN_LIVES
                await act(client, one)
                await asyncio.sleep(random.uniform(0.5, 1.5) * pause)  # noqa: S311

    async def _reports(self, client: httpx.AsyncClient, one: dict[str, Any]) -> None:
        await self._asked("report", client, "POST", f"/shelters/{one['shelter_id']}/capacity/confirm")

    async def _places(self, client: httpx.AsyncClient, one: dict[str, Any]) -> None:
        await self._asked("one row", client, "GET", "/session")
        found = await self._asked("list", client, "GET", "/registrations?status=open")
        waiting = [] if found is None else [row["id"] for row in found["items"]]
        if one["role"] == "desk":
            made = await self._asked("register", client, "POST", "/registrations", json=_CLIENT)
            waiting = [] if made is None else [made["id"]]
        if waiting:
            case = random.choice(waiting)  # noqa: S311
            await self._asked("propose", client, "POST", f"/registrations/{case}/proposals")
            if one["role"] == "desk":  # keeps the number of waiting clients the same
                await self._asked("close", client, "POST", f"/registrations/{case}/close", json=_CLOSE)

    async def _asked(self, name: str, client: httpx.AsyncClient, method: str, path: str, **sent: Any) -> Any:
        began = time.monotonic()
        answer = await client.request(method, path, **sent)
        self.took[name].append(time.monotonic() - began)
        if answer.is_success:
            return answer.json()
        self.refused[f"{name}: {answer.json()['type'].rpartition(':')[2]}"] += 1
        return None

    async def _weighs(self) -> None:
        await asyncio.sleep(min(_WARM_AFTER, self._seconds / 2))
        self.memory.append(self._megabytes())
        while (left := self._end - time.monotonic()) > 0:
            await asyncio.sleep(min(_WARM_AFTER, left))
            self.memory.append(self._megabytes())

    def _megabytes(self) -> float:
        root = psutil.Process(self._service.pid)
        return sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / 1e6


def main(database_url: str = "", workers: int = 4, seconds: float = 600.0, port: int = 8766) -> None:
    """Runs the simulation, and prints a line for each kind of request."""
    with postgresql(database_url) as url, served(url, workers, port) as service:
        day = Day(service, seconds)
        asyncio.run(day.goes_by())
    for name, took in day.took.items():
        most = quantiles(took, n=100)[_PERCENT - 1] if len(took) > 1 else took[0]
        bound = f", at most {_MOST[name]} ms" if name in _MOST else ""
        typer.echo(f"{name:9} {len(took):6}: median {1000 * median(took):5.0f} ms, 99 % {1000 * most:5.0f} ms{bound}")
    share = 100 * median(day.took["one row"]) / median(day.took["list"])
    typer.echo(f"one row takes {share:.0f} % of the time of a list; refused: {dict(day.refused) or 'nothing'}")
    typer.echo(f"memory, MB: {', '.join(f'{one:.0f}' for one in day.memory)}")


if __name__ == "__main__":
    typer.run(main)
