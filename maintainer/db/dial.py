"""Sockets for pg8000: TCP or unix, keepalive, TLS as sslmode says, and the cancel request."""

from __future__ import annotations

import dataclasses
import socket
import struct
from contextlib import suppress

from maintainer.db import tls
from maintainer.db.conninfo import ConnInfo, Host
from maintainer.db.wire import Wire, WireError

TLS_REQUEST = struct.pack("!II", 8, 80877103)
CANCEL_CODE = 80877102
OPTIONS = {
    "keepalives_idle": "TCP_KEEPIDLE",
    "keepalives_interval": "TCP_KEEPINTVL",
    "keepalives_count": "TCP_KEEPCNT",
    "tcp_user_timeout": "TCP_USER_TIMEOUT",
}


def dial(conninfo: ConnInfo, host: Host, *, encrypted: bool | None) -> Wire:
    """Connect to one host: without TLS, with it, or (None) as the server likes.

    Raises WireError, or OSError (ssl.SSLError is one) from the network, TLS or a certificate file.
    """
    timeout = conninfo.connect_timeout if conninfo.connect_timeout > 0 else None
    made = _connect(conninfo, host, timeout)
    try:
        if encrypted is not False and not host.is_socket:
            made = _encrypt(made, conninfo, host, must=bool(encrypted))
        return Wire(made, timeout)
    except BaseException:
        made.close()
        raise


def send_cancel(
    conninfo: ConnInfo, host: Host, peer: tuple[str, bool], key: bytes, seconds: int
) -> None:
    """Ask the server at `peer` (address, encrypted) to cancel what the owner of `key` runs.

    Raises WireError or OSError when the request could not be delivered.
    """
    address, encrypted = peer
    brief = dataclasses.replace(conninfo, connect_timeout=seconds)
    place = dataclasses.replace(host, address=address)
    other = dial(brief, place, encrypted=encrypted)
    try:
        other.write(struct.pack("!II", 8 + len(key), CANCEL_CODE) + key)
        other.flush()
        with suppress(WireError):  # the server answers by closing
            other.read(1)
    finally:
        other.close()


def _connect(conninfo: ConnInfo, host: Host, timeout: float | None) -> socket.socket:
    if host.is_socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(timeout)
        try:
            made.connect(_socket_path(host))
        except BaseException:
            made.close()
            raise
        return made
    made = socket.create_connection((host.address or host.name, host.port), timeout)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _keep_alive(made, conninfo.keepalive())
    return made


def _socket_path(host: Host) -> str:
    path = f"{host.name}/.s.PGSQL.{host.port}"
    return "\0" + path[1:] if path.startswith("@") else path


def _keep_alive(made: socket.socket, wanted: dict[str, int]) -> None:
    if not wanted["keepalives"]:
        return
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for key, option in OPTIONS.items():
        if hasattr(socket, option) and wanted[key] > 0:
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), wanted[key])


def _encrypt(plain: socket.socket, conninfo: ConnInfo, host: Host, *, must: bool) -> socket.socket:
    context = tls.context(conninfo.tls)
    plain.sendall(TLS_REQUEST)
    answer = plain.recv(1)
    if answer == b"S":
        return context.wrap_socket(plain, server_hostname=host.name)
    if answer == b"N" and not must:
        return plain
    if answer == b"N":
        raise WireError(f"the server does not offer TLS, and sslmode={conninfo.tls.mode} wants it")
    raise WireError("the server did not answer the request for TLS; is it PostgreSQL?")
