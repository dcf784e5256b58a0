"""The creation of a practice room: an empty database, filled with the synthetic country at the moment of a scene."""

import shutil
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, text

from placement.audit import log as audit_log
from placement.audit import service_keys
from placement.audit.events import Event
from placement.core import clock, own_packages, signals, version
from placement.core.codes import StoreFact
from placement.core.context import SYSTEM, Act
from placement.core.errors import Misconfigured
from placement.core.practice_codes import RoomState, SceneCode
from placement.core.practice_mode import clock_file
from placement.core.settings import Settings
from placement.jobs import daily
from placement.jobs.reactions import REACTIONS
from placement.practice.room import Room, kept_files, put
from placement.practice.scenes import SCENES
from placement.storage.database import Database
from placement.storage.engines import engine_for
from placement.storage.schema_form import fact_in

_SEED = 1


def make(settings: Settings, code: SceneCode, *, size: str = "national") -> Room:
    """Empties the room, and fills it for a scene. Raises `Misconfigured` if the database is not that of a practice
    room.
    """
    scene = SCENES[code]
    room = Room(
        address=settings.address,
        version=version.shown(),
        state=RoomState.MAKING,
        scene=code,
        began_at=scene.begins_at(real := clock.real_now()),
    )
    demo = own_packages.demo()
    _empty(settings)
    put(settings.var, room)
    clock.put_ahead(clock_file(settings.var), room.began_at - real)
    signals.react(REACTIONS)
    service_keys.make(Settings.from_environment())  # read again: `settings` still contains the keys of the former room
    settings = Settings.from_environment()  # the settings have the new keys
    with closing(Database.open(settings)) as database:
        database.migrate()
        demo.load()(database, settings, size=size, seed=_SEED, at=room.began_at)
        with database.transaction() as session:
            act = Act(session, SYSTEM, clock.now(), settings)
            daily.begin_today(session, settings, room.began_at)
            facts = scene.prepare(act)
            audit_log.write(act, Event.PRACTICE_BEGUN, scene=code.value)
    return room.model_copy(update={"state": RoomState.RUNS, "facts": facts})


def _empty(settings: Settings) -> None:
    """Removes the database, keys and messages of the room. The link for a colleague stays valid."""
    kept = kept_files(settings.var)
    _empty_database(settings)
    for one in _in(settings.var):
        if one not in kept:
            shutil.rmtree(one) if one.is_dir() else one.unlink()


def _in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def _empty_database(settings: Settings) -> None:
    """Drops all tables of the database. Raises `Misconfigured` if the database is not that of a practice room."""
    engine = engine_for(settings)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if inspect(connection).get_table_names() and fact_in(connection, StoreFact.PRACTICE) is None:
                raise Misconfigured("PLACEMENT_PRACTICE_DATABASE names no practice room: it is not emptied")
            if engine.dialect.name == "sqlite":
                return  # the file of an SQLite database is deleted instead
            schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    finally:
        engine.dispose()
