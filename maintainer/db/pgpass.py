"""The password file, read as libpq reads it."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

FIELD = re.compile(r"(?:\\.|[^\\:])*|\\$")
SOCKETS = ("/var/run/postgresql", "/tmp")  # noqa: S108 - where servers put their sockets


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """The lines of a password file, or the reason why it was ignored."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    note: str = ""

    def password(self, host: str, port: int, database: str, user: str) -> str | None:
        """The password of the first line that matches; `*` matches anything."""
        wanted = ("localhost" if host in SOCKETS else host, str(port), database, user)
        for line in self.lines:
            parts = split(line)
            if len(parts) >= len(wanted) + 1 and all(map(_matches, parts, wanted)):
                return _plain(parts[4]) or None
        return None


def read(path: Path) -> PasswordFile:
    """Read a password file; one that others may read is ignored, and the note says so."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return PasswordFile(note=f"{path} is not a plain file and was not read")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            return PasswordFile(
                note=f"{path} may be read by others and was ignored: chmod 600 {path}"
            )
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return PasswordFile()
    except (OSError, UnicodeDecodeError) as exc:
        return PasswordFile(note=f"{path} cannot be read: {exc}")
    return PasswordFile(tuple(line for line in text.splitlines() if not line.startswith("#")))


def split(line: str) -> list[str]:
    """The fields between colons; a backslash keeps a colon or a backslash."""
    parts, at = [], 0
    while match := FIELD.match(line, at):
        parts.append(match[0])
        at = match.end() + 1
        if at > len(line):
            break
    return parts


def _matches(pattern: str, wanted: str) -> bool:
    return pattern == "*" or _plain(pattern) == wanted


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
