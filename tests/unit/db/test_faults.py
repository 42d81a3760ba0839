"""Errors of the server as ours, where no server says them on demand."""

from __future__ import annotations

import pytest

from maintainer.db import faults
from maintainer.db.conninfo import resolve
from maintainer.errors import ConnectionLostError, PrivilegeError, RowSecurityError

INFO = resolve("postgresql://u:hunter2@h/d", {})
(HOST,) = INFO.hosts


@pytest.mark.parametrize("state", ["57P01", "57P02", "57P03", "08000", "08003", "08006", "25P03"])
def test_the_end_of_a_session_is_a_lost_connection(state):
    """Whatever ended it."""
    assert isinstance(faults.refused(faults.Said(state, "x")), ConnectionLostError)


def test_row_security_is_known_in_every_language():
    """The routine decides; the text only where a pooler dropped the routine."""
    translated = faults.Said("42501", "Anfrage würde beeinflusst", routine="check_enable_rls")
    without = faults.Said("42501", 'query would be affected by row-level security policy for "t"')
    privilege = faults.Said("42501", "permission denied for table t", routine="aclcheck_error")
    check = faults.Said(
        "42501", "new row violates row-level security policy", routine="ExecWithCheckOptions"
    )

    assert type(faults.refused(translated)) is RowSecurityError
    assert type(faults.refused(without)) is RowSecurityError
    assert type(faults.refused(privilege)) is PrivilegeError
    assert type(faults.refused(check)) is PrivilegeError


REASONS = {
    'password authentication failed for user "u"': ("28P01", "password"),
    'no pg_hba.conf entry for host "h"': ("28000", "pg_hba.conf"),
    'database "d" does not exist': ("3D000", "name of the database"),
    "sorry, too many clients already": ("53300", "no free connection"),
    "the database system is starting up": ("57P03", "in a moment"),
    'permission denied for database "d"': ("42501", "CONNECT"),
    "Connection refused": ("", "running"),
    "certificate verify failed": ("", "sslrootcert"),
    "etwas anderes": ("", "check host"),
}


@pytest.mark.parametrize(("reason", "expected"), REASONS.items(), ids=REASONS)
def test_a_failed_connection_has_a_hint(reason, expected):
    """No SQLSTATE comes from libpq here: the text is read, and a general hint is the last resort."""
    error = faults.unconnected(INFO, HOST, f"FATAL:  {reason}\n", "")

    assert (error.sqlstate, expected[1] in error.hint) == (expected[0], True)
    assert error.message.startswith("no connection to h:5432 as user 'u', database 'd': ")
    assert "hunter2" not in error.message + error.hint
