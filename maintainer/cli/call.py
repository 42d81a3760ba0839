"""What was asked before the command's name."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maintainer.app import App

DEFAULT_POLICY = Path("policies")


@dataclass(slots=True)
class Call:
    """The options every command shares; `flags` repeats those that choose policy and database.

    It starts with its defaults and is filled when click has read the options, so that an error
    in reading them is already told by it.
    """

    policy: tuple[Path, ...] = (DEFAULT_POLICY,)
    dsn: str | None = None
    driver: str | None = None
    output: str = "table"
    log_format: str = "auto"
    quiet: bool = False
    verbose: bool = False
    flags: tuple[str, ...] = field(default=())

    @property
    def wants_json(self) -> bool:
        """Whether stdout is for a machine."""
        return self.output == "json"

    @property
    def logs_json(self) -> bool:
        """Whether stderr is for a machine: by wish, or because no person sees it."""
        return self.log_format == "json" or (self.log_format == "auto" and not sys.stderr.isatty())

    def app(self) -> App:
        """The core, for use in a `with` block."""
        from maintainer import app, settings
        from maintainer.schedule.clock import SystemClock

        options = app.Options(self.policy, self.dsn, self.driver)
        return app.App(options, settings.environ(), SystemClock())

    def command(self, *words: str) -> str:
        """A command line that means the same policy and the same database as this one."""
        from shlex import join

        return join(["maintainer", *self.flags, *words])
