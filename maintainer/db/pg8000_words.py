"""A ConnInfo in pg8000's words, and what pg8000 cannot do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maintainer.db.conninfo import KEEPALIVE, ConnInfo, Host
from maintainer.errors import UsageError

# what changes nothing here, with the values for which that is so; an empty tuple is any value
HARMLESS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(KEEPALIVE, ()),
    "client_encoding": (),
    "fallback_application_name": (),
    "gssdelegation": ("0",),
    "gssencmode": ("disable", "prefer"),
    "gsslib": (),
    "krbsrvname": (),
    "load_balance_hosts": ("disable",),
    "max_protocol_version": (),
    "min_protocol_version": ("3.0",),
    "ssl_min_protocol_version": ("TLSv1", "TLSv1.1", "TLSv1.2"),
    "sslcertmode": ("allow",),
    "sslcompression": (),
    "sslnegotiation": ("postgres",),
    "sslsni": ("1",),
}


def check(conninfo: ConnInfo) -> None:
    """Refuse what would be ignored in silence. Raises UsageError."""
    for key, value in conninfo.rest:
        allowed = HARMLESS.get(key)
        if allowed is None or (allowed and value not in allowed):
            raise UsageError(
                f"the driver pg8000 does not know {key}={value}",
                hint="remove it, or use the driver psycopg: pip install 'maintainer[binary]'",
            )


def attempts(conninfo: ConnInfo, host: Host) -> tuple[bool | None, ...]:
    """Without TLS (False), with it (True), or as the server likes (None), in order."""
    if host.is_socket:
        return (False,)
    by_mode = {"disable": (False,), "allow": (False, True), "prefer": (None, False)}
    return by_mode.get(conninfo.tls.mode, (True,))


def startup(conninfo: ConnInfo, host: Host, application_name: str) -> dict[str, object]:
    """Arguments of CoreConnection beside the socket; no `options` unless the DSN has them."""
    return {
        "user": conninfo.user,
        "database": conninfo.database,
        "password": host.password,
        "application_name": application_name,
        "startup_params": {"options": conninfo.options} if conninfo.options else {},
    }


def server_version(text: str) -> int:
    """`15.18 (Debian …)` is 150018, `19beta1` is 190000."""
    major, minor = re.match(r"(\d+)(?:\.(\d+))?", text + " 0").groups(default="0")  # type: ignore[union-attr]  # ends in a digit
    return int(major) * 10000 + int(minor)
