"""A synthetic country that is loaded into a store of its own."""

from datetime import UTC, datetime

from cryptography.fernet import Fernet

import fixtures
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.storage.database import Database

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Loaded:
    def __init__(self, folder, size, seed, at=AT, days_before=0):
        self.at, self.days_before = at, days_before
        self.settings = Settings(
            database_url=f"sqlite:///{folder}/x.db",
            field_keys=(Fernet.generate_key().decode(),),
            key_store=folder / "keys",
            audit_key=cipher.new_key(),
        )
        self.database = Database.open(self.settings)
        self.database.migrate()
        self.size, self.seed = size, seed
        self.credentials = self.load()

    def load(self):
        when = {"at": self.at, "days_before": self.days_before}
        return fixtures.load(self.database, self.settings, size=self.size, seed=self.seed, **when)
