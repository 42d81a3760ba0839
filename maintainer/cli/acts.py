"""The acts of the demo, in the order in which they are played."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from maintainer.app import App, Options, RunRequest, StopSignal
from maintainer.app.link import Link
from maintainer.cli import output, signals, talk
from maintainer.cli.call import Call
from maintainer.cli.render import compact, demo, words
from maintainer.cli.render import plan as render_plan
from maintainer.cli.render import report as render_report
from maintainer.cli.render.grid import Page
from maintainer.demo import policies, show
from maintainer.demo.seed import seed
from maintainer.demo.server import Server
from maintainer.errors import MaintainerError
from maintainer.plan import approvals
from maintainer.plan.plan import Plan
from maintainer.policy.model import Database
from maintainer.schedule.clock import SystemClock
from maintainer.schema.apply import apply

if TYPE_CHECKING:
    from maintainer.db.session import Session
    from maintainer.plan.receipts import Report

REASON = "the demo does not wait for the night"
EXACT = "exact"


@dataclass(slots=True)
class Stage:
    """What the acts share: a server, the core on the shipped policy, and a session to look."""

    call: Call
    server: Server
    core: App
    session: Session
    zone: ZoneInfo
    acts: int = field(default=0)

    def begin(self, title: str, *commands: str) -> None:
        """The heading of an act, and what a person would type for it."""
        self.acts += 1
        heading(f"{self.acts}. {title}")
        for command in commands:
            click.echo(f"$ {command}")
        if commands:
            click.echo()
