"""The plan: a value that dry-run prints and run obeys."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from maintainer.plan.facts import Target
from maintainer.plan.steps import Refuse, Skip, Step


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order, and what they were decided from. `made_at` is the database's clock."""

    made_at: dt.datetime
    target: Target
    policy_fingerprint: str
    steps: tuple[Step, ...]

    @property
    def has_work(self) -> bool:
        """Whether a run would change anything or be refused something."""
        return any(not isinstance(step, Skip) for step in self.steps)

    @property
    def refusals(self) -> tuple[Refuse, ...]:
        """The steps that must not be done."""
        return tuple(step for step in self.steps if isinstance(step, Refuse))
