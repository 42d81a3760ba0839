"""What happened: the only thing observers and the record see of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from maintainer.plan.steps import Step


class Outcome(StrEnum):
    """How a step, or a part of it, ended."""

    DONE = "done"
    PROGRESS = "progress"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    INEFFECTIVE = "ineffective"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One part of a step that is over; a step's last receipt carries its final outcome.

    PROGRESS is a committed segment. `detail` says why for everything that is not plainly done.
    `exit_code` is what this receipt asks of the process, `before` / `after` are counters.
    """

    step: Step
    outcome: Outcome
    rows: int = 0
    raw_bytes: int = 0
    stored_bytes: int = 0
    seconds: float = 0.0
    detail: str = ""
    hint: str = ""
    exit_code: int = 0
    finished: bool = False
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


SEVERITY = (70, 6, 3, 5, 1)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: the final receipt of each step, sums included, and why it ended early if so."""

    run: str
    receipts: tuple[Receipt, ...]
    stopped: str = ""
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """The one code for several causes: 70 before 6 before 3 before 5 before 1 before 0."""
        codes = {receipt.exit_code for receipt in self.receipts}
        if self.signal and not codes & set(SEVERITY):
            return 128 + self.signal
        return next((code for code in SEVERITY if code in codes), 0)
