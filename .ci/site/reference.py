"""The reference of the HTTP API: pages made from its description, which the service serves at /api/v1/openapi.json."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from api.description import description as made_description

Part = dict[str, Any]


@cache
def description() -> Part:
    return made_description()


def pages() -> dict[str, str]:
    """Returns the files of the reference by their names in the folder `http/` of the site."""
    made = {_file(tag): "\n".join(_group(tag)) for tag in _tags()}
    made["models.md"] = "\n".join(_models())
    made["openapi.json"] = json.dumps(description(), indent=1)
    return {name: f"{text}\n" for name, text in made.items()}


def _tags() -> list[str]:
    return sorted({tag for _, _, operation in _operations() for tag in operation["tags"]})


def _operations() -> Iterator[tuple[str, str, Part]]:
    [server] = description()["servers"]
    for path, methods in sorted(description()["paths"].items()):
        for method, operation in methods.items():
            yield f"{server['url']}{path}", method.upper(), operation


def _title(tag: str) -> str:
    return tag.lstrip("0123456789 ").capitalize()


def _file(tag: str) -> str:
    return re.sub(r"\W+", "-", _title(tag).lower()) + ".md"


def _group(tag: str) -> Iterator[str]:
    yield f"# {_title(tag)}\n"
    yield "Made from the [description](openapi.json) that the service serves. Errors are `Problem` documents.\n"
    for path, method, operation in _operations():
        if tag in operation["tags"]:
            yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: Part) -> Iterator[str]:
    yield f"## {method} {path}\n"
    yield f"{operation['description']}\n"
    yield f"Operation `{operation['operationId']}`. Roles: {_roles(operation['x-roles'])}.\n"
    if parameters := operation.get("parameters"):
        yield "| parameter | in | type | needed | what |\n|---|---|---|---|---|"
        for one in parameters:
            needed = "yes" if one.get("required") else ""
            said = _cell(one.get("description", ""))
            yield f"| `{one['name']}` | {one['in']} | {_type(one['schema'])} | {needed} | {said} |"
        yield ""
    if body := operation.get("requestBody"):
        yield f"Body: {_contents(body['content'])}.\n"
    yield "| status | answer | what |\n|---|---|---|"
    for status, answer in operation["responses"].items():
        yield f"| {status} | {_contents(answer.get('content', {}))} | {_cell(answer['description'])} |"
    yield ""


def _roles(reach: dict[str, str]) -> str:
    return ", ".join(f"`{role}` ({how})" for role, how in reach.items())


def _contents(content: dict[str, Part]) -> str:
    return ", ".join(f"{_type(one['schema'])} as `{media_type}`" for media_type, one in content.items())


def _models() -> Iterator[str]:
    yield "# Models\n"
    for name, schema in description()["components"]["schemas"].items():
        yield f"## {name}\n"
        if text := schema.get("description"):
            yield f"{text}\n"
        if "properties" not in schema:
            yield f"{_type(schema)}\n"
            continue
        yield "| field | type | needed | what |\n|---|---|---|---|"
        for field, inner in schema["properties"].items():
            needed = "yes" if field in schema.get("required", ()) else ""
            yield f"| `{field}` | {_type(inner)} | {needed} | {_cell(inner.get('description', ''))} |"
        yield ""


_LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default", "const")


def _type(schema: Part) -> str:
    """Returns the type and its limits, for a single cell of a table."""
    limits = [f"{name} `{_cell(str(schema[name]))}`" for name in _LIMITS if name in schema]
    return ", ".join([_kind(schema), *limits])


def _kind(schema: Part) -> str:
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return f"[{name}](models.md#{name.lower()})"
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_type(inner) for inner in schema[word])
    if "enum" in schema:
        return " ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties'])}"
    plain = schema.get("type", "any")
    return f"{plain} ({schema['format']})" if "format" in schema else str(plain)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
