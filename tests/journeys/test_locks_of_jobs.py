"""Four processes on PostgreSQL under load: the job that puts rows in order keeps no request waiting behind it."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from placement.storage import row_order
from placement.tables import JobRun
from tests.support.api.processes import person_of, serving
from tests.support.api.service import somebody
from tests.support.outages import until
from tests.support.stores import OPERATOR

DESK, CLIENTS = "desk-1@placement.example", 4


def register(desk):
    answer = desk.post("/registrations", json=somebody())
    return answer.status_code == httpx.codes.CREATED


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_requests_go_on_while_a_long_read_stops_the_job(country, tmp_path):
    """`pg_dump` reads as long: behind a waiting lock each request would wait for the end of that read."""
    with serving(country, tmp_path, 4) as base, person_of(base, country, DESK) as desk:
        until(lambda: register(desk))
        with country.database.engine.connect() as reader:
            reader.execute(text("SELECT count(*) FROM registration"))
            until(lambda: "rows.order_waits" in (tmp_path / "service.log").read_text())
            with ThreadPoolExecutor(CLIENTS) as threads:
                for _ in range(5):
                    done = [threads.submit(until, lambda: register(desk)) for _ in range(CLIENTS)]
                    assert all(one.result() for one in done)
            assert httpx.get(f"{base}/health/ready", headers=OPERATOR, timeout=60).json()["database"] == "ok"
            reader.rollback()
        runs = select(JobRun.slot).where(JobRun.job == row_order.JOB).order_by(col(JobRun.slot).desc())

        def is_mixed():
            with country.database.transaction() as session:
                assert session.exec(runs).first() is not None
                found = session.execute(text("SELECT count(DISTINCT xmin::text) FROM registration"))
                return found.scalar_one() == 1

        until(is_mixed, patience=600)
