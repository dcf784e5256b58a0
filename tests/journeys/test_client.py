"""A client that is generated from the description carries the journey, and nothing is missing in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.description import description
from tests.support.paths import ROOT

GENERATOR = ROOT / "build" / "generator" / "bin" / "openapi-python-client"
"""In an environment of its own, since it needs an older typer than we do: `make build/generator/installed`."""


TYPESCRIPT = ROOT / "build" / "generator" / "node_modules" / ".bin"
ROUND_TRIP = """
import type { components } from "./schema";

type Model = components["schemas"];

export const sentBack = (read: Model["CapacityOut"]): Model["CapacityIn"] => ({
  ...read,
  rooms: read.rooms.map((room) => ({ ...room, out_of_service: { ...room.out_of_service, beds: 1 } })),
});
export const roomSentBack = (room: Model["RoomOut"]): Model["RoomCountPatch"] => room;
"""
"""A program that reads the rooms of a shelter and reports them, in strict TypeScript."""


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Path:
    """The folder to import it from. A warning is a failure: a part of the client would be missing."""
    if not GENERATOR.exists():
        pytest.fail("the generator is not installed: make build/generator/installed")
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(description()))
    (folder / "config.json").write_text('{"post_hooks": []}')
    command = [GENERATOR, "generate", "--path", "openapi.json", "--config", "config.json", "--fail-on-warning"]
    made = subprocess.run(
        [*command, "--meta", "none", "--output-path", "placement_client"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, ""), made.stdout + made.stderr
    return folder


@pytest.mark.wide
def test_generated_client_has_modules_by_tag_and_all_operations(client):
    modules = {file.stem: file.parent.name for file in (client / "placement_client" / "api").glob("*/[a-z]*.py")}
    operations = [one for methods in description()["paths"].values() for one in methods.values()]
    assert modules == {one["operationId"]: one["tags"][0].lower().replace("-", "_") for one in operations}
    assert modules["list_registrations"] == "registrations"


@pytest.mark.wide
def test_strict_typescript_sends_back_the_rooms_that_it_read(tmp_path):
    if not TYPESCRIPT.exists():
        pytest.fail("the generator is not installed: make build/generator/installed")
    (tmp_path / "openapi.json").write_text(json.dumps(description()))
    (tmp_path / "round_trip.ts").write_text(ROUND_TRIP)
    for command in (
        ["openapi-typescript", "openapi.json", "-o", "schema.d.ts"],
        ["tsc", "--strict", "--noEmit", "round_trip.ts"],
    ):
        done = subprocess.run(
            [TYPESCRIPT / command[0], *command[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_generated_client_carries_the_journey(client, service):
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "support" / "client_journey.py"],
        cwd=ROOT,
        env={**service.environment, "PYTHONPATH": os.pathsep.join([str(client), str(ROOT)])},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
