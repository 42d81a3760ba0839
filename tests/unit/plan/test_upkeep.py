"""What upkeep is planned from a table's facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.names import TableName
from maintainer.plan import scope, unfit, upkeep
from maintainer.plan.facts import Column, Index, TableFacts, Target
from maintainer.plan.steps import Analyze, Hours, Refuse, Reindex, Skip, Vacuum
from maintainer.plan.upkeep import Task, VacuumOptions

EVENTS = TableName("app", 'Ev"ents')
HOURS = Hours(why="nightly")
TASK = Task(rule="rebuild", reason="due", hours=HOURS)


def facts(**changes) -> TableFacts:
    """Build a plain table with seven dead rows, changed as asked."""
    base = TableFacts(
        table=EVENTS,
        oid=1,
        kind="r",
        persistence="p",
        columns=(Column("id", "bigint"),),
        dead_rows=7,
    )
    return replace(base, **changes)


def target(version: int = 180000) -> Target:
    """Build a server of that version, and a role with a quote in its name."""
    return Target("app", version, None, None, is_standby=False, encoding="UTF8", role='nig"ht')


def index(name: str, bytes_: int = 8192, **changes) -> Index:
    """Build a valid btree, changed as asked."""
    base = Index(TableName("app", name), "btree", ("id",), bytes_)
    return replace(base, **changes)


def test_a_vacuum_holds_the_whole_statement() -> None:
    """Names are quoted; nothing is truncated and no worker is taken unless asked for."""
    step = upkeep.vacuum_step(TASK, facts(), target())

    assert isinstance(step, Vacuum)
    assert step.statement == 'VACUUM (FREEZE false, TRUNCATE false, PARALLEL 0) "app"."Ev""ents"'
    assert (step.rule, step.reason, step.hours) == ("rebuild", "due", HOURS)
    assert (step.estimate.rows.value, step.estimate.lock) == (7, "SHARE UPDATE EXCLUSIVE")


def test_vacuum_options_are_written_and_none_leaves_it_to_the_server() -> None:
    """Every option has its place; None writes nothing, so that the table's own setting counts."""
    options = VacuumOptions(freeze=True, truncate=None, index_cleanup=True, parallel=None)

    step = upkeep.vacuum_step(TASK, facts(), target(), options)

    assert isinstance(step, Vacuum)
    assert step.statement == 'VACUUM (FREEZE true, INDEX_CLEANUP true) "app"."Ev""ents"'


def test_a_vacuum_does_not_go_on_to_inheritance_children() -> None:
    """From 18 on the server would; before, ONLY is a syntax error."""
    parent = facts(children=(TableName("app", "child"),))

    new, old = (upkeep.vacuum_step(TASK, parent, target(v)) for v in (180000, 170000))

    assert isinstance(new, Vacuum)
    assert isinstance(old, Vacuum)
    assert new.statement.endswith(' ONLY "app"."Ev""ents"')
    assert "ONLY" not in old.statement


def test_a_partitioned_table_is_analyzed_and_nothing_else() -> None:
    """Autovacuum never analyzes it; its room and its indexes are its partitions' affair."""
    parent = facts(kind="p", indexes=(index("i"),))

    assert isinstance(upkeep.analyze_step(TASK, parent, target()), Analyze)
    vacuum, (reindex,) = (
        upkeep.vacuum_step(TASK, parent, target()),
        upkeep.reindex_steps(TASK, parent, target()),
    )
    assert isinstance(vacuum, Skip)
    assert isinstance(reindex, Skip)
    assert (vacuum.kind, reindex.kind) == ("vacuum", "reindex")
    assert "each of its partitions" in vacuum.reason


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "v"}, "a view"),
        ({"kind": "f"}, "a foreign table"),
        ({"kind": "?"}, "not a table"),
        ({"persistence": "t"}, "temporary"),
    ],
)
def test_what_is_no_plain_table_is_skipped_by_name(changes: dict, why: str) -> None:
    """A view or another session's temporary table gets a Skip that says what it is."""
    step = upkeep.analyze_step(TASK, facts(**changes), target())

    assert isinstance(step, Skip)
    assert why in step.reason
    assert step.kind == "analyze"


@pytest.mark.parametrize(
    ("version", "hint"),
    [
        (170000, 'GRANT MAINTAIN ON TABLE "app"."Ev""ents" TO "nig""ht"'),
        (
            160009,
            'GRANT <the owner of the table> TO "nig""ht" (before PostgreSQL 17 only owners may)',
        ),
    ],
)
def test_a_role_without_the_privilege_is_told_what_to_grant(version: int, hint: str) -> None:
    """Each of the three is refused before the server would skip it in silence."""
    poor = facts(can_maintain=False, indexes=(index("i"),))

    steps = [
        upkeep.vacuum_step(TASK, poor, target(version)),
        upkeep.analyze_step(TASK, poor, target(version)),
        *upkeep.reindex_steps(TASK, poor, target(version)),
    ]

    assert [type(step) for step in steps] == [Refuse] * 3
    assert {step.hint for step in steps if isinstance(step, Refuse)} == {hint}
    assert 'nig"ht may not vacuum' in steps[0].reason


