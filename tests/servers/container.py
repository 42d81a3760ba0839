"""A server in a container, where a Docker engine answers and nothing nearer was found."""

from __future__ import annotations

import secrets
from contextlib import closing

from tests.servers.server import NoServerError, Server

VERSION = 18
SETTINGS = ("wal_level=logical", "max_connections=200", "max_prepared_transactions=10")


def engine_answers() -> bool:
    """Whether there is a Docker engine to start a container with."""
    import docker

    try:
        with closing(docker.from_env()) as client:
            return bool(client.ping())
    except docker.errors.DockerException:
        return False


def start() -> Server:
    """Start the official image; `stop` ends it."""
    from testcontainers.community.postgres import PostgresContainer

    password = secrets.token_urlsafe(12)
    try:
        box = PostgresContainer(
            f"postgres:{VERSION}",
            username="postgres",
            password=password,
            dbname="postgres",
            driver=None,
        )
        box.with_command(["postgres", *(part for pair in SETTINGS for part in ("-c", pair))])
        box.start()
    except Exception as exc:
        raise NoServerError(f"the container of PostgreSQL {VERSION} did not start: {exc}") from exc
    return Server(
        version=VERSION,
        host=box.get_container_host_ip(),
        port=int(box.get_exposed_port(5432)),
        superuser="postgres",
        password=password,
        source="a container",
        container=box.get_wrapped_container().id,
    )


def stop(identity: str) -> None:
    """Remove a container and what it held; one that is gone is no error."""
    import docker

    with closing(docker.from_env()) as client:
        try:
            client.containers.get(identity).remove(force=True, v=True)
        except docker.errors.NotFound:
            return
