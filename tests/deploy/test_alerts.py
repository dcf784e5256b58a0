"""Alert rules and dashboard are made from the findings; `promtool` lets each alert fire."""

import os
import re
import subprocess

import pytest
import yaml

from placement.doctor import exposition
from placement.doctor.findings import Finding, Found, Level
from tests.support import alert_rules
from tests.support.alert_drills.drills import DRILLS
from tests.support.paths import ALERT_RULES
from tests.support.programs import program


def rules():
    [group] = yaml.safe_load(ALERT_RULES.read_text())["groups"]
    return group["rules"]


@pytest.mark.parametrize("file", alert_rules.FILES, ids=lambda file: file.name)
def test_alerts_and_dashboard_are_current(file):
    assert file.read_text() == alert_rules.FILES[file](), "run: python -m tests.support.alert_rules"


@pytest.mark.wide
def test_each_finding_that_is_not_well_is_an_alert():
    found = re.findall(r'placement_finding\{found="(\w+)"\} == 1', " ".join(one["expr"] for one in rules()))
    assert found == [one.value for one in Found if one.level is not Level.WELL]
    assert len({one["alert"] for one in rules()}) == len(rules())
    assert all(one["annotations"]["next"] for one in rules())


def test_alerts_of_the_service_and_drills_fit_each_other():
    listed = {one.name for one in alert_rules.alerts()}
    assert {one.name for one in alert_rules.alerts() if not one.drill} <= set(DRILLS) <= listed


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_file_of_the_doctor_can_be_read_by_node_exporter(umask, tmp_path):
    """The unit of the doctor has the umask 077, and node_exporter another user."""
    file = tmp_path / "placement.prom"
    before = os.umask(umask)
    exposition.write([], file)
    os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o644


def test_file_has_each_fault_as_found_or_not(tmp_path):
    file = tmp_path / "placement.prom"
    exposition.write([Finding(Found.DISK_LOW, {"path": "/secret", "free_mb": 1}), Finding(Found.KEYS_WELL)], file)
    lines = [line for line in file.read_text().splitlines() if line.startswith("placement_finding{")]
    assert len(lines) == sum(one.level is not Level.WELL for one in Found)
    assert [line for line in lines if line.endswith(" 1.0")] == [
        'placement_finding{check="disk",found="disk_low",level="warning"} 1.0'
    ]
    assert "secret" not in file.read_text()
    assert re.search(r"^placement_doctor_seconds 1\.\d+e\+09$", file.read_text(), re.MULTILINE)
    exposition.write([Finding(Found.DISK_WELL)], file)
    assert " 1.0\n" not in file.read_text()


def promtool(*words):
    return subprocess.run([program("promtool"), *words], capture_output=True, text=True, check=False)


@pytest.mark.system
def test_promtool_accepts_the_rules_and_lets_each_fire(tmp_path):
    checked = promtool("check", "rules", str(ALERT_RULES))
    assert (checked.returncode, f"{len(rules())} rules found" in checked.stdout) == (0, True), checked.stderr
    tests = tmp_path / "tests.yaml"
    tests.write_text(alert_rules.tests())
    done = promtool("test", "rules", str(tests))
    assert done.returncode == 0, done.stdout + done.stderr
    tests.write_text(alert_rules.tests().replace("1x20", "0x20"))  # nothing was found
    assert promtool("test", "rules", str(tests)).returncode == 1
