"""REINDEX on a real server: a new index in place of the old one, and never a leftover."""

from __future__ import annotations

import pytest

from maintainer.names import Fragment, quote
from maintainer.plan.receipts import Outcome
from tests.db.actions.rebuilding import (
    COUNT,
    INVALID,
    fill_indexed,
    run,
)
from tests.db.actions.upkeep import (
    APP,
    INDEX,
    TABLE,
    fill_with_expression,
    setting,
    working,
)


def test_a_rebuilt_index_is_smaller_and_valid(every_database, driver) -> None:
    """Another file took its place, and the session's settings are what they were."""
    assert len(INDEX.name.encode()) == 63
    fill_indexed(every_database, rows=20_000)
    every_database.run(f"DELETE FROM {TABLE.sql} WHERE id > 100")

    with working(every_database.dsn, driver) as ctx:
        names = ("search_path", "lock_timeout", "statement_timeout")
        usual = [setting(ctx, name) for name in names]
        receipt = run(ctx)
        assert [setting(ctx, name) for name in names] == usual

    assert (receipt.outcome, receipt.detail, receipt.exit_code) == (Outcome.DONE, "", 0)
    assert receipt.finished
    assert receipt.after["bytes"] < receipt.before["bytes"] / 2
    assert receipt.after["oid"] != receipt.before["oid"]
    assert receipt.after["is_valid"]
    assert every_database.run(INVALID) == []
    assert every_database.run(COUNT) == [(1,)]


def test_an_exclusion_constraint_fails_by_name_and_stays(database, driver) -> None:
    """The plan refuses it; should it become one meanwhile, the server's refusal is reported."""
    database.run(f"""
        CREATE SCHEMA {quote(APP)};
        CREATE TABLE {TABLE.sql} (during int4range,
          CONSTRAINT {quote(INDEX.name)} EXCLUDE USING gist (during WITH &&))""")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 1)
    assert "exclusion constraint" in receipt.detail
    assert database.run("SELECT indisvalid FROM pg_index WHERE indisexclusion") == [(True,)]


def test_index_expressions_find_what_they_call(every_database, driver) -> None:
    """Before 17 they need the table's schemas; later servers use a path of their own."""
    is_old = fill_with_expression(every_database)

    with working(every_database.dsn, driver) as ctx:
        wide = run(ctx)
        narrow = run(ctx, search_path=("pg_catalog",))

    assert wide.outcome is Outcome.DONE
    assert narrow.outcome is (Outcome.FAILED if is_old else Outcome.DONE)
    assert every_database.run(INVALID) == []


def test_a_role_without_privilege_is_refused(every_database, make_role, driver) -> None:
    """Owning the database is not enough for REINDEX; the grant in the hint is."""
    fill_indexed(every_database)
    role = make_role(on=every_database.server)
    every_database.run(f'ALTER DATABASE "{every_database.name}" OWNER TO {role.name}')

    try:
        with working(every_database.dsn_as(role), driver) as ctx:
            receipt = run(ctx)
    finally:
        every_database.run(f'ALTER DATABASE "{every_database.name}" OWNER TO CURRENT_USER')

    assert (receipt.outcome, receipt.exit_code) == (Outcome.REFUSED, 3)
    assert f"the role {role.name} may not reindex" in receipt.detail
    every_database.run(receipt.hint.split(" (before")[0])
    every_database.run(f"GRANT ALL ON SCHEMA {quote(APP)} TO {role.name}")
    with working(every_database.dsn_as(role), driver) as ctx:
        assert run(ctx).outcome is Outcome.DONE


def test_an_invalid_index_is_healed(database, driver) -> None:
    """A rebuild is what makes an index of a failed CREATE INDEX CONCURRENTLY usable."""
    fill_indexed(database)
    database.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text ~ 'iü'")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert receipt.outcome is Outcome.DONE
    assert (receipt.before["is_valid"], receipt.after["is_valid"]) == (False, True)


@pytest.mark.parametrize("gone", ["INDEX", "TABLE"])
def test_what_is_gone_is_skipped(database, driver, gone) -> None:
    """It was there when the plan was made."""
    fill_indexed(database)
    database.run(f"DROP {gone} {(INDEX if gone == 'INDEX' else TABLE).sql}")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 0)
    assert "not there any more" in receipt.detail


def test_a_success_without_a_new_index_is_ineffective(database, driver) -> None:
    """Promise 4: the effect is observed; a command tag is not."""
    fill_indexed(database)

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx, statement=Fragment("SELECT 1"))

    assert (receipt.outcome, receipt.exit_code) == (Outcome.INEFFECTIVE, 1)
    assert "not a new, valid one" in receipt.detail
