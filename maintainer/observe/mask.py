"""Secrets leave text before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"

IN_URL = re.compile(r"(://[^\s:/@]*:)[^\s/]+@")
NAMED = re.compile(
    r"(?P<name>\w*(?:password|passwd|passphrase|secret|api_?key|access_?key))"
    r"(?P<sign>['\"]?\s*[=:]\s*)(?P<value>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s&,;'\"]+)",
    re.IGNORECASE,
)
SECRET = re.compile(r"password|passwd|passphrase|secret|credential|api_?key|token", re.IGNORECASE)


def text(said: str) -> str:
    """The same text with `***` for every password in a URL or behind `password=` and its like."""
    return NAMED.sub(rf"\g<name>\g<sign>{MASK}", IN_URL.sub(rf"\g<1>{MASK}@", said))


def value(name: str, said: object) -> object:
    """The value of a field, masked as a whole when its name says that it is a secret."""
    if SECRET.search(name) and said is not None:
        return MASK
    match said:
        case str():
            return text(said)
        case Mapping():
            return {str(key): value(str(key), item) for key, item in said.items()}
        case list() | tuple():
            return [value(name, item) for item in said]
        case BaseException():
            return text(str(said))
    return said
