"""Texts that are kept in files; `pytest --accept tests/plans` accepts what is new."""

from __future__ import annotations

from pathlib import Path

KEPT = Path(__file__).parent / "golden"


def check(name: str, text: str, *, accept: bool) -> None:
    """Compare a text with the file of that name, or accept it when that was asked for."""
    file = KEPT / name
    if accept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert file.exists(), f"{name} is new; accept it with --accept"
    assert text == file.read_text("utf-8")
