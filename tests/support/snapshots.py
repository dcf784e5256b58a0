"""The engine's problem as of a moment."""

from datetime import datetime

from sqlmodel import Session

from matching import Problem
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.solver.snapshot import snapshot


def problem_at(session: Session, settings: Settings, at: datetime) -> Problem:
    return snapshot(Act(session, SYSTEM, at, settings)).problem
