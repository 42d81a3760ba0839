"""Where to connect and as whom, resolved once from DSN, service, environment and files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maintainer.db import keywords, pgpass, service_file
from maintainer.errors import UsageError

CHOICES: Mapping[str, tuple[str, ...]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": (
        *("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    ),
    "channel_binding": ("disable", "prefer", "require"),
}
HOME_FILES = {
    "sslrootcert": "root.crt",
    "sslcert": "postgresql.crt",
    "sslkey": "postgresql.key",
    "sslcrl": "root.crl",
}
CONNECT_TIMEOUT = 15
# tcp_user_timeout counts a full buffer too: longer than the longest pause of a reader
KEEPALIVE: Mapping[str, int] = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 600_000,
}
MODELLED = frozenset(
    {*CHOICES, *HOME_FILES, "sslpassword", "host", "hostaddr", "port", "dbname", "user"}
    | {"password", "passfile", "service", "options", "application_name", "connect_timeout"}
)


@dataclass(frozen=True, slots=True)
class Host:
    """One server to try: a name, an address, or the folder of a unix socket."""

    name: str
    port: int
    address: str = ""
    password: str | None = field(default=None, repr=False)

    @property
    def is_socket(self) -> bool:
        """Whether this is a unix socket."""
        return self.name.startswith(("/", "@"))

    @property
    def shown(self) -> str:
        """For people."""
        return f"{self.name}/.s.PGSQL.{self.port}" if self.is_socket else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Tls:
    """How the connection is encrypted and whose certificate is trusted; "" is no such file."""

    mode: str = "prefer"
    root: str = ""
    cert: str = ""
    key: str = ""
    crl: str = ""
    key_password: str = field(default="", repr=False)

    @property
    def verifies(self) -> bool:
        """Whether the server's certificate is checked: always where an authority is known."""
        return bool(self.root) or self.mode.startswith("verify")


@dataclass(frozen=True, slots=True)
class ConnInfo:
    """All that a driver needs; no password in its repr."""

    hosts: tuple[Host, ...]
    database: str
    user: str
    tls: Tls = Tls()
    connect_timeout: int = CONNECT_TIMEOUT
    target_session_attrs: str = "any"
    channel_binding: str = "prefer"
    options: str = ""
    application_name: str = ""
    rest: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def keepalive(self) -> dict[str, int]:
        """How a dead connection is noticed; seconds, and tcp_user_timeout in milliseconds."""
        given = dict(self.rest)
        return {key: _whole(given, key, default) for key, default in KEEPALIVE.items()}

    @property
    def shown(self) -> str:
        """For people: a URL without the password."""
        hosts = ",".join(host.shown for host in self.hosts)
        return f"postgresql://{self.user}@{hosts}/{self.database}"


def resolve(dsn: str | None, environ: Mapping[str, str]) -> ConnInfo:
    """Resolve as libpq does: DSN, then its service, then PG* variables, then defaults.

    `dsn` is a URL, a key=value string, or None for the environment alone. Raises UsageError.
    """
    given = {key: value for key, value in _given(dsn, environ).items() if value}
    for key, choices in CHOICES.items():
        if given.get(key, choices[0]) not in choices:
            raise UsageError(f"{key} cannot be {given[key]!r}", hint="one of " + ", ".join(choices))
    user = given.get("user") or _account()
    database = given.get("dbname") or user
    passwords = _password_file(given, environ)
    return ConnInfo(
        hosts=_hosts(given, database, user, passwords),
        database=database,
        user=user,
        tls=_tls(given, environ),
        connect_timeout=_whole(given, "connect_timeout", CONNECT_TIMEOUT),
        target_session_attrs=given.get("target_session_attrs", "any"),
        channel_binding=given.get("channel_binding", "prefer"),
        options=given.get("options", ""),
        application_name=given.get("application_name", ""),
        rest=tuple(sorted((k, v) for k, v in given.items() if k not in MODELLED)),
        note="" if given.get("password") else passwords.note,
    )


