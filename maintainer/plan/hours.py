"""When the policy's windows allow a step."""

from __future__ import annotations

from maintainer.plan.facts import Facts
from maintainer.plan.steps import ANY_TIME, Hours
from maintainer.policy.model import Policy
from maintainer.schedule.window import Closed, open_window


def hours(policy: Policy, windows: tuple[str, ...], facts: Facts) -> Hours:
    """When work in these windows may be done, seen from the database's clock."""
    if facts.ignore_windows:
        return ANY_TIME
    named = {name: policy.windows[name] for name in windows}
    match open_window(named, policy.blackouts, facts.now, policy.timezone):
        case Closed(reason, next_at):
            return Hours(is_open=False, opens_at=next_at, why=reason)
        case opening:
            return Hours(ends_at=opening.ends_at, why=opening.name)
