"""The only reader of the environment, and who we are in it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def environ() -> Mapping[str, str]:
    """The environment; everything else is given this mapping."""
    return os.environ


def actor(environment: Mapping[str, str]) -> str:
    """Who acts, for the record: the pod of a CronJob, or user@host."""
    host = environment.get("HOSTNAME") or socket.gethostname()
    if "KUBERNETES_SERVICE_HOST" in environment:
        return f"pod/{host}"
    return f"{_user(environment)}@{host}"


def _user(environment: Mapping[str, str]) -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run under a number that has no name
        return environment.get("USER") or f"uid{os.geteuid()}"
