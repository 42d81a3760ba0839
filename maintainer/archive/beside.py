"""Work on a stream beside the thread that reads it, in order and in bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue

WAITING_PIECES = 16


class Beside:
    """Calls `work` on each piece in a thread of its own; `put` and `end` raise its failure."""

    def __init__(self, name: str, work: Callable[[bytes], None]) -> None:
        self._work = work
        self._queue: Queue[bytes | None] = Queue(WAITING_PIECES)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, piece: bytes) -> None:
        """Hand over the next piece; waits while too many are waiting."""
        if self._failure is not None:
            raise self._failure
        self._queue.put(piece)

    def end(self) -> None:
        """Wait until everything is done."""
        self.stop()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """The same, whatever happened."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (piece := self._queue.get()) is not None:
            if self._failure is None:
                try:
                    self._work(piece)
                except Exception as error:  # noqa: BLE001 - raised again by the reading thread
                    self._failure = error
