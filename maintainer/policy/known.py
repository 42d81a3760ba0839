"""Which keys may stand where in a policy."""

from __future__ import annotations

from maintainer.policy import document

SHAPES: dict[tuple[str, ...], type[document.Entry]] = {
    (): document.Document,
    ("database",): document.DatabaseEntry,
    ("database", "expect"): document.ExpectEntry,
    ("audit",): document.AuditEntry,
    ("audit", "columns"): document.ColumnsEntry,
    ("windows", "*"): document.WindowEntry,
    ("blackouts", "*"): document.BlackoutEntry,
    ("archive",): document.ArchiveEntry,
    ("defaults",): document.DefaultsEntry,
    ("defaults", "pace"): document.PaceEntry,
    ("defaults", "guard"): document.GuardEntry,
    ("retention", "*"): document.RuleEntry,
    ("retention", "*", "pace"): document.PaceEntry,
    ("retention", "*", "guard"): document.GuardEntry,
    ("retention", "*", "rollup"): document.RollupEntry,
    ("upkeep", "*"): document.UpkeepEntry,
    ("upkeep", "*", "options"): document.OptionsEntry,
    ("holds", "*"): document.HoldEntry,
}


def known_keys(path: tuple[str, ...]) -> list[str]:
    """The keys that may stand in the mapping at a path."""
    for pattern, shape in SHAPES.items():
        if len(pattern) == len(path) and all(
            part in {"*", name} for part, name in zip(pattern, path, strict=True)
        ):
            return [field.alias or name for name, field in shape.model_fields.items()]
    return []
