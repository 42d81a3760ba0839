"""The one place where an error becomes words on stderr and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import click

from maintainer.cli.call import Call
from maintainer.errors import MaintainerError, UsageError

CLOSED, BUG, INTERRUPTED = 1, 70, 130
GLOBAL = {"--policy", "--dsn", "--driver", "-o", "--output", "--log-format", "-q", "-v"}


@contextlib.contextmanager
def answered(call: Call) -> Iterator[None]:
    """Answer whatever comes out of the block; it leaves by SystemExit."""
    try:
        yield
    except BrokenPipeError:
        _abandon_stdout()
        sys.exit(CLOSED)
    except (KeyboardInterrupt, click.Abort):
        _tell(call, "interrupted")
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        _tell(call, error.format_message(), hint=_usage_hint(error))
        sys.exit(error.exit_code)
    except MaintainerError as error:
        _tell(call, str(error), detail=getattr(error, "detail", ""), hint=error.hint)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the last door: no traceback reaches a user
        _tell(call, _bug(error), hint=_written(error))
        sys.exit(BUG)


def refuse_secret(dsn: str) -> None:
    """Raise UsageError when a DSN from the command line holds a password."""
    from maintainer.observe import mask

    if mask.text(dsn) != dsn:
        raise UsageError(
            "--dsn holds a password, which everybody on this machine can read in the process list",
            hint="put the DSN into MAINTAINER_DSN, or the password into PGPASSWORD or ~/.pgpass",
        )


def _tell(call: Call, message: str, *, detail: str = "", hint: str = "") -> None:
    from maintainer.observe import mask

    said = {"error": message, "detail": detail, "hint": hint}
    masked = {name: mask.text(text) for name, text in said.items() if text}
    with contextlib.suppress(OSError):  # nobody reads; the exit code still tells
        click.echo(_as_json(masked) if call.log_format == "json" else _as_text(masked), err=True)


def _as_text(said: dict[str, str]) -> str:
    return "\n".join(
        f"{name}: " + text.strip().replace("\n", "\n" + " " * (len(name) + 2))
        for name, text in said.items()
    )


def _as_json(said: dict[str, str]) -> str:
    import json

    return json.dumps({"level": "error", "event": "command.failed"} | said, ensure_ascii=False)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    if getattr(error, "option_name", None) in GLOBAL and context and context.parent:
        option = getattr(error, "option_name", "")
        return f"write it before the command: `maintainer {option} … {context.info_name}`"
    return f"see `{context.command_path} --help`" if context else ""


def _bug(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"this is a bug in maintainer: {type(error).__name__}{first and ': '}{first}"


def _written(error: Exception) -> str:
    """Write the traceback where only this user can read it, and say where."""
    import tempfile
    import traceback

    from maintainer.observe import mask

    try:
        place, path = tempfile.mkstemp(prefix="maintainer-", suffix=".txt")
        with os.fdopen(place, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(mask.text("".join(traceback.format_exception(error))))
    except OSError as exc:
        return f"the details could not be written: {exc}"
    return f"the details are in {path}; please report them"


def _abandon_stdout() -> None:
    """Keep the interpreter from complaining about a closed pipe at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
