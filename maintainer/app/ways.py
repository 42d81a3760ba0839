"""The audit table and the archive folder of a policy, found and opened."""

from __future__ import annotations

from maintainer import __version__
from maintainer.archive.folder import Folder, Owner, claim, located
from maintainer.db.session import Session
from maintainer.errors import RefusedError
from maintainer.journal import ledger
from maintainer.journal.audit import DOCUMENTS, TEXTS, Audit
from maintainer.plan.facts import TableFacts, Target
from maintainer.policy.model import Archive
from maintainer.policy.model import Audit as AuditRule
from maintainer.survey import look

INIT = "run: maintainer init"
JSON = frozenset({"jsonb", "json", "text"})


def audit(session: Session, rule: AuditRule, actor: str, run: str) -> Audit:
    """The audit table as it is here. Raises RefusedError when nothing could be written to it."""
    table = audit_table(session, rule)
    if table is None:
        raise RefusedError(f"there is no audit table {rule.table}", hint=INIT)
    types = _types(table, rule)
    if "action" not in types:
        raise RefusedError(
            f"{table.table} has no column for the action of a row",
            hint="map it in the policy: audit: columns: {action: …}",
        )
    return Audit(table.table, types, actor, run, __version__)


def audit_table(session: Session, rule: AuditRule) -> TableFacts | None:
    """The facts of the audit table, if it is there."""
    found, _ = look.resolve([rule.table], look.relations(session))
    if rule.table not in found:
        return None
    version = session.server_version
    return next(iter(look.tables(session, [found[rule.table]], version).values()))


def _types(table: TableFacts, rule: AuditRule) -> dict[str, tuple[str, str]]:
    types = {}
    for name in (*TEXTS, *DOCUMENTS):
        column = table.column(rule.columns.get(name, name))
        if column is None and name in rule.columns:
            raise RefusedError(
                f"{table.table} has no column {rule.columns[name]}, which audit.columns names",
                hint=f"its columns are: {', '.join(c.name for c in table.columns)}",
            )
        if column is not None and (name not in DOCUMENTS or column.type in JSON):
            types[name] = (column.name, column.type)
    return types


def archive(session: Session, rule: Archive, target: Target) -> Folder:
    """The policy's archive folder, claimed for this database."""
    owner = Owner(ledger.owner(session), target.database, target.system_identifier)
    return claim(located(rule.to, rule.name), owner)
