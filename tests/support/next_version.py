"""The next version of the service: this version with one more migration."""

import os
from pathlib import Path

from alembic.script import ScriptDirectory

import placement.migrations
from placement.storage import database

VERSIONS = Path(placement.migrations.__path__[0]) / "versions"
NEXT = "9998"
"""The revision of that migration."""


def write_next(folder, newest, upgrade="pass", downgrade="pass", stated=""):
    """Writes a migration behind the newest. `upgrade`, `downgrade`: their statements; `stated`: other lines."""
    folder.mkdir(exist_ok=True)
    (folder / f"{NEXT}_next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import context, op\n\nrevision = {NEXT!r}\n"
        f"down_revision = {newest!r}\nbranch_labels = None\ndepends_on = None\n{stated}\n\n\n"
        f"def upgrade():\n    {upgrade}\n\n\ndef downgrade():\n    {downgrade}\n"
    )


def newest_of(versions=VERSIONS):
    """Returns the newest revision of a folder of migrations, which is not loaded into this process."""
    return ScriptDirectory(str(versions.parent)).get_current_head()


def become_next_version(patch, folder, upgrade="pass", **more):
    """Adds a migration after the newest, until the patch ends. `upgrade`: its statement; `more`: see `write_next`."""
    before, made = database._alembic, folder / "next_version"
    write_next(made, newest_of(), upgrade, **more)

    def with_one_more():
        configuration = before()
        configuration.set_main_option("version_locations", os.pathsep.join((str(VERSIONS), str(made))))
        return configuration

    patch.setattr(database, "_alembic", with_one_more)
