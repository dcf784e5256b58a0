"""Writes the JSON Schemas of the formats into matching/schemas/: `python -m tests.support.matching.schema_files`."""

import json

from matching.format.schema import FORMATS, json_schema
from tests.support.paths import ROOT

FILES = {name: ROOT / "matching/schemas" / f"{name.replace('/', '-')}.json" for name in FORMATS}


def text(name: str) -> str:
    """Returns a file with one definition on each line."""
    schema = json_schema(name)
    parts = ",\n".join(f"{json.dumps(part)}: {json.dumps(value)}" for part, value in schema.pop("$defs").items())
    return f'{json.dumps(schema)[:-1]}, "$defs": {{\n{parts}\n}}}}\n'


if __name__ == "__main__":
    for name, file in FILES.items():
        file.write_text(text(name))
