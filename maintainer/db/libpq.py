"""A ConnInfo in libpq's words, complete, so that libpq looks nothing up behind our back."""

from __future__ import annotations

from maintainer.db.conninfo import ConnInfo, Host

NO_FILE = "/dev/null/none"
NOT_PASSED = frozenset({"client_encoding", "fallback_application_name", "load_balance_hosts"})


def words(conninfo: ConnInfo, host: Host, application_name: str) -> dict[str, str | int | None]:
    """The keywords for one host; None is a keyword that is left out."""
    rest = {key: value for key, value in conninfo.rest if key not in NOT_PASSED}
    return {
        **conninfo.keepalive(),
        **rest,
        **_tls(conninfo),
        "host": host.name,
        "hostaddr": host.address or "",  # left out, PGHOSTADDR of the process would count
        "port": host.port,
        "dbname": conninfo.database,
        "user": conninfo.user,
        "password": host.password or "",
        "passfile": NO_FILE,
        "connect_timeout": conninfo.connect_timeout,
        "application_name": application_name,
        "options": conninfo.options,
        "channel_binding": conninfo.channel_binding,
        "target_session_attrs": "any",  # judged by us, the same for both drivers
    }


def _tls(conninfo: ConnInfo) -> dict[str, str | int | None]:
    tls = conninfo.tls
    return {
        "sslmode": tls.mode,
        "sslrootcert": tls.root or NO_FILE,
        "sslcert": tls.cert or NO_FILE,
        "sslkey": tls.key or None,
        "sslcrl": tls.crl or NO_FILE,
        "sslpassword": tls.key_password or None,
    }
