"""A practice room in the process of a test, on either store. Afterwards the process serves real stores again."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from placement.core import clock, practice_mode
from placement.core.context import SYSTEM, Act
from placement.core.practice_codes import SceneCode
from placement.core.practice_variables import practice_variables
from placement.core.settings import Settings
from placement.practice import making, room
from placement.practice.room import Room
from placement.storage.database import Database

ADDRESS = "http://127.0.0.1:8001"


@contextmanager
def in_practice(var: Path, database_url: str = "") -> Iterator[Settings]:
    """Yields the settings of the practice room beside the installation in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        real = Settings(var=var, **({"practice_database": database_url} if database_url else {}))
        for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
            patch.delenv(name)
        for name, value in practice_variables(real, ADDRESS, {}).items():
            if name.startswith(("PLACEMENT", "DATABASE")):
                patch.setenv(name, value)
        patch.setattr(practice_mode._Mode, "practice", None)
        patch.setattr(clock._Practice, "ahead", None)
        yield Settings.from_environment()


class Practice:
    """A room that was made for a scene, with a small country by default."""

    def __init__(self, settings: Settings, scene: SceneCode, size: str = "small") -> None:
        self.made: Room = making.make(settings, scene, size=size)
        self.settings = Settings.from_environment()
        room.put(self.settings.var, self.made)

    @contextmanager
    def act(self, later: timedelta = timedelta()) -> Iterator[Act]:
        with closing(Database.open(self.settings)) as database, database.transaction() as session:
            yield Act(session, SYSTEM, clock.now() + later, self.settings)
