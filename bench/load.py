"""`python -m bench.load [DATABASE_URL]`: measures how many requests the service answers in a second. Two kinds of
requests are measured: a list of registrations, and a read of one row.

The program loads the national country into an empty PostgreSQL database, and runs `placement serve` on it. Then 1 to 64
clients, each in its own thread, send requests: each sends the next request as soon as it has an answer. The read of one
row is a request for the client's own session or token, which writes no audit event. The two kinds take turns, so that
other work on the machine affects both.

A *cliff* is a number of clients that get fewer than half of the answers of a smaller number of clients. Without
`DATABASE_URL` the program starts a server.
"""

import http.client
import threading
import time
from collections import Counter
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bench.served import postgresql, served

PATHS = {"one row": "/api/v1/session", "list": "/api/v1/registrations"}
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
TURNS = 3


def measured(base: str, token: str, clients: int, seconds: float) -> dict[str, float]:
    """Returns the number of answers per second, by kind of request. An answer with an unexpected status is counted
    under its status.
    """
    found: Counter[str] = Counter()
    for _ in range(TURNS):
        for what in PATHS:
            found += _asked(base, what, token, clients, seconds)
    return {name: number / seconds / TURNS for name, number in sorted(found.items())}


def _asked(base: str, what: str, token: str, clients: int, seconds: float) -> Counter[str]:
    found: Counter[str] = Counter()
    path = PATHS[what]
    end = time.monotonic() + seconds

    def ask() -> None:
        address = urlsplit(base)
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        while time.monotonic() < end:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            found[what if answer.status == http.client.OK else f"{what}: {answer.status}"] += 1

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main(
    database_url: str = "",
    workers: int = 2,
    seconds: float = 4.0,
    port: int = 8765,
    role: Annotated[str, typer.Option(help="Who reads.")] = "coordinator",
) -> None:
    """Measures each number of clients, and prints a line for it."""
    rows = {}
    with postgresql(database_url) as url, served(url, workers, port) as service:
        people = service.credentials["people"]
        token = service.token(next(one["api_key"] for one in people if one["role"] == role))
        for clients in CLIENTS:
            row = rows[clients] = measured(service.base, token, clients, seconds)
            share = 100 * row.get("list", 0) / row["one row"] if row.get("one row") else 0
            words = ", ".join(f"{name} {number:.0f}" for name, number in row.items())
            typer.echo(f"{clients:2} clients, a second: {words}; the list is {share:.0f} % of one row")
    for name in PATHS:
        answers = [row.get(name, 0) for row in rows.values()]
        cliffs = [clients for at, clients in enumerate(rows) if answers[at] < max(answers[: at + 1]) / 2]
        typer.echo(f"{name}: {f'a cliff at {cliffs} clients' if cliffs else 'no cliff'}")


if __name__ == "__main__":
    typer.run(main)
