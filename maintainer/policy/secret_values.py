"""Values from outside the policy: `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from maintainer.policy.nodes import Mapping as Entries
from maintainer.policy.nodes import Scalar, scalars
from maintainer.policy.place import Fault

SECTIONS = ("database", "archive")
REFERENCE = re.compile(r"\$\{(?P<kind>\w+):(?P<name>[^{}:]+)(?P<default>:-[^{}]*)?\}")
OPENING = re.compile(r"\$\{")
MOST_BYTES = 1 << 16
EXPECTED = "write ${env:NAME}, ${env:NAME:-default} or ${file:/path}"

LITERAL_PASSWORD = re.compile(
    r"//[^/?#@\s:]*:(?!\d+/)(?P<user>.*)@"
    r"|(?:^|[?&\s])(?:ssl)?password\s*=\s*(?P<word>'(?:[^'\\]|\\.)*'|[^\s&#]*)",
    re.IGNORECASE | re.DOTALL,
)
UNKNOWN = "\ufffc"  # stands for a value that comes from outside


def fill(root: Entries, environ: Mapping[str, str]) -> Iterator[Fault]:
    """Replace the references in `database:` and `archive:`; find those that stand elsewhere."""
    for section, node in root.entries.items():
        for path, scalar in scalars(node):
            if not isinstance(scalar.value, str):
                continue
            if section in SECTIONS:
                yield from _fill_one(scalar, (section, *path), environ)
            elif REFERENCE.search(scalar.text):
                message = "only the values of database: and archive: may come from outside"
                yield Fault(scalar.place, (section, *path), message)


def _fill_one(scalar: Scalar, path: tuple[str, ...], environ: Mapping[str, str]) -> Iterator[Fault]:
    written = scalar.text  # not its value: an alias comes here twice
    if path[-1] == "dsn":
        scalar.secret = True
        if _has_password(written):
            hint = "write ${env:DATABASE_URL} or ${file:/path/to/dsn}, or use a pgpass file"
            yield Fault(scalar.place, path, f"a password stands in the policy; {hint}")
    if not OPENING.search(written):
        return
    scalar.secret = True
    try:
        scalar.value = _resolved(written, environ)
    except ValueError as exc:
        scalar.value = None
        yield Fault(scalar.place, path, str(exc))


def _resolved(written: str, environ: Mapping[str, str]) -> str:
    if OPENING.search(REFERENCE.sub("", written)):
        raise ValueError(f"a reference is not complete; {EXPECTED}")
    return REFERENCE.sub(lambda match: _outside(match, environ), written)


def _outside(match: re.Match[str], environ: Mapping[str, str]) -> str:
    kind, name, default = match["kind"], match["name"], match["default"]
    if kind == "file" and default is None:
        return _file(Path(name))
    if kind != "env":
        raise ValueError(f"${{{kind}:…}} is not known; {EXPECTED}")
    if value := environ.get(name, ""):
        return value
    if default is None:
        hint = f"set it, or write ${{env:{name}:-default}}"
        raise ValueError(f"the environment variable {name} is not set; {hint}")
    return default[2:]


def _file(path: Path) -> str:
    """The text of a file, without the end of its last line."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8")
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not text in UTF-8"
        raise ValueError(
            f"{path} cannot be read ({why}); check the path and who may read it"
        ) from None
    if len(raw) > MOST_BYTES or "\0" in text:
        raise ValueError(f"{path} does not hold a value; it is too long or binary")
    return text.rstrip("\r\n")


def _has_password(written: str) -> bool:
    """Whether a connection string holds a password that is not a reference, defaults included."""
    literal = REFERENCE.sub(lambda match: (match["default"] or ":-" + UNKNOWN)[2:], written)
    return any(
        (match["user"] or match["word"] or "").strip("'" + UNKNOWN)
        for match in LITERAL_PASSWORD.finditer(literal)
    )
