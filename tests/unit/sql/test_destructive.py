"""Whatever deletes rows of a table takes the one condition that says which rows go."""

from __future__ import annotations

import re

import pytest

from maintainer.sql import statement

OURS = re.compile(r"^\{(into|carry)\}$|^maintainer\.")  # the monthly table, and our own record
DELETE = re.compile(r"\bDELETE\s+FROM\s+(?:ONLY\s+)?(\S+)", re.IGNORECASE)
DESTRUCTIVE = re.compile(r"\b(DELETE|TRUNCATE|DROP\s+TABLE|MERGE)\b", re.IGNORECASE)
PURGES = {
    name: found
    for name, found in statement.load("maintainer.sql").items()
    if name.startswith("purge_")
}
COUNTS = ["count_remaining", "count_expired"]


def code(text: str) -> str:
    """The statement without its comments."""
    return "\n".join(line.partition("--")[0] for line in text.splitlines())


def test_there_are_purges_to_look_at() -> None:
    """With and without an archive, with and without a rollup."""
    assert set(PURGES) == {
        "purge_archived", "purge_archived_carried", "purge_unarchived", "purge_unarchived_carried",
    }  # fmt: skip


@pytest.mark.parametrize("name", PURGES)
def test_a_purge_deletes_only_what_has_expired(name: str) -> None:
    """Cut-off, holds and `where` come into the statement by the slot {expired}, before RETURNING."""
    text = code(PURGES[name].text)
    (delete,) = re.findall(r"DELETE FROM \{table\} AS t\s+WHERE (.*?)\s+RETURNING", text, re.DOTALL)

    assert re.fullmatch(r"\{range\}\s+AND \{expired\}", delete)
    assert len(DESTRUCTIVE.findall(text)) == 1


@pytest.mark.parametrize("name", COUNTS)
def test_what_is_counted_is_what_would_go(name: str) -> None:
    """The same condition and nothing else."""
    found = statement.named(name)

    assert re.search(r"WHERE \{expired\} LIMIT", code(found.text))


def test_no_other_statement_deletes_rows_of_a_table_of_somebody_else() -> None:
    """Only purges do; the rest touches the monthly table and our own record."""
    for name, found in statement.load("maintainer.sql").items():
        if name in PURGES:
            continue
        tables = DELETE.findall(code(found.text))
        assert all(OURS.match(table) for table in tables), name
        assert not re.search(r"\b(TRUNCATE|DROP\s+TABLE|MERGE)\b\s+\w", code(found.text)), name


def test_every_purge_accounts_for_what_it_deletes() -> None:
    """It streams the rows, or counts them; with a rollup it also carries them."""
    for name, found in PURGES.items():
        streams = found.text.startswith("COPY (") and "RETURNING t.*" in found.text
        counts = found.text.endswith("SELECT count(*) FROM gone")
        assert streams is (name.startswith("purge_archived")), name
        assert streams is not counts, name
        assert ("{carry}" in found.text) is name.endswith("_carried"), name
