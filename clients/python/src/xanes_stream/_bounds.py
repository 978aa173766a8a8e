"""Bounds of messages: attributes beside the fields' types in the schema files, in the words of JSON Schema."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

Field = Mapping[str, Any]


def breach(fields: Sequence[Field], message: Mapping[str, Any]) -> str | None:
    """None where a message is within the bounds of its schema; else a sentence that names the field that is not."""
    for field in fields:
        value = message.get(field["name"])
        wrong = None if value is None else _breach_of(field, value)
        if wrong is not None:
            return wrong
    return None


def _breach_of(field: Field, value: object) -> str | None:
    name = field["name"]
    if isinstance(value, str):
        return _length_breach(field, _length(value))
    if isinstance(value, (int, float)):
        return _size_breach(field, value)
    if isinstance(value, list):
        least, most = field.get("minItems", 0), field.get("maxItems", float("inf"))
        if not least <= len(value) <= most:
            return f"Expected {name} to have {_between(least, most)} items, got {len(value)}"
        if not isinstance(value[0] if value else None, str):
            return None  # numbers of a spectrum: what they are worth the processor says
        return next((wrong for item in value if (wrong := _breach_of(field, item)) is not None), None)
    if isinstance(value, dict):
        record = next((each for each in _branches(field) if each.get("type") == "record"), None)
        return _map_breach(field, value) if record is None else breach(record["fields"], value)
    return None


def _map_breach(field: Field, entries: Mapping[str, str]) -> str | None:
    """Of a map the bound on lengths is on all names and values together."""
    most = field.get("maxProperties", float("inf"))
    if len(entries) > most:
        return f"Expected {field['name']} to have at most {most} entries, got {len(entries)}"
    return _length_breach(field, sum(_length(key) + _length(value) for key, value in entries.items()))


def _length_breach(field: Field, length: int) -> str | None:
    least, most = field.get("minLength", 0), field.get("maxLength", float("inf"))
    if least <= length <= most:
        return None
    return f"Expected {field['name']} to have {_between(least, most)} characters, got {length}"


def _size_breach(field: Field, value: float) -> str | None:
    for attribute, words, holds in _SIZES:
        if attribute in field and not holds(value, field[attribute]):
            return f"Expected {field['name']} to be {words} {field[attribute]}, got {value}"
    return None


_SIZES = (
    ("minimum", "at least", operator.ge),
    ("exclusiveMinimum", "above", operator.gt),
    ("maximum", "at most", operator.le),
    ("exclusiveMaximum", "below", operator.lt),
)


def _length(text: str) -> int:
    """In UTF-16 code units, as the bounds count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _branches(field: Field) -> list[Mapping[str, Any]]:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return [kind for kind in kinds if isinstance(kind, Mapping)]


def _between(least: float, most: float) -> str:
    if most == float("inf"):
        return f"at least {least}"
    return f"at most {most}" if least == 0 else f"{least} to {most}"
