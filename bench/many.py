"""`python -m bench.many`: measures `match_many` with a pool of processes and with Ray on a local cluster. Writes the
figures into the guide.

Each pool is measured in a process of its own: `python -m bench.many pool 2 200` prints JSON. Ray is installed in its
own environment (`make build/cluster/installed`), whose Python runs `ray 2 200`. Seconds are the processor time of this
process and all its descendants, so other work on the machine adds little.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.characters import CHARACTERS, generated
from bench.generator import SIZES
from bench.tables import GUIDE, stamp, with_table
from matching import Problem, Solution, match_many

ROOT = Path(__file__).parents[1]
HERE = "127.0.0.1"
CHUNK = 16  # problems in a batch for a process, as in `match_many`


@contextmanager
def local_cluster(processes: int) -> Iterator[Any]:
    """Yields a pool of Ray that runs only on this machine, with a new token. Ray sends no statistics about its use."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    import ray  # noqa: PLC0415 - only the environment of the cluster has it
    from ray.util.multiprocessing import Pool  # noqa: PLC0415 - as above

    with TemporaryDirectory(prefix="ray") as folder:
        options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "error"}
        ray.init(num_cpus=processes, _node_ip_address=HERE, _temp_dir=folder, **options)
        try:
            yield Pool(processes)
        finally:
            ray.shutdown()


@contextmanager
def local_pool(processes: int) -> Iterator[Any]:
    with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
        yield _InChunks(pool)


class _InChunks:
    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def map(self, call: Any, problems: Any) -> Any:
        return self.pool.map(call, problems, chunksize=CHUNK)


POOLS = {"pool": local_pool, "ray": local_cluster}
NAMES = {"pool": "process pool", "ray": "Ray"}


def problems(count: int) -> list[Problem]:
    """Returns problems of national size, made by the three generators in turn."""
    return [generated(SIZES["national"], seed, [*CHARACTERS][seed % len(CHARACTERS)]) for seed in range(count)]


def busy() -> float:
    """Returns the processor seconds of this process and all its descendants."""
    parent, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # the process ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            parent[int(path.parent.name)] = int(fields[1])
            ticks[int(path.parent.name)] = int(fields[11]) + int(fields[12])
    ours = {os.getpid()}
    while more := {one for one, by in parent.items() if by in ours} - ours:
        ours |= more
    return sum(ticks.get(one, 0) for one in ours) / os.sysconf("SC_CLK_TCK")


def measured(name: str, processes: int, count: int) -> dict[str, Any]:
    """Returns the seconds until each process has answered its first problem (`start`), then the seconds for each
    problem.
    """
    asked = problems(count)
    began = busy()
    with POOLS[name](processes) as pool:
        match_many(asked[:processes], pool)
        ready = busy()
        found = match_many(asked, pool)
        done = busy()
    total = sum(row.objective for row in found if isinstance(row, Solution))
    return {"objective": total, "start": ready - began, "each": (done - ready) / count}


def table(rows: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Returns a table with a row for each pool. All pools must have found the same total of points."""
    assert len({row["objective"] for row in rows.values()}) == 1, rows  # noqa: S101 - or it measures nothing
    lines = ["| executor | processes | start, s | each national problem, ms |", "|---|---|---|---|"]
    for (name, processes), row in rows.items():
        lines.append(f"| {NAMES[name]} | {processes} | {row['start']:.1f} | {1000 * row['each']:.1f} |")
    return "\n".join(lines) + "\n"


def main(count: int = 300) -> None:
    rows = {}
    for name, processes in (("pool", 1), ("pool", 2), ("ray", 1), ("ray", 2)):
        python = ROOT / "build" / "cluster" / "bin" / "python" if name == "ray" else sys.executable
        command = [str(python), "-m", "bench.many", name, str(processes), str(count)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        rows[name, processes] = json.loads(done.stdout)
    page = GUIDE / "many-machines.md"
    said = stamp(f"processor time of all processes; {count} problems of three generators")
    page.write_text(with_table(page.read_text(), f"{said}\n\n{table(rows)}"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(measured(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main()
