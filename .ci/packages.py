"""Builds the wheels of a tree into a folder: the service, and each package of `deploy/packages/` by its file. With
`--linked NAME` it makes a folder of this package that can be installed as editable.

A file of `deploy/packages/` is the `pyproject.toml` of a package with a part of the tree. It is built in a folder with
that part alone, so that no file of another part gets into the wheel.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

WHEEL = ("-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation")


def build(tree: Path, into: Path) -> list[Path]:
    """Returns the wheels. All of them have the version of the service."""
    for declared in (tree / "pyproject.toml", *sorted((tree / "deploy" / "packages").glob("*.toml"))):
        with tempfile.TemporaryDirectory() as made:
            _put_together(tree, declared, Path(made), _copy)
            _wheel(Path(made), into)
    return sorted(into.glob("*.whl"))


def link(tree: Path, name: str, folder: Path) -> None:
    """Makes a folder of a package whose parts are links to the tree."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _put_together(tree, tree / "deploy" / "packages" / f"{name}.toml", folder, _link)


def _put_together(tree: Path, declared: Path, folder: Path, put: Callable[[Path, Path], None]) -> None:
    shutil.copy(declared, folder / "pyproject.toml")
    for name in ("LICENSE", "README.md"):
        shutil.copy(tree / name, folder)
    version = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"]
    (folder / "version.txt").write_text(version)
    for part in tomllib.loads(declared.read_text())["tool"]["setuptools"]["packages"]["find"]["include"]:
        put(tree / part.removesuffix("*"), folder / part.removesuffix("*"))


def _copy(part: Path, to: Path) -> None:
    shutil.copytree(part, to, ignore=shutil.ignore_patterns("__pycache__"))


def _link(part: Path, to: Path) -> None:
    to.symlink_to(os.path.relpath(part, to.parent), target_is_directory=True)


def _wheel(source: Path, into: Path) -> None:
    subprocess.run([sys.executable, *WHEEL, "--wheel-dir", str(into), str(source)], cwd=into, check=True)  # noqa: S603


if __name__ == "__main__":
    *wanted, last = sys.argv[1:]
    target, root = Path(last).resolve(), Path(__file__).parents[1]
    if wanted:
        link(root, wanted[-1], target)
    else:
        target.mkdir(parents=True, exist_ok=True)
        for wheel in build(root, target):
            print(wheel.name)  # noqa: T201 - its result
