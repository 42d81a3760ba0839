"""How somebody outside asks a run to end."""

from __future__ import annotations

import signal

from maintainer.schedule.budget import Budget


class StopSignal:
    """Heard by everything that asks the budget; `number` is the first signal, or 0."""

    def __init__(self) -> None:
        self.budget = Budget()
        self.number = 0

    def request(self, number: int) -> None:
        """Let nothing more start. Safe in a signal handler."""
        self.number = self.number or number
        self.budget.stop(f"stopped by {signal.Signals(number).name}")
