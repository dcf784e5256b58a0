"""Writes the software bill of materials (CycloneDX): every locked package with hashes, licence and dependencies, and
the third-party files of `.ci/vendored.toml`. Fails if a licence is unknown: `.ci/bill_of_materials.py FILE`.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
VENDORED = tomllib.loads((ROOT / ".ci" / "vendored.toml").read_text())
Bill = dict[str, Any]


def bill() -> Bill:
    """Returns the bill. The lock file lists the packages with their hashes. Licences and dependencies are those of the
    installed packages.
    """
    made = _made_from("requirements", "requirements.txt")
    installed = _made_from("environment", sys.executable)
    known = {_name(one["name"]): one for one in installed["components"]}
    refs = {_name(one["name"]): one["bom-ref"] for one in made["components"]}
    root = made["metadata"]["component"]
    refs[_name(root["name"])] = root["bom-ref"]
    for one in made["components"]:
        own = VENDORED["licences"].get(one["name"])
        declared = known.get(_name(one["name"]), {}).get("licenses", [])
        one["licenses"] = [{"license": {"id": own}}] if own else declared
    named = {one["bom-ref"]: _name(one["name"]) for one in installed["components"]}
    named[installed["metadata"]["component"]["bom-ref"]] = _name(root["name"])
    needed = {named[one["ref"]]: [named[ref] for ref in one.get("dependsOn", ())] for one in installed["dependencies"]}
    made["dependencies"] = [
        {"ref": ref, "dependsOn": sorted(refs[below] for below in needed.get(name, ()) if below in refs)}
        for name, ref in sorted(refs.items())
    ]
    made["components"] += [_vendored(**one) for one in VENDORED["component"]]
    if unknown := [one["name"] for one in made["components"] if not one["licenses"]]:
        raise SystemExit(f"the licence is unknown: {', '.join(unknown)}; name it in .ci/vendored.toml")
    return made


def _made_from(kind: str, source: str) -> Bill:
    command = [sys.executable, "-m", "cyclonedx_py", kind, "--pyproject", "pyproject.toml", "--output-reproducible"]
    done = subprocess.run([*command, source], cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    return dict(json.loads(done.stdout))


def _name(written: str) -> str:
    """Returns the normalised name of a package, because its metadata write it in several ways."""
    return re.sub(r"[-_.]+", "-", written).lower()


def _vendored(name: str, version: str, licence: str, files: list[str]) -> Bill:
    parts = [
        {"type": "file", "name": file, "hashes": [{"alg": "SHA-256", "content": _digest(ROOT / file)}]}
        for file in files
    ]
    purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
    about = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": f"{name}@{version}"}
    return {**about, "licenses": [{"license": {"id": licence}}], "components": parts}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    output = Path(sys.argv[1])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(bill(), indent=2, sort_keys=True) + "\n")
