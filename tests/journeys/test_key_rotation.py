"""Keys are rotated while the service runs under work; the command is killed, and given again."""

import os
import random
import subprocess
import sys
import threading
import time
from contextlib import closing

import httpx
import pytest

KILLS = 50 if os.environ.get("PROOF_SIZE") == "full" else 5


def placement(service, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "placement", *arguments],
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def register(client, number):
    body = {
        "region": "amsterdam",
        "registrant": "NP",
        "residence_basis": "reflection",
        "alias": f"number {number}",
        "persons": [{"gender": "female", "age": 30}],
        "threats": [{"place": "Alkmaar"}],
        "language_required": False,
    }
    answer = client.post("/registrations", json=body)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return answer.json()["id"]


def client_of(service):
    token = service.token("desk")
    return httpx.Client(base_url=f"{service.base}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def all_read(client, made):
    for number, reference in enumerate(made):
        read = client.get(f"/registrations/{reference}").json()
        assert (read["alias"], read["threats"][0]["place"]) == (f"number {number}", "Alkmaar")
        found = client.post("/registrations/search", json={"said": f"Number {number}"}).json()
        assert [row["id"] for row in found["items"]] == [reference]


@pytest.mark.long
def test_keys_are_replaced_under_work_and_kills(service):
    chance = random.Random(KILLS)
    file = service.var / "keys" / "field.keys"
    [old] = file.read_text().split()
    made, done = [], threading.Event()

    def work():
        with closing(client_of(service)) as client:
            while not done.is_set() or not made:
                made.append(register(client, len(made)))
                time.sleep(0.02)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(KILLS):
            process = subprocess.Popen([sys.executable, "-m", "placement", "keys", "rotate"], env=service.environment)
            time.sleep(chance.uniform(0.5, 2))
            process.kill()
            process.wait()
        rotated = placement(service, "keys", "rotate")
        assert rotated.returncode == 0, rotated.stderr
        assert "everything is encrypted with the newest key" in rotated.stderr
    finally:
        done.set()
        worker.join()
    assert len(file.read_text().split()) == 2

    too_soon = placement(service, "keys", "retire")
    assert (too_soon.returncode, "too new" in too_soon.stderr) == (1, True)
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    retired = placement(service, "keys", "retire")
    assert retired.returncode == 0, retired.stderr
    assert old not in file.read_text()
    with closing(client_of(service)) as client:
        all_read(client, made)
        made.append(register(client, len(made)))
    service.kill()
    service.start()
    with closing(client_of(service)) as client:
        all_read(client, made)
