"""The connection keywords of libpq, their variables, and the two texts that hold them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from maintainer.errors import UsageError

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "application_name": "PGAPPNAME",
        "channel_binding": "PGCHANNELBINDING",
        "client_encoding": "PGCLIENTENCODING",
        "connect_timeout": "PGCONNECT_TIMEOUT",
        "dbname": "PGDATABASE",
        "fallback_application_name": "",
        "gssdelegation": "PGGSSDELEGATION",
        "gssencmode": "PGGSSENCMODE",
        "gsslib": "PGGSSLIB",
        "host": "PGHOST",
        "hostaddr": "PGHOSTADDR",
        "keepalives": "",
        "keepalives_count": "",
        "keepalives_idle": "",
        "keepalives_interval": "",
        "krbsrvname": "PGKRBSRVNAME",
        "load_balance_hosts": "PGLOADBALANCEHOSTS",
        "max_protocol_version": "PGMAXPROTOCOLVERSION",
        "min_protocol_version": "PGMINPROTOCOLVERSION",
        "options": "PGOPTIONS",
        "passfile": "PGPASSFILE",
        "password": "PGPASSWORD",
        "port": "PGPORT",
        "require_auth": "PGREQUIREAUTH",
        "requirepeer": "PGREQUIREPEER",
        "service": "PGSERVICE",
        "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
        "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
        "sslcert": "PGSSLCERT",
        "sslcertmode": "PGSSLCERTMODE",
        "sslcompression": "PGSSLCOMPRESSION",
        "sslcrl": "PGSSLCRL",
        "sslcrldir": "PGSSLCRLDIR",
        "sslkey": "PGSSLKEY",
        "sslmode": "PGSSLMODE",
        "sslnegotiation": "PGSSLNEGOTIATION",
        "sslpassword": "",
        "sslrootcert": "PGSSLROOTCERT",
        "sslsni": "PGSSLSNI",
        "target_session_attrs": "PGTARGETSESSIONATTRS",
        "tcp_user_timeout": "",
        "user": "PGUSER",
    }
)

SCHEME = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*)://")
PAIR = re.compile(
    r"\s*(?P<key>[^\s=']+)\s*=\s*(?:'(?P<quoted>(?:\\.|[^\\'])*)'(?=\s|$)|(?P<bare>(?:\\.|[^\s\\'])*)(?=\s|$))",
    re.DOTALL,
)
USERINFO = re.compile(r"(?P<userinfo>[^@/]*)@")
PLACE = re.compile(r"(?P<host>\[[^\]]*\]|[^:/?,]*)(?::(?P<port>[^/?,]*))?")


def read(dsn: str) -> dict[str, str]:
    """The keywords of a URL or a key=value string; its mistakes never repeat a value.

    Raises UsageError.
    """
    scheme = SCHEME.match(dsn)
    if scheme is None:
        return _pairs(dsn)
    if scheme["scheme"] not in {"postgres", "postgresql"}:
        raise UsageError(
            f"a database URL cannot begin with {scheme['scheme']}://",
            hint="write postgresql://user@host:port/database",
        )
    return _url(dsn[scheme.end() :])


def checked(key: str, where: str) -> str:
    """A keyword that exists. Raises UsageError with a suggestion."""
    if key in VARIABLES:
        return key
    near = difflib.get_close_matches(key, VARIABLES, n=1)
    hint = f"did you mean {near[0]}?" if near else "remove it; the keywords are those of libpq"
    raise UsageError(f"{where} has no parameter {key!r}", hint=hint)


def _pairs(dsn: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    text = dsn.rstrip()
    while at < len(text):
        pair = PAIR.match(text, at)
        if pair is None:
            raise UsageError(
                f"the connection string cannot be read from character {_next(text, at)} on",
                hint="write host=… dbname=… user=…, with 'single quotes' round a value with "
                "spaces, or a URL such as postgresql://user@host/database",
            )
        key = checked(pair["key"], "a connection string")
        value = pair["quoted"] or pair["bare"] or ""
        found[key] = re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        at = pair.end()
    return found


def _next(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip()) + 1


def _url(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if credentials := USERINFO.match(rest):
        user, colon, password = credentials["userinfo"].partition(":")
        found |= {"user": _decoded(user)} if user else {}
        found |= {"password": _decoded(password)} if colon else {}
        rest = rest[credentials.end() :]
    places, rest = _places(rest)
    path, _, query = rest.removeprefix("/").partition("?")
    if "@" in path or any("@" in value for value in places.values()):
        raise UsageError(
            "the user or the password in the database URL holds a character that ends it",
            hint="write @ as %40, / as %2F and : as %3A",
        )
    found |= {key: value for key, value in places.items() if value.strip(",")}
    found |= {"dbname": _decoded(path)} if path else {}
    return found | _query(query)


def _places(rest: str) -> tuple[dict[str, str], str]:
    hosts, ports = [], []
    while True:
        place = PLACE.match(rest)
        assert place is not None  # noqa: S101 - the pattern matches the empty string
        host = place["host"]
        hosts.append(host[1:-1] if host.startswith("[") else _decoded(host))
        ports.append(_decoded(place["port"] or ""))
        rest = rest[place.end() :]
        if not rest.startswith(","):
            break
        rest = rest[1:]
    if rest and rest[0] not in "/?":
        raise UsageError(
            "the host part of the database URL cannot be read",
            hint="write postgresql://user@host:port/database, an IPv6 address in [brackets]",
        )
    return {"host": ",".join(hosts), "port": ",".join(ports)}, rest


def _query(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        key, equals, value = part.partition("=")
        if not equals or "=" in value:
            raise UsageError("a parameter of the database URL is not written key=value")
        if (key, value) == ("ssl", "true"):
            key, value = "sslmode", "require"
        found[checked(_decoded(key), "a database URL")] = _decoded(value)
    return found


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text) or "%00" in text:
        raise UsageError(
            "the database URL holds a % that is not followed by two hexadecimal digits",
            hint="write % as %25",
        )
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise UsageError("the database URL is not UTF-8 when decoded") from exc