def _given(dsn: str | None, environ: Mapping[str, str]) -> dict[str, str]:
    own = keywords.read(dsn) if dsn else {}
    service = own.get("service") or environ.get("PGSERVICE")
    shared = service_file.read(service, environ) if service else {}
    variables = {
        key: environ[variable]
        for key, variable in keywords.VARIABLES.items()
        if variable in environ
    }
    return {**variables, **shared, **own}


def _hosts(
    given: Mapping[str, str], database: str, user: str, passwords: pgpass.PasswordFile
) -> tuple[Host, ...]:
    addresses = given.get("hostaddr", "").split(",")
    names = given["host"].split(",") if "host" in given else [""] * len(addresses)
    if "hostaddr" not in given:
        addresses = [""] * len(names)
    ports = given.get("port", "").split(",")
    ports = ports * len(names) if len(ports) == 1 else ports
    if not len(names) == len(addresses) == len(ports):
        raise UsageError(
            f"{len(names)} hosts, {len(addresses)} addresses and {len(ports)} ports do not match",
            hint="give one port for all hosts, or one for each",
        )
    hosts = []
    for name, address, text in zip(names, addresses, ports, strict=True):
        port = _port(text)
        place = name or address or _local(port)
        password = given.get("password") or passwords.password(place, port, database, user)
        hosts.append(Host(place, port, address, password))
    return tuple(hosts)


def _port(text: str) -> int:
    if not text:
        return 5432
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 16:
        raise UsageError("the port is not a number between 1 and 65535", hint="such as 5432")
    return int(text)


def _local(port: int) -> str:
    """Without a host: the unix socket where there is one, else this machine over TCP."""
    for folder in pgpass.SOCKETS:
        if Path(folder, f".s.PGSQL.{port}").exists():
            return folder
    return "localhost"


def _tls(given: Mapping[str, str], environ: Mapping[str, str]) -> Tls:
    files = {key: given.get(key) or _home_file(name, environ) for key, name in HOME_FILES.items()}
    system = files["sslrootcert"] == "system"
    mode = given.get("sslmode") or ("verify-full" if system else "prefer")
    if system and mode != "verify-full":
        raise UsageError(f"sslmode={mode} is too weak for sslrootcert=system", hint="verify-full")
    wanted = mode.startswith("verify") or "sslrootcert" in given
    if wanted and not system and not Path(files["sslrootcert"]).is_file():
        raise UsageError(
            f"sslmode={mode} needs the certificate of an authority to trust, "
            f"and {files['sslrootcert'] or '~/.postgresql/root.crt'} is not there",
            hint="name its file in sslrootcert (PGSSLROOTCERT), or sslrootcert=system",
        )
    return Tls(
        mode=mode,
        root=files["sslrootcert"],
        cert=files["sslcert"],
        key=files["sslkey"],
        crl=files["sslcrl"],
        key_password=given.get("sslpassword", ""),
    )


def _home_file(name: str, environ: Mapping[str, str]) -> str:
    path = Path(environ.get("HOME", "/nonexistent"), ".postgresql", name)
    return str(path) if path.is_file() else ""


def _password_file(given: Mapping[str, str], environ: Mapping[str, str]) -> pgpass.PasswordFile:
    if given.get("password"):
        return pgpass.PasswordFile()
    if path := given.get("passfile"):
        return pgpass.read(Path(path))
    return (
        pgpass.read(Path(environ["HOME"], ".pgpass"))
        if "HOME" in environ
        else pgpass.PasswordFile()
    )


def _account() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as exc:
        raise UsageError(
            "the name to connect as is not known", hint="give user=… in the DSN, or PGUSER"
        ) from exc


def _whole(given: Mapping[str, str], key: str, default: int) -> int:
    try:
        return int(given.get(key, default))
    except ValueError as exc:
        raise UsageError(f"{key} is not a whole number", hint="such as 10") from exc
