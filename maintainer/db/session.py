"""What a database session can do, whichever driver is behind it."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from maintainer.names import Fragment

Value = (
    None | bool | int | str | float | decimal.Decimal | dt.datetime | dt.date | bytes | uuid.UUID
)
Param = Value | Sequence[int] | Sequence[str]
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement answered: its command tag without numbers, and their last (-1: none)."""

    columns: tuple[str, ...]
    rows: list[Row]
    tag: str
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A message the server sent beside the answer."""

    severity: str
    sqlstate: str
    message: str


class Session(Protocol):
    """One connection, in autocommit unless inside `transaction()`.

    Timestamps, numbers and text travel as `Value`; anything else must be cast to text in the
    statement. Every method raises `maintainer.errors.DatabaseError` or one of its children.
    """

    @property
    def driver(self) -> str:
        """`psycopg` or `pg8000`."""

    @property
    def pid(self) -> int:
        """Process id of the backend."""

    @property
    def server_version(self) -> int:
        """As server_version_num: 150018 for 15.18."""

    @property
    def closed(self) -> bool:
        """Whether the session is known to be gone."""

    def execute(self, statement: Fragment, params: Sequence[Param] = ()) -> Result:
        """Run one statement; `$1`, `$2` … take `params`."""

    def copy_out(self, statement: Fragment, sink: Callable[[bytes], object]) -> int:
        """Stream COPY … TO STDOUT into `sink` as it arrives; the number of rows in the command tag.

        An exception in `sink` cancels the statement on the server and is raised again.
        """

    def copy_in(self, statement: Fragment, chunks: Iterable[bytes]) -> int:
        """Stream COPY … FROM STDIN; the number of rows in the command tag."""

    def transaction(self, *, read_only: bool = False) -> AbstractContextManager[None]:
        """BEGIN ISOLATION LEVEL READ COMMITTED (READ WRITE | READ ONLY) … COMMIT or ROLLBACK.

        `ConnectionLostError` out of the end of the block means that the COMMIT is in doubt.
        """

    def cancel(self) -> None:
        """Cancel what runs now; safe from another thread and from a signal handler's thread."""

    def drain_notices(self) -> list[Notice]:
        """The notices since the last call, oldest first, none lost."""

    def close(self) -> None:
        """End the session; a session that is already gone is no error."""
