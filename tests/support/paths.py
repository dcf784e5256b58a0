"""Folders of the project, and the rules of its alerts."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ALERT_RULES = DEPLOY / "alerts.yaml"
