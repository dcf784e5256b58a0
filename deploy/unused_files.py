"""Removes from the installed packages of an image what the service never opens, about 280 MB: `unused_files.py`.

It runs with the Python of the installation. Afterwards only modules that the service imports have compiled code.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

SITE = Path(sysconfig.get_path("purelib"))
OURS = ("placement", "api", "matching", "fixtures")
UNUSED = (
    *("pip", "pip-*.dist-info", "setuptools", "setuptools-*.dist-info"),
    *("phonenumbers/geodata", "phonenumbers/carrierdata", "phonenumbers/tzdata"),
    *("ortools/constraint_solver", "ortools/graph", "ortools/math_opt", "ortools/pdlp", "ortools/set_cover"),
    *("numpy/f2py", "sqlalchemy/testing"),
    *("**/tests", "**/__pycache__"),
    *(f"**/*.{kind}" for kind in ("pyi", "pyx", "pxd", "h", "c", "a")),
)
LANGUAGES = ("nl", "en", "root")
"""The begin of the names of the locales that are kept."""
_IMPORTS = "import api.app, fixtures, matching.answer; from placement.cli import _Commands; dict(_Commands())"


def remove() -> None:
    foreign = [*SITE.glob("babel/locale-data/*.dat"), *SITE.glob("faker/providers/*/*_*/")]
    unused = [file for file in foreign if not file.name.startswith(LANGUAGES)]
    for pattern in UNUSED:
        unused += (file for file in SITE.glob(pattern) if file.relative_to(SITE).parts[0] not in OURS)
    for file in unused:
        if file.is_dir():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)


def compile_what_is_used() -> None:
    _run(sys.executable, "-m", "compileall", "-q", *(str(SITE / name) for name in OURS))
    _run(sys.executable, "-c", _IMPORTS)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    remove()
    _run("strip", "--strip-unneeded", *map(str, SITE.rglob("*.so*")))
    compile_what_is_used()
