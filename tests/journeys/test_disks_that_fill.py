"""Disks that fill at random moments under writes: nothing is half-written, and the service recovers by itself.

Each disk is a file system in memory that is really full. It holds SQLite's file with the keys and heads of the log;
the data of PostgreSQL; the key store; or the heads of the log.
"""

import errno
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from placement.audit import verification
from placement.core.settings import Settings
from placement.jobs.periodic import JOBS, run
from placement.storage.database import Database
from tests.support.filling_disk import Answer, Writer, faults_in, head_of, reads, writing
from tests.support.ledger import Ledger, commit
from tests.support.paths import ROOT
from tests.support.postgres_server import Postgres
from tests.support.proof import FULL
from tests.support.service_process import Service, environment_for
from tests.support.small_disk import empty, fill, on_a_small_disk, small_disk
from tests.support.stores import new_database

SIZES_MB = {"sqlite": 160, "postgresql": 256, "keys": 24, "heads": 4}
KINDS = list(SIZES_MB)
CYCLES, AT_ONCE = (50, 25) if FULL else (4, 4)
WITHIN_SECONDS = 10

TRUE_WORDS = {
    "sqlite": {(507, "disk_full")},
    "postgresql": {(507, "disk_full"), (503, "database_away"), (503, "busy")},
    "keys": {(507, "disk_full")},
    "heads": set(),
}
"""Answers to a refused write while this disk is full. Afterwards, if the claim of a key could not be given back
either, the answer is that the request is in progress.
"""
TAKEN_OVER = (409, "request_in_progress")
HEADS = next(job for job in JOBS if job.name == "write_audit_head")


@dataclass
class Filling:
    """A service with a disk that is filled and emptied, and the answers and times that were seen."""

    kind: str
    disk: Path
    service: Service
    chance: random.Random
    server: Postgres | None = None
    hour: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    recovered_after: list[float] = field(default_factory=list)
    read: Counter[Answer] = field(default_factory=Counter)
    refused: Counter[Answer] = field(default_factory=Counter)

    def cycles(self, count: int) -> None:
        """So many times full; then looks that all is whole."""
        since, token, acknowledged = head_of(self.service), self.service.token("desk"), []
        for number in range(count):
            with writing(self.service, token, 3) as writers:
                time.sleep(self.chance.uniform(0.05, 0.5))
                self.fill(token)
                try:
                    self.is_full(token, ever_fuller=bool(number % 2))
                finally:
                    empty(self.disk)
                self.recovered_after.append(self.recovery(token, acknowledged))
            assert [one.trouble for one in writers if one.trouble] == []
            for one in writers:
                acknowledged += one.acknowledged
                self.refused += one.refused
        faults = faults_in(self.service, acknowledged, since)
        assert faults == {}, faults
        assert set(self.refused) <= {*TRUE_WORDS[self.kind], TAKEN_OVER}, self.refused

    def fill(self, token: str) -> None:
        """Fills the disk without the reserve, again if the reserve was given up meanwhile and taken too."""
        while shutil.disk_usage(self.disk).free < fill(self.disk):
            empty(self.disk)
            reads(self.service, token, 1)

    def is_full(self, token: str, *, ever_fuller: bool) -> None:
        time.sleep(0.3)  # the writers go on meanwhile
        if self.kind == "heads":
            self.write_heads_until_full()
        found = reads(self.service, token, 8)
        assert self.kind == "postgresql" or set(found) == {(200, "")}, found
        self.read += found
        if ever_fuller:  # the reserve as well; a new segment of PostgreSQL's log
            fill(self.disk)
            if self.server is not None:
                with suppress(psycopg.Error), psycopg.connect(self.server.url, autocommit=True) as connection:
                    connection.execute("SELECT pg_switch_wal()")
            found = reads(self.service, token, 8)
            self.read += found
        assert set(self.read) <= {(200, ""), *TRUE_WORDS[self.kind]}, self.read
        assert httpx.get(f"{self.service.base}/health/live", timeout=20).status_code == httpx.codes.OK

    def recovery(self, token: str, acknowledged: list[tuple[str, str]]) -> float:
        """Seconds until a new write is acknowledged, and a read answered. A PostgreSQL that ended is begun again, as
        its unit does.
        """
        began = time.monotonic()
        if self.server is not None:
            self.server.start()
        fresh = Writer(self.service, token, f"after {self.hour.timestamp()} {len(self.recovered_after)}")
        fresh.register()
        fresh.finish()
        assert fresh.trouble == ""
        acknowledged += fresh.acknowledged
        assert set(reads(self.service, token, 1)) == {(200, "")}
        if self.kind == "heads":
            with self.service.store() as (database, settings):
                self.write_head(database, settings)
        return time.monotonic() - began

    def write_heads_until_full(self) -> None:
        """Writes heads until the disk is full. The last page has room for some; the file holds nothing of a failed
        head.
        """
        with self.service.store() as (database, settings):
            for _ in range(100):
                before = self.heads()
                try:
                    self.write_head(database, settings)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    break
                assert self.heads() == before + 1
            else:
                raise AssertionError("there was room")
        assert self.heads() == before

    def write_head(self, database: Database, settings: Settings) -> None:
        """Runs the job of the next hour; a job that failed is tried again."""
        assert run(database, settings, HEADS, self.hour)
        self.hour += timedelta(hours=1)

    def heads(self) -> int:
        return len(verification.read_heads(self.disk / "heads.jsonl"))


