"""Breaks of the promise of the API: what a client of an earlier description can no longer send or understand."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from api.http.field_words import EXTENSIBLE

Schema = dict[str, Any]
SENT, ANSWERED = "sent", "answered"
"""The two ways of a schema: a client sends it, or the service answers with it."""

_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_FIXED = ("pattern", "format", "const")


def breaks(before: Schema, now: Schema) -> list[str]:
    """Returns each break, with its place. Additions that a client may ignore are no breaks."""
    return sorted(set(_Comparison(before, now).found()))


def _operations(described: Schema) -> dict[str, Schema]:
    base = "".join(server["url"].rstrip("/") for server in described.get("servers", ()))
    kinds = ((described["paths"], base), (described.get("webhooks", {}), "webhook "))
    return {
        f"{method.upper()} {front}{path}": operation
        for paths, front in kinds
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


class _Comparison:
    def __init__(self, before: Schema, now: Schema) -> None:
        self.before, self.now = before, now
        self._seen: set[tuple[str, str, str]] = set()

    def found(self) -> Iterator[str]:
        now = _operations(self.now)
        for name, operation in _operations(self.before).items():
            if name in now:
                yield from self._operation(name, operation, now[name])
            else:
                yield f"{name}: is gone"

    def _operation(self, name: str, before: Schema, now: Schema) -> Iterator[str]:
        if before["operationId"] != now["operationId"]:
            yield f"{name}: has another id"
        if now.get("x-person-only") and not before.get("x-person-only"):
            yield f"{name}: a key can no longer do it"
        for role, reach in before.get("x-roles", {}).items():
            if now["x-roles"].get(role) not in {reach, "all"}:
                yield f"{name}: {role} may no longer do it"
        yield from self._parameters(name, before, now)
        was, is_ = before.get("requestBody", {}), now.get("requestBody", {})
        if is_.get("required") and not was.get("required"):
            yield f"{name}: a body is required"
        way = ANSWERED if "webhook" in name else SENT
        yield from self._contents(f"{name} body", was.get("content", {}), is_.get("content", {}), way)
        for status in (status for status in before["responses"] if status.startswith("2")):
            if status not in now["responses"]:
                yield f"{name}: answer {status} is gone"
                continue
            was, is_ = before["responses"][status], now["responses"][status]
            for header in was.get("headers", {}).keys() - is_.get("headers", {}).keys():
                yield f"{name} {status}: header {header} is gone"
            yield from self._contents(f"{name} {status}", was.get("content", {}), is_.get("content", {}), ANSWERED)

    def _parameters(self, name: str, before: Schema, now: Schema) -> Iterator[str]:
        was, is_ = ({(one["in"], one["name"]): one for one in each.get("parameters", ())} for each in (before, now))
        for key, one in is_.items():
            if one.get("required") and not was.get(key, {}).get("required"):
                yield f"{name}: parameter {key[1]} is required"
        for key, one in was.items():
            if key in is_:
                yield from self._schema(f"{name} ?{key[1]}", one["schema"], is_[key]["schema"], SENT)
            else:
                yield f"{name}: parameter {key[1]} is gone"

    def _contents(self, where: str, before: Schema, now: Schema, way: str) -> Iterator[str]:
        for media_type, content in before.items():
            if media_type in now:
                yield from self._schema(where, content["schema"], now[media_type]["schema"], way)
            else:
                yield f"{where}: {media_type} is gone"

    def _schema(self, where: str, before: Schema, now: Schema, way: str) -> Iterator[str]:
        was, is_ = self._forms(self.before, before), self._forms(self.now, now)
        if not was or not is_:
            return  # any value
        larger, smaller = (was, is_) if way == SENT else (is_, was)
        for kind in larger.keys() - smaller.keys():
            yield f"{where}: {kind} is {'refused' if way == SENT else 'answered'}"
        for kind in was.keys() & is_.keys():
            for one in was[kind]:
                yield from self._nearest(where, one, is_[kind], way)

    def _nearest(self, where: str, before: Schema, others: list[Schema], way: str) -> Iterator[str]:
        """Yields the breaks against the form of the same kind that has the fewest."""
        tried = [list(self._form(where, before, now, way)) for now in others]
        yield from min(tried, key=len)

    def _forms(self, whole: Schema, schema: Schema) -> dict[str, list[Schema]]:
        """Returns the alternatives of a schema by type; nothing if it allows any value."""
        if "$ref" in schema:
            return self._forms(whole, {**_at(whole, schema["$ref"]), "$of": schema["$ref"]})
        alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if alternatives:
            found: dict[str, list[Schema]] = {}
            for kind, forms in chain.from_iterable(self._forms(whole, one).items() for one in alternatives):
                found.setdefault(kind, []).extend(forms)
            return found
        kinds = schema.get("type", "string" if "enum" in schema or EXTENSIBLE in schema else [])
        return {kind: [schema] for kind in ([kinds] if isinstance(kinds, str) else kinds)}

    def _form(self, where: str, before: Schema, now: Schema, way: str) -> Iterator[str]:
        pair = (before.get("$of", ""), now.get("$of", ""), way)
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
            where = f"{before['$of'].rpartition('/')[2]} ({way})"
        yield from self._values(where, before, now, way)
        for name, schema in before.get("properties", {}).items():
            if name in now.get("properties", {}):
                yield from self._schema(f"{where}.{name}", schema, now["properties"][name], way)
            else:
                yield f"{where}.{name}: is gone"
        required, needed = set(before.get("required", ())), set(now.get("required", ()))
        for name in needed - required if way == SENT else required - needed:
            yield f"{where}.{name}: {'is required' if way == SENT else 'may be absent'}"
        for part in ("items", "additionalProperties"):
            if isinstance(before.get(part), dict) and isinstance(now.get(part), dict):
                yield from self._schema(f"{where}[]", before[part], now[part], way)
        if now.get("additionalProperties") is False and before.get("additionalProperties", True) is not False:
            yield f"{where}: other fields are refused"

    @staticmethod
    def _values(where: str, before: Schema, now: Schema, way: str) -> Iterator[str]:
        known, listed = (one.get("enum") or one.get(EXTENSIBLE) for one in (before, now))
        if known and listed:
            yield from (f"{where}: code {code} is gone" for code in known if code not in listed)
        if listed and not known and way == SENT:
            yield f"{where}: only listed codes are taken"
        if "enum" in now and EXTENSIBLE not in now and known and way == ANSWERED:
            yield from (f"{where}: code {code} is new in a closed list" for code in listed if code not in known)
        if way == SENT:
            for limit in (*_UPPER, *_LOWER):
                was, is_ = before.get(limit), now.get(limit)
                is_tighter = is_ is not None and (was is None or (is_ < was if limit in _UPPER else is_ > was))
                if is_tighter:
                    yield f"{where}: {limit} is tighter"
        for name in _FIXED:
            if before.get(name) != now.get(name) and (way == ANSWERED or name in now):
                yield f"{where}: {name} is another"


def _at(whole: Schema, ref: str) -> Schema:
    found: Schema = whole["components"]["schemas"][ref.removeprefix("#/components/schemas/")]
    return found