@pytest.mark.parametrize(
    ("owner", "statement"),
    [
        ("app", 'GRANT "app" TO "night"'),
        ("", 'ALTER TABLE "app"."Ev""ents" OWNER TO "night"'),
    ],
)
def test_a_superusers_rights_are_never_handed_out(owner: str, statement: str) -> None:
    """Before 17 an owner's role is granted; a superuser (no name here) gives up the table instead."""
    hint = unfit.mend(EVENTS, "night", 160000, owner)

    assert hint == f"{statement} (before PostgreSQL 17 only owners may)"


def test_indexes_are_rebuilt_one_at_a_time_the_smallest_first() -> None:
    """One step an index, concurrently; an invalid one says so."""
    indexes = (index("big", 9), index("b", 1), index("a", 1, is_valid=False))

    steps = list(upkeep.reindex_steps(TASK, facts(indexes=indexes), target()))

    assert all(isinstance(step, Reindex) for step in steps)
    assert [str(step.statement) for step in steps if isinstance(step, Reindex)] == [
        f'REINDEX INDEX CONCURRENTLY "app"."{name}"' for name in ("a", "b", "big")
    ]
    assert [step.reason for step in steps] == ["due; it is invalid now", "due", "due"]


def test_an_exclusion_constraint_is_passed_over_and_the_others_are_rebuilt() -> None:
    """PostgreSQL cannot rebuild it concurrently (0A000); the reason says what can."""
    indexes = (index("no_overlap", 1, is_exclusion=True), index("plain", 2))

    skip, reindex = upkeep.reindex_steps(TASK, facts(indexes=indexes), target())

    assert isinstance(skip, Skip)
    assert "app.no_overlap serves an exclusion constraint" in skip.reason
    assert 'REINDEX INDEX "app"."no_overlap"' in skip.reason
    assert isinstance(reindex, Reindex)


def test_leftovers_and_foreign_methods_are_skipped() -> None:
    """A leftover is removed with its original; an index that merely looks like one is rebuilt."""
    indexes = (
        index("i_ccnew3", 1, is_valid=False),
        index("x_ccnew", 2),
        index("ranges", 3, method="brin"),
    )

    leftover, valid, brin = upkeep.reindex_steps(TASK, facts(indexes=indexes), target())

    assert isinstance(leftover, Skip)
    assert "interrupted rebuild" in leftover.reason
    assert isinstance(valid, Reindex)
    assert isinstance(brin, Skip)
    assert "brin" in brin.reason


@pytest.mark.parametrize(
    ("version", "refused"),
    [(130023, False), (140000, True), (140003, True), (140004, False), (150000, False)],
)
def test_server_versions_that_corrupt_are_refused(version: int, refused: bool) -> None:
    """14.0 to 14.3 may corrupt an index that they rebuild concurrently."""
    (step,) = upkeep.reindex_steps(TASK, facts(indexes=(index("i"),)), target(version))

    assert isinstance(step, Refuse) is refused
    assert ("14.4" in step.hint) if isinstance(step, Refuse) else True


def test_a_role_that_may_not_use_the_schema_is_told_what_to_grant() -> None:
    """The right to the table alone does not let it name the table."""
    step = upkeep.vacuum_step(TASK, facts(can_use=False), target(170000))

    assert isinstance(step, Refuse)
    assert "may not use the schema app" in step.reason
    assert step.hint == 'GRANT USAGE ON SCHEMA "app" TO "nig""ht"'


def test_catalogues_and_bare_tables_have_nothing_to_rebuild() -> None:
    """A catalogue is refused by name; a table without index is skipped."""
    (system,) = upkeep.reindex_steps(
        TASK, facts(table=TableName("pg_catalog", "pg_class"), indexes=(index("i"),)), target()
    )
    (bare,) = upkeep.reindex_steps(TASK, facts(), target())

    assert isinstance(system, Refuse)
    assert isinstance(bare, Skip)
    assert "no index" in bare.reason


def test_index_expressions_find_their_schemas_before_17() -> None:
    """Later servers set a path of their own, so ours shows nothing but the catalogue."""
    table = facts(columns=(Column("a", "ext.citext", ("ext",)),), indexes=(index("i"),))

    for version, expected in (
        (160000, ("pg_catalog", "app", "ext", "pg_temp")),
        (170000, ("pg_catalog",)),
    ):
        analyze = upkeep.analyze_step(TASK, table, target(version))
        (reindex,) = upkeep.reindex_steps(TASK, table, target(version))
        assert isinstance(analyze, Analyze)
        assert isinstance(reindex, Reindex)
        assert analyze.search_path == reindex.search_path == expected


def test_a_search_path_names_each_schema_once_and_pg_temp_last() -> None:
    """Unnamed, pg_temp would be searched first and anyone's temporary type would win."""
    table = facts(
        columns=(Column("a", "x", ("pg_catalog", "ext")), Column("b", "y", ("ext", "app")))
    )

    path = scope.search_path(table, ("pg_temp", "more", "ext"))

    assert path == ("pg_catalog", "app", "ext", "more", "pg_temp")