@contextmanager
def filling(kind: str, folder: Path, demo: Path, seed: int, **environment: str) -> Iterator[Filling]:
    with small_disk(SIZES_MB[kind]) as disk:
        said, server = environment_for() | {"PLACEMENT_DISK_RESERVE_MB": "8"} | environment, None
        if kind == "postgresql":
            server = Postgres(disk)
            said["DATABASE_URL"] = new_database(server.url)
            service = Service(folder, said)
            for command in ("keys new", "migrate", "seed --size small"):
                service.command(*command.split())
        else:
            service = Service(disk if kind == "sqlite" else folder, said, demo)
        if kind == "keys":
            shutil.move(service.var / "keys" / "data", disk / "data")
            service.environment["PLACEMENT_KEY_STORE"] = str(disk / "data")
        if kind == "heads":
            service.environment["PLACEMENT_AUDIT_HEADS"] = str(disk / "heads.jsonl")
        service.start()
        try:
            yield Filling(kind, disk, service, random.Random(seed), server)
        finally:
            service.stop()
            if server is not None:
                server.server.cleanup()


@on_a_small_disk
@pytest.mark.wide
@pytest.mark.parametrize("kind", KINDS)
def test_disk_that_fills_leaves_nothing_half_written(kind, tmp_path, demo):
    with filling(kind, tmp_path, demo, 1) as one:
        one.cycles(2)


@on_a_small_disk
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_disk_that_fills_again_and_again_recovers_in_seconds(kind, tmp_path, demo):
    passed = Ledger(f"disk-{kind}", commit())
    while numbers := passed.left(range(CYCLES), AT_ONCE):
        folder = tmp_path / str(numbers[0])
        folder.mkdir()
        with filling(kind, folder, demo, numbers[0]) as one:
            one.cycles(len(numbers))
        assert max(one.recovered_after) <= WITHIN_SECONDS
        passed.add(numbers)


@on_a_small_disk
@pytest.mark.wide
@pytest.mark.parametrize(
    ("broken", "kind", "shows"),
    [
        ("no disk reserve", "sqlite", "disk_full"),
        ("a key after its row", "keys", "keys that are missing"),
        ("a write with another audit event", "sqlite", "lines of the log"),
    ],
)
def test_disk_that_fills_detects_a_broken_service(broken, kind, shows, tmp_path, demo):
    path = os.pathsep.join((str(ROOT / "tests" / "support" / "broken"), str(ROOT), os.environ.get("PYTHONPATH", "")))
    with (
        filling(kind, tmp_path, demo, 1, BROKEN=broken, PYTHONPATH=path) as one,
        pytest.raises(AssertionError, match=shows),
    ):
        one.cycles(2)
