"""A plan as plain values for machines, and the digest by which the record knows it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from maintainer.names import TableName
from maintainer.plan import approvals
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Receipt, Report
from maintainer.plan.steps import BlockRange, KeyRange, Refuse, Skip, Step, kind
from maintainer.sql.statement import Prepared

Document = dict[str, object]

PATHS: Mapping[type, str] = {KeyRange: "key range", BlockRange: "block range"}


def document(plan: Plan) -> Document:
    """The whole plan; `fingerprint` is what `run --approve` takes, if anything asks for it."""
    return {
        "made_at": plain(plan.made_at),
        "target": plain(plan.target),
        "policy_fingerprint": plan.policy_fingerprint,
        "digest": digest(plan),
        "fingerprint": approvals.fingerprint(plan.refusals),
        "steps": _steps(plan),
    }


def digest(plan: Plan) -> str:
    """The SHA-256 of everything the steps say, in one canonical spelling."""
    text = json.dumps(_steps(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def report(made: Report) -> Document:
    """A whole run; its steps are numbered as in its plan's document, but shown in short."""
    return {
        "run": made.run,
        "stopped": made.stopped,
        "signal": made.signal,
        "exit_code": made.exit_code,
        "receipts": [_receipt(receipt) for receipt in made.receipts],
    }


def plain(value: object) -> object:
    """Any value of ours as what JSON knows; a statement as the SQL that will run."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return _ours(value)


def _ours(value: object) -> object:
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, Prepared):
        return {"name": value.statement.name, "sql": value.shown()}
    if isinstance(value, TableName) or not is_dataclass(value) or isinstance(value, type):
        return str(value)
    known: Document = {"kind": PATHS[type(value)]} if type(value) in PATHS else {}
    return known | {item.name: plain(getattr(value, item.name)) for item in fields(value)}


def _steps(plan: Plan) -> list[Document]:
    return [_step(number, step) for number, step in enumerate(plan.steps, 1)]


def _step(number: int, step: Step) -> Document:
    body = {item.name: plain(getattr(step, item.name)) for item in fields(step)}
    if isinstance(step, Refuse) and step.would is not None:
        body["would"] = _step(number, step.would)
    return {"number": number, "decision": _decision(step), **body, "kind": kind(step)}


def _decision(step: Step) -> str:
    if isinstance(step, Skip):
        return "skip"
    return "refuse" if isinstance(step, Refuse) else "do"


def _receipt(receipt: Receipt) -> Document:
    step = receipt.step
    head: Document = {"kind": kind(step), "rule": step.rule, "table": str(step.table)}
    told = {item.name: plain(getattr(receipt, item.name)) for item in fields(receipt)}
    return head | {name: value for name, value in told.items() if name != "step"}
