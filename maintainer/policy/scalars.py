"""The plain scalars of YAML's core: null, true, false and numbers; the rest is text."""

from __future__ import annotations

import re

NULL = re.compile(r"null|Null|NULL|~|")
TRUE = re.compile(r"true|True|TRUE")
FALSE = re.compile(r"false|False|FALSE")
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
LONGEST_NUMBER = 40


def resolve(text: str) -> bool | int | float | str | None:
    """What an unquoted scalar means. `NO`, `on`, `22:00` and `013` stay what was typed."""
    if NULL.fullmatch(text):
        return None
    if TRUE.fullmatch(text) or FALSE.fullmatch(text):
        return bool(TRUE.fullmatch(text))
    return text if len(text) > LONGEST_NUMBER else _number(text)


def _number(text: str) -> int | float | str:
    if INTEGER.fullmatch(text):
        return int(text)
    if BASED.fullmatch(text):
        return int(text, 0)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text
