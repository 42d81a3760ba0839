"""A digest of decisions: equal decisions have equal digests, on every machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import cast

from pydantic import SecretStr

Canonical = dict[str, "Canonical"] | list["Canonical"] | str | int | float | bool | None


def of(value: object) -> str:
    """The sha256, in hex, of the canonical JSON of a value; secrets are left out."""
    text = json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(value: object) -> Canonical:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _canonical(part) for key, part in value.items()}
        case list() | tuple():
            return [_canonical(part) for part in value]
        case dt.date() | dt.time() | dt.timedelta():
            return str(value)
        case _:
            return _fields(value)


def _fields(value: object) -> Canonical:
    if isinstance(value, SecretStr):
        return None
    fields = dataclasses.fields(cast("type", value))
    return {part.name: _canonical(getattr(value, part.name)) for part in fields}
