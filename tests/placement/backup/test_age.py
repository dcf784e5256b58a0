"""Backups with the keys, and the program, of Debian's package `age`."""

import re
import subprocess

import pytest

from placement.backup.check import check
from tests.support.programs import program
from tests.support.settings import changed
from tests.support.stores import one_store


@pytest.mark.system
@one_store
def test_keys_of_age_keygen_make_a_backup_that_is_verified(town, backups):
    town.register(alias="Merel")
    recipients = []
    for file in backups.identities:
        file.unlink()
        done = subprocess.run([program("age-keygen"), "--output", file], capture_output=True, text=True, check=True)
        recipients.append(re.search(r"age1\w+", done.stderr)[0])
    data, keys = recipients
    backups.settings = changed(backups.settings, backup_data_for=(data,), backup_keys_for=(keys,))
    made = backups.make()
    assert check(backups.settings, backups.wanted(made)).is_good
    archive = backups.settings.backup_folder / made.keys.file
    words = [program("age"), "--decrypt", "--identity", backups.identities[1], archive]
    assert b"store.id" in subprocess.run(words, capture_output=True, check=True).stdout
