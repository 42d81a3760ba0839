"""How many rows the next segment may take: starts small, grows while time and bytes allow."""

from __future__ import annotations

from dataclasses import dataclass, field

FIRST_ROWS = 2_000
FIRST_BYTES = 8 << 20
GROWTH = 4


@dataclass(slots=True)
class Size:
    """Learns from each segment how many rows stay inside seconds, rows and stored bytes.

    `row_bytes` is what a row takes in the table, for a first guess (0: unknown).
    """

    seconds: float
    most_rows: int
    stored_bytes: int
    row_bytes: int = 0
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        first = min(FIRST_ROWS, FIRST_BYTES // max(self.row_bytes, 1))
        self.rows = self._bounded(first)

    def learn(self, asked: int, seconds: float, stored_bytes: int) -> None:
        """Fit the next segment to how long and how big one was that was asked for `asked` rows."""
        by_time = asked * self.seconds / max(seconds, 1e-6)
        by_bytes = asked * self.stored_bytes / max(stored_bytes, 1)
        self.rows = self._bounded(int(min(by_time, by_bytes, asked * GROWTH)))

    def _bounded(self, rows: int) -> int:
        return max(1, min(rows, self.most_rows))
