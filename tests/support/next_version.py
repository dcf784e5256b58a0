"""The next version of the service: this version with one more migration."""

import os
from pathlib import Path

from alembic.script import ScriptDirectory

import placement.migrations
from placement.storage import database

VERSIONS = Path(placement.migrations.__path__[0]) / "versions"
NEXT = "9998"
"""The revision of that migration."""


def become_next_version(patch, folder, upgrade="pass"):
    """Adds a migration after the newest, until the patch ends. `upgrade`: its statement."""
    before, made = database._alembic, folder / "next_version"
    newest = ScriptDirectory.from_config(before()).get_current_head()
    made.mkdir()
    (made / f"{NEXT}_next.py").write_text(
        f"from alembic import context, op\n\nrevision = {NEXT!r}\ndown_revision = {newest!r}\n"
        f"branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n    {upgrade}\n\n\ndef downgrade():\n    pass\n"
    )

    def with_one_more():
        configuration = before()
        configuration.set_main_option("version_locations", os.pathsep.join((str(VERSIONS), str(made))))
        return configuration

    patch.setattr(database, "_alembic", with_one_more)
