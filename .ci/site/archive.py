"""Puts the site into a file that the service serves at `/docs`: `python .ci/site/archive.py FOLDER FILE`.

The comment of the file has the digests of the scripts that stand in pages: the service allows these and no others.
"""

import base64
import hashlib
import re
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_LEFT_OUT = (".gz",)


def pack(folder: Path, target: Path) -> None:
    """Writes the file. The same site makes the same file."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix not in _LEFT_OUT]
    scripts = {text for file in files if file.suffix == ".html" for text in _SCRIPT.findall(file.read_text())}
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(ZipInfo(file.relative_to(folder).as_posix()), file.read_bytes(), ZIP_DEFLATED)
        archive.comment = " ".join(sorted(map(_digest, scripts))).encode()


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
