"""The bill of materials lists every package, and known vulnerabilities are looked up."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib

import pytest

from tests.support.paths import ROOT

LOCK = ROOT / "requirements.txt"
BILL = ROOT / ".ci" / "bill_of_materials.py"
VENDORED = tomllib.loads((ROOT / ".ci" / "vendored.toml").read_text())
CODE = {".js", ".css", ".svg"}


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bill(file):
    """Makes the bill of materials with the program of `make sbom`."""
    assert f"\t@$(BIN)/python {BILL.relative_to(ROOT)} build/sbom.json\n" in (ROOT / "Makefile").read_text()
    subprocess.run([sys.executable, BILL, file], cwd=ROOT, check=True)
    return file.read_bytes()


@pytest.mark.wide
def test_the_bill_of_materials_names_every_locked_package(tmp_path, audit):
    found = json.loads(bill(tmp_path / "bill.json"))
    assert found["bomFormat"] == "CycloneDX"
    assert found["metadata"]["component"]["name"] == "shelter-placement"
    locked, vendored = audit.locked_packages(LOCK), [one["name"] for one in VENDORED["component"]]
    assert len(locked) > 50
    assert sorted(one["name"] for one in found["components"]) == sorted([*locked, *vendored])
    for one in found["components"]:
        assert one["version"]
        assert one["licenses"], one["name"]
        if one["name"] not in vendored:
            assert [found for where in one["externalReferences"] for found in where["hashes"]], one["name"]
    needs = {one["ref"]: one["dependsOn"] for one in found["dependencies"]}
    assert len(needs["root-component"]) > 30
    [ours] = (one["bom-ref"] for one in found["components"] if one["name"] == "sqlmodel")
    [below] = (one["bom-ref"] for one in found["components"] if one["name"] == "sqlalchemy")
    assert below in needs[ours]


def test_each_vendored_file_is_in_the_bill_with_its_version():
    files = [file for top in ("api", "docs") for file in (ROOT / top).glob("**/vendor/*/*") if file.suffix in CODE]
    listed = {file: one for one in VENDORED["component"] for file in one["files"]}
    assert {str(file.relative_to(ROOT)) for file in files} == set(listed)
    guide = (ROOT / "docs/guide/pages.md").read_text()
    for one in VENDORED["component"]:
        stated = guide + (ROOT / one["files"][0]).read_text()
        assert one["version"] in stated, one["name"]


@pytest.mark.long
def test_the_bill_of_materials_is_the_same_each_time(tmp_path):
    assert bill(tmp_path / "one.json") == bill(tmp_path / "two.json")


def answer(name, *vulns):
    return {"name": name, "version": "1.0", "vulns": [{"id": one, "fix_versions": ["1.1"]} for one in vulns]}


def skipped(name):
    return {"name": name, "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ([answer("one"), answer("two")], 0, "nothing is known of any of the 2"),
        ([answer("one"), answer("two", "CVE-1")], 1, "two 1.0: CVE-1, mended in 1.1"),
        ([skipped("one"), answer("two", "CVE-1")], 1, "KNOWN"),  # what is known counts, however little was answered
        ([], 3, "NOT AUDITED: no database of vulnerabilities answered for 2 of 2"),
        ([skipped("one"), skipped("two")], 3, "for 2 of 2"),
        ([skipped("one"), answer("two")], 3, "for 1 of 2 packages (one"),
        ([skipped("one"), answer("two"), answer("one")], 0, "nothing is known"),  # the second database knew it
    ],
)
def test_audit_known_fault_fails_unanswered_package_is_listed(audit, answers, code, said):
    found, words = audit.judge(answers, ["one", "two"])
    assert found == code
    assert said in words


def test_audit_and_sbom_are_make_targets_and_run_in_ci():
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci" / "run").read_text()
    assert "\naudit: " in makefile
    assert "\nsbom: " in makefile
    assert "make sbom" in ci
    assert ci.index("make system-deps") < ci.index("make test")
    assert "make system\n" in ci
    assert ".ci/audit.py || [ $? -eq 3 ]" in ci
    assert "build" in (ROOT / ".gitignore").read_text()


def test_licence_is_named_and_stands_at_the_top():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "EUPL-1.2"
    assert (ROOT / "LICENSE").read_text().startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


def test_pre_commit_runs_what_make_lint_runs():
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    ran = re.findall(r"\$\(BIN\)/([\w-]+(?: (?:check|format))?)", lint)
    hooks = re.findall(r"entry: \.venv/bin/(\S+(?: (?:check|format))?)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert hooks == ran
