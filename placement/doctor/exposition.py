"""The findings as Prometheus metrics, in a file for the text collector of node_exporter."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from placement.core import clock
from placement.doctor.findings import Finding, Found, Level


def write(findings: Iterable[Finding], file: Path) -> None:
    """Replaces the file in one step. The file has the value 1 for each finding, and 0 for each other possible finding.
    So an alert ends when its cause ends. Every user may read the file, because node_exporter has a user of its own.
    Raises `OSError` if the file cannot be written.
    """
    found = {one.found for one in findings}
    registry = CollectorRegistry()
    faults = Gauge("placement_finding", "1: placement doctor found it", ["check", "level", "found"], registry=registry)
    for one in Found:
        if one.level is not Level.WELL:
            faults.labels(one.area, one.level, one).set(one in found)
    examined = Gauge("placement_doctor_seconds", "When placement doctor examined the installation", registry=registry)
    examined.set(clock.now().timestamp())
    write_to_textfile(str(file), registry)
    file.chmod(0o644)
