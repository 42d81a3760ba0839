"""Names of database objects, and the one way they enter a statement."""

from __future__ import annotations

from dataclasses import dataclass


class Fragment(str):
    """SQL text that may stand in a statement: an identifier, a literal, a filled statement."""

    __slots__ = ()


def quote(name: str) -> Fragment:
    """Quote an identifier exactly as it is spelled; nothing is folded to lower case.

    Raises ValueError for an empty name and for a NUL, which PostgreSQL cannot hold.
    """
    if not name or "\0" in name:
        raise ValueError(f"{name!r} cannot be the name of a database object")
    return Fragment('"' + name.replace('"', '""') + '"')


def comma(parts: list[Fragment] | tuple[Fragment, ...]) -> Fragment:
    """Join fragments into a list."""
    return Fragment(", ".join(parts))


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table (or index) by schema and name, as the catalogue spells them."""

    schema: str
    name: str

    @property
    def sql(self) -> Fragment:
        """The quoted, schema-qualified name."""
        return Fragment(f"{quote(self.schema)}.{quote(self.name)}")

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"
