"""The audit table and the archive folder of a policy, found and opened."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from maintainer import __version__
from maintainer.archive import deed
from maintainer.archive.folder import Folder, located
from maintainer.db.session import Session
from maintainer.errors import MaintainerError, RefusedError
from maintainer.journal import archives, ledger
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
    """The policy's archive folder, claimed for this database.

    Raises RefusedError when it is not this database's, or has vanished from where it was.
    """
    root = located(rule.to, rule.name)
    if not deed.is_founded(root):
        _check_new(session, rule.name, root)
    owner = deed.Owner(ledger.owner(session), target.database, target.system_identifier)
    folder = deed.claim(root, owner)
    found = deed.read(root)
    _check_head(session, root, found)
    archives.keep(session, found.archive, rule.name, str(root))
    deed.keep(folder, archives.head(session))
    return folder


def anchor(session: Session, archive: Folder | MaintainerError | None) -> None:
    """Leave beside the archive how far the record has come; if that fails, the next run does it."""
    if isinstance(archive, Folder) and not session.closed:
        with suppress(MaintainerError):
            deed.keep(archive, archives.head(session))


def _check_new(session: Session, name: str, root: Path) -> None:
    """A new archive is one without a past, or one that was given a new name."""
    last = archives.last_root(session, name)
    if last is None:
        return
    moved = "" if last == str(root) else f" (it was last used at {last})"
    raise RefusedError(
        f"the archive of this database is not at {root}{moved}",
        hint="mount it, or correct MAINTAINER_ARCHIVE or `archive: to:`; "
        "only an archive with a new name is begun anew",
    )


def _check_head(session: Session, root: Path, found: deed.Deed) -> None:
    """A clone, or a database that was set back, does not know all that its archive knows."""
    head = found.head
    if head is None or archives.knows(session, head):
        return
    raise RefusedError(
        f"{root / deed.NAME} was written after event {head.event} of run {head.run} (timeline "
        f"{head.timeline}), which this database has never seen: it is a clone, or was restored "
        "from an older state",
        hint="give a clone or a restored copy an archive with a name of its own; if this database "
        f'has taken over for good, set the line "head" in {root / deed.NAME} to null',
    )
