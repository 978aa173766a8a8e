"""Bytes to messages and back, by the schema files that the package carries."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Generic, TypeVar, cast

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form
from fastavro.validation import ValidationError

from ._bounds import Field, breach
from .errors import ClientError, UnknownSchema

Message = TypeVar("Message")
Headers = Mapping[str, bytes | None]

_FRAME_BYTES = 5  # a zero and the schema's id in its registry
_SCHEMAS = resources.files(__package__) / "schemas"


class Codec(Generic[Message]):
    """Messages of a schema file, such as `scan.v1.avsc`, and of those that it replaced."""

    def __init__(self, file: str) -> None:
        schema = _load(_SCHEMAS / file)
        self.name: str = f"{schema['namespace']}.{schema['name']}"
        self.fields: list[Field] = schema["fields"]
        self._schema = fastavro.parse_schema(schema)
        self._fingerprint = _fingerprint(schema)
        former = [_load(each) for each in (_SCHEMAS / "history").iterdir() if each.name.startswith(file[:-4])]
        self._writers = {_fingerprint(each): fastavro.parse_schema(each) for each in [schema, *former]}
        self.headers: dict[str, str] = {
            "content-type": "application/avro",
            "schema-name": self.name,
            "schema-fingerprint": self._fingerprint,
        }

    def breach_of(self, message: Message) -> str | None:
        """None where a message is within the bounds of its schema; else a sentence that names the field that is not."""
        return breach(self.fields, cast(Mapping[str, Any], message))

    def encode(self, message: Message) -> bytes:
        """Raises a ClientError that names the field of the wrong type, or beyond its bound."""
        try:
            fastavro.validate(message, self._schema)
        except ValidationError as error:
            [first, *_] = error.errors
            field = (first.field or self.name).removeprefix(f"{self.name}.")
            expected = re.sub(r'[\[\]"]', "", json.dumps(first.schema)).replace(", ", " or ")
            raise ClientError(f"Expected {field} to be {expected[:120]}, got {_shown(first.datum)}") from None
        wrong = self.breach_of(message)
        if wrong is not None:
            raise ClientError(wrong)
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, self._schema, cast(Any, message))
        return buffer.getvalue()

    def decode(self, value: bytes | None, headers: Headers) -> Message:
        """
        Reads also what was written with a former schema, or in Confluent's wire format, where the headers say so.
        Raises UnknownSchema, or ClientError on bytes that do not decode.
        """
        if not value:
            raise ClientError(f"Expected a {self.name}, got no bytes")
        named = _text(headers, "schema-name")
        if named not in (None, self.name):
            raise UnknownSchema(f"Expected header schema-name to be {self.name}, got {named[:120] if named else named}")
        fingerprinted = (_text(headers, "schema-fingerprint") or self._fingerprint).lower()
        writer = self._writers.get(fingerprinted)
        if writer is None:
            raise UnknownSchema(
                f"Expected header schema-fingerprint to be of a {self.name} that this package has, "
                f"got {fingerprinted[:64]}"
            )
        framed = re.fullmatch(r"application/avro *; *framing=confluent", _text(headers, "content-type") or "", re.I)
        buffer = io.BytesIO(value[_FRAME_BYTES:] if framed else value)
        try:
            message = fastavro.schemaless_reader(buffer, writer, self._schema)
        except Exception as error:  # bytes of anybody's: fastavro raises what it comes upon
            raise ClientError(f"Expected {len(value)} bytes to decode as {self.name}: {error!r}") from None
        if buffer.read(1):
            raise ClientError(f"Expected {len(value)} bytes to decode as {self.name}: some are left over")
        return cast(Message, message)


def _load(file: Traversable) -> dict[str, Any]:
    """A schema without logical types: times stay the numbers that they are, also those that no datetime holds."""
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"), object_hook=_without_logical_type)
    return schema


def _without_logical_type(part: dict[str, Any]) -> Any:
    rest = {name: value for name, value in part.items() if name != "logicalType"}
    return rest["type"] if rest.keys() == {"type"} else rest


def _fingerprint(schema: dict[str, Any]) -> str:
    return str(fingerprint(to_parsing_canonical_form(schema), "SHA-256"))


def _text(headers: Headers, name: str) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("utf-8", "replace")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}…"
