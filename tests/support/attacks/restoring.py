"""A store with its people as they were at a moment, to which each campaign returns."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from placement.crypto.encrypted_columns import use_keys
from tests.support.attacks.honest_weeks import HonestWeeks
from tests.support.attacks.sixty_people import Land


@dataclass
class Kept:
    """A copy of a file of SQLite, of its keys, and of what the people know."""

    folder: Path
    at: datetime
    homes: list[tuple[str, str, str]]
    gone: list[str]
    browsers: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def keep(weeks: HonestWeeks, folder: Path) -> Kept:
    land = weeks.land
    settings, file = land.country.settings, Path(str(land.country.database.engine.url.database))
    land.country.database.close()
    shutil.copytree(settings.key_store, folder / "keys")
    shutil.copyfile(file, folder / "database")
    use_keys(land.country.database.engine.dialect, settings)
    browsers = [(one.browser.agent, dict(one.browser.cookies)) for one in land.people]
    return Kept(folder, land.moment.at, list(weeks.homes), list(weeks.gone), browsers)


def restore(kept: Kept, land: Land, seed: int) -> HonestWeeks:
    """Returns honest people in the country as it was kept, whose further draws begin with this seed."""
    database, settings = land.country.database, land.country.settings
    database.close()
    shutil.copyfile(kept.folder / "database", str(database.engine.url.database))
    shutil.rmtree(settings.key_store)
    shutil.copytree(kept.folder / "keys", settings.key_store)
    use_keys(database.engine.dialect, settings)
    land.begin_anew(kept.at, Random(seed))
    for one, (agent, cookies) in zip(land.people, kept.browsers, strict=True):
        one.has(agent, dict(cookies))
    return HonestWeeks(land, list(kept.homes), list(kept.gone))
