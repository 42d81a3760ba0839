"""What can go wrong, said for people."""

from __future__ import annotations

import inspect
import pickle

import pytest

from maintainer import errors

CODES = {
    "MaintainerError": 1,
    "UsageError": 2,
    "PolicyError": 2,
    "RefusedError": 3,
    "TableChangedError": 1,
    "LockHeldError": 4,
    "UnreachableError": 5,
    "VerificationError": 6,
    "DatabaseError": 1,
    "ConnectionFailedError": 5,
    "ConnectionLostError": 5,
    "PrivilegeError": 3,
    "RowSecurityError": 3,
    "ReadOnlyError": 3,
    "MissingObjectError": 1,
    "LockTimeoutError": 1,
    "ConflictError": 1,
    "CancelledError": 1,
    "ServerResourceError": 5,
}
CLASSES = dict(inspect.getmembers(errors, inspect.isclass))


def test_every_error_has_the_exit_code_of_the_table() -> None:
    """The codes are documented and only ever added to."""
    assert {name: kind.exit_code for name, kind in CLASSES.items()} == CODES


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_every_error_says_what_is_wrong_and_what_to_do(kind: type[errors.MaintainerError]) -> None:
    """Both are plain text; the message is what str() says."""
    error = kind("what is wrong", hint="what to do")

    assert (str(error), error.message, error.hint) == (
        "what is wrong",
        "what is wrong",
        "what to do",
    )
    assert kind("alone").hint == ""
    assert kind.__doc__


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_every_error_is_one_that_people_can_act_on(kind: type[Exception]) -> None:
    """The command line catches one class, and an error of the server is told by another."""
    assert issubclass(kind, errors.MaintainerError)
    assert kind.__name__.endswith("Error")


def test_an_error_of_the_server_keeps_its_sqlstate_and_detail() -> None:
    """For whoever looks closer."""
    error = errors.LockTimeoutError(
        "somebody waits", sqlstate="55P03", detail="relation t", hint="h"
    )

    assert isinstance(error, errors.DatabaseError)
    assert (error.sqlstate, error.detail, error.hint) == ("55P03", "relation t", "h")
    assert errors.DatabaseError("plain").sqlstate == ""


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_an_error_survives_a_process_border(kind: type[errors.MaintainerError]) -> None:
    """It holds strings and no objects of ours."""
    error = pickle.loads(pickle.dumps(kind("wrong", hint="do this")))  # noqa: S301 - our own bytes

    assert (str(error), error.hint) == ("wrong", "do this")
