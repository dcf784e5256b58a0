"""The notebooks print what they show, in an environment of their own with matplotlib and a kernel."""

import json
import subprocess

import pytest

from bench.characters import generated
from bench.generator import SIZES
from matching import match, read_problem, write_problem
from tests.support.paths import ROOT

PYTHON = ROOT / "build" / "notebooks" / "bin" / "python"
FOLDER = ROOT / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PICTURES = {"1-first-match": 2, "2-why-not": 0, "3-two-policies": 2}

PLOTS = """
import matching
from matching import plot
from tests.support.paths import ROOT

problem = matching.read_problem((ROOT / "docs/notebooks/country.json").read_bytes())
solution = matching.match(problem)
beds, cells = plot.beds(problem, solution), plot.cells(problem, solution)
loss = plot.loss_by_group(problem, {"a": solution, "b": solution})
given = sum(bar.get_facecolor()[:3] == (0x1B / 255, 0x6C / 255, 0xA8 / 255) for bar in beds.axes[0].patches)
print(len(beds.axes[0].get_yticks()), given, len(cells.axes[0].texts), len(loss.axes[0].patches))
"""


@pytest.fixture(scope="module")
def python():
    if not PYTHON.exists():
        pytest.fail("the environment is not installed: make build/notebooks/installed")

    def run(*args):
        return subprocess.run([PYTHON, *args], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.wide
def test_notebooks_print_what_they_show(python):
    python("-m", "tests.support.matching.notebooks", "--check")


@pytest.mark.wide
def test_pictures_have_each_bed_cell_and_group(python):
    problem = json.loads((FOLDER / "country.json").read_text())
    rows, given, cells, bars = map(int, python("-c", PLOTS).split())
    assert rows == sum(room["beds"] for room in problem["rooms"])
    solution = match(read_problem((FOLDER / "country.json").read_bytes()))
    assert given == sum(use.persons for row in solution.placements for use in row.rooms)
    assert cells == len({(row["lat"] // 0.25, row["lon"] // 0.25) for row in problem["locations"]})
    assert bars == 2 * len({row["urgency"] for row in problem["registrations"]})


def test_notebooks_are_kept_with_their_output():
    for path in NOTEBOOKS:
        code = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
        assert all(cell["outputs"] for cell in code), path.name
        pictures = [out for cell in code for out in cell["outputs"] if "image/png" in out.get("data", ())]
        assert len(pictures) == PICTURES[path.stem]


def test_country_of_the_notebooks_is_the_generated_one():
    kept = (FOLDER / "country.json").read_bytes().rstrip()
    assert kept == write_problem(generated(SIZES["national"], 1, "groups"))
