"""A person's yes: what a fingerprint stands for, and whether one that was given still fits.

A fingerprint is twelve hex digits and, after a dash, one sign for each refused rule. The sign
stands for a ceiling on the scale 1, 2, 5, 10 …, so that a few rows more or less between the
preview and the run do not change it.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterable

from maintainer.plan.facts import Approval
from maintainer.plan.steps import Refuse

SIGNS = string.digits + string.ascii_lowercase
MARGIN = 1.25


def ceiling(rows: int) -> int:
    """The approved number of rows for a backlog of `rows`, with room for a night's growth."""
    return next(
        (_on_scale(sign) for sign in range(len(SIGNS)) if _on_scale(sign) >= rows * MARGIN),
        _on_scale(len(SIGNS) - 1),
    )


def token(seed: str, rows_ceiling: int) -> str:
    """The fingerprint of one refused rule; `seed` hashes the rule and the database it is for."""
    sign = next(sign for sign in range(len(SIGNS)) if _on_scale(sign) >= rows_ceiling)
    return f"{_digest([seed, SIGNS[sign]])}-{SIGNS[sign]}"


def fingerprint(refusals: Iterable[Refuse]) -> str | None:
    """The one fingerprint that approves all refusals that can be approved; None: there are none."""
    asked = _approvable(refusals)
    return _joined(asked, [refusal.ceiling for refusal in asked]) if asked else None


def granted(given: Iterable[str], refusals: Iterable[Refuse]) -> dict[str, Approval]:
    """What the given fingerprints approve: rule name to approval; what fits nothing is left out."""
    asked = _approvable(refusals)
    found: dict[str, Approval] = {}
    for text in given:
        signs = text.rpartition("-")[2]
        if not signs or set(signs) - set(SIGNS):
            continue
        ceilings = [_on_scale(SIGNS.index(sign)) for sign in signs]
        if len(ceilings) == len(asked) and _joined(asked, ceilings) == text:
            pairs = list(zip(asked, ceilings, strict=True))
        else:
            pairs = [(one, ceilings[0]) for one in asked if token(one.seed, ceilings[0]) == text]
        found |= {one.rule: Approval(one.seed, limit) for one, limit in pairs}
    return found


def largest(given: Iterable[Approval]) -> Approval | None:
    """The approval that lets most rows go now."""
    return max(given, key=lambda one: one.left, default=None)


def said(approval: Approval) -> str:
    """How much an approval allows, for people."""
    left = f", {approval.left:,} of them left" if approval.used else ""
    return f"{approval.ceiling:,} rows{left}"


def exceeded(approval: Approval) -> str:
    """That an approval does not allow so many rows, for people."""
    if approval.used:
        return f"more than the {approval.left:,} rows left of {approval.ceiling:,} approved"
    return f"more than the {approval.ceiling:,} rows approved"


def _approvable(refusals: Iterable[Refuse]) -> list[Refuse]:
    return sorted((one for one in refusals if one.seed), key=lambda one: one.rule)


def _joined(asked: list[Refuse], ceilings: list[int]) -> str:
    tokens = [token(one.seed, limit) for one, limit in zip(asked, ceilings, strict=True)]
    if len(tokens) == 1:
        return tokens[0]
    return f"{_digest(tokens)}-{''.join(one[-1] for one in tokens)}"


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _on_scale(sign: int) -> int:
    return int((1, 2, 5)[sign % 3] * 10 ** (sign // 3))
