"""Connection services: named groups of keywords in pg_service.conf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from maintainer.db import keywords
from maintainer.errors import UsageError


def read(service: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The keywords of a service: PGSERVICEFILE or ~/.pg_service.conf, then the system's file.

    Raises UsageError when no file defines it.
    """
    for path in _files(environ):
        if (found := _group(path, service)) is not None:
            return found
    raise UsageError(
        f"no connection service is named {service!r}",
        hint="define it in ~/.pg_service.conf, or name the file in PGSERVICEFILE",
    )


def _files(environ: Mapping[str, str]) -> Iterable[Path]:
    if given := environ.get("PGSERVICEFILE"):
        if not Path(given).is_file():
            raise UsageError(f"PGSERVICEFILE names {given}, which is not there")
        yield Path(given)
    elif home := environ.get("HOME"):
        yield Path(home, ".pg_service.conf")
    yield Path(environ.get("PGSYSCONFDIR") or "/etc/postgresql-common", "pg_service.conf")


def _group(path: Path, service: str) -> dict[str, str] | None:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"the service file {path} cannot be read: {exc}") from exc
    found: dict[str, str] | None = None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line.startswith("["):
            if found is not None:
                break
            found = {} if line == f"[{service}]" else None
        elif found is not None and line and not line.startswith("#"):
            key, value = _pair(line, f"{path}:{number}")
            found.setdefault(key, value)
    return found


def _pair(line: str, where: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals or key in {"service", "servicefile"} or line.startswith("ldap"):
        raise UsageError(f"{where}: a service is defined by lines keyword=value")
    return keywords.checked(key, f"{where}:"), value
