"""Runs the notebooks and keeps what they print: `build/notebooks/bin/python -m tests.support.matching.notebooks`.

With `--check` it changes no file, and compares what they print with what is kept. Runs in the environment of
`make build/notebooks/installed`, which has what the project itself does not need.
"""

import os
import sys

import nbformat
from nbclient import NotebookClient

from tests.support.paths import ROOT

FOLDER = ROOT / "docs" / "notebooks"


def run(path):
    """Returns the notebook as it is after all of its cells have run."""
    notebook = nbformat.read(path, as_version=4)
    os.environ["PYTHONPATH"] = str(ROOT)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    notebook.metadata = {"kernelspec": notebook.metadata.kernelspec}
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def printed(notebook):
    """Returns the texts of all outputs; a picture is only counted."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            found.append("picture" if "image/png" in data else data.get("text/plain", output.get("text", "")))
    return found


def main():
    for path in sorted(FOLDER.glob("*.ipynb")):
        done = run(path)
        if "--check" not in sys.argv:
            nbformat.write(done, path)
        elif printed(done) != printed(nbformat.read(path, as_version=4)):
            sys.exit(f"{path.name} prints something else: python -m tests.support.matching.notebooks")


if __name__ == "__main__":
    main()
