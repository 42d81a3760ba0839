"""What a person must allow first, and for how long that holds."""

from __future__ import annotations

import datetime as dt

import pytest

from maintainer.errors import RefusedError
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import Night, last, outcomes

RULE = "events: {{keep: {keep}, by: at, every: day, archive: true{more}}}"
ROWS = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz, kind text DEFAULT 'a');
INSERT INTO events SELECT n, now() - n * interval '1 day' FROM generate_series(1, 400) AS n;
CREATE INDEX ON events (at)"""
YESTERDAY = "UPDATE maintainer.step SET ended_at = ended_at - interval '1 day 1 hour'"


def rule(keep="200 days", **more):
    """The rule of the table, with more settings."""
    return RULE.format(
        keep=keep, more="".join(f", {name}: {value}" for name, value in more.items())
    )


def count(night):
    """Rows in the table."""
    return night.database.run("SELECT count(*) FROM events")[0][0]


def settled(night, **more):
    """A rule that has finished once, a day ago."""
    night.database.run(ROWS)
    night.policy(rule("395 days", **more)).init()
    assert last(night.approved()).finished
    night.database.run(YESTERDAY)
    return night


def test_a_first_run_is_refused_and_deletes_nothing(night):
    """Exit 3, the reason, the fingerprint in the hint; nothing is gone, no file, no step begun."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    fingerprint = night.fingerprint()

    report = night.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert "it runs for the first time" in last(report).detail
    assert fingerprint in last(report).hint
    assert count(night) == 400
    assert night.files() == night.segments() == []
    assert night.database.run("SELECT * FROM maintainer.step") == []


def test_the_fingerprint_of_the_dry_run_approves_it(night):
    """It is recorded with who and why, and the override is on the record."""
    night.database.run(ROWS)
    night.policy(rule()).init()

    report = night.run(approve=(night.fingerprint(),), reason="agreed with legal")

    assert (report.exit_code, count(night)) == (0, 199)
    ((actor, reason, run, ceiling),) = night.database.run(
        "SELECT actor, reason, run, ceiling FROM maintainer.approval"
    )
    assert actor.endswith("@host")
    assert (reason, run, ceiling >= 201) == ("agreed with legal", report.run, True)
    assert ("maintainer.guard.overridden", "critical") in night.audit("action, risk_level")


@pytest.mark.parametrize("strange", ["0123456789ab-5", "nonsense", "-", ""])
def test_a_fingerprint_that_fits_nothing_refuses_the_run(night, strange):
    """Nothing is changed, and the hint names the one that would fit."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    fingerprint = night.fingerprint()

    with pytest.raises(RefusedError, match="approves nothing") as refused:
        night.run(approve=(strange,))

    assert fingerprint in refused.value.hint
    assert count(night) == 400
    assert night.database.run("SELECT * FROM maintainer.run") == []


def test_a_fingerprint_of_another_database_is_refused(night, make_database, tmp_path):
    """The same policy and the same rows elsewhere make another fingerprint."""
    twin = Night(make_database(), night.driver, tmp_path / "twin")
    for one in (night, twin):
        one.database.run(ROWS)
        one.policy(rule()).init()

    with pytest.raises(RefusedError, match="approves nothing"):
        night.run(approve=(twin.fingerprint(),))

    assert count(night) == 400


@pytest.mark.parametrize(
    "changed",
    [
        rule("150 days"),
        rule(where="\"kind = 'a'\""),
        rule(guard="{max_rows: 100}"),
        rule().replace("archive: true", "archive: none"),
    ],
    ids=["keep", "where", "guard", "archive"],
)
def test_a_fingerprint_of_another_policy_is_refused(night, changed):
    """What decides which rows go, and where to, is part of it."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    fingerprint = night.fingerprint()
    night.policy(changed)

    with pytest.raises(RefusedError, match="approves nothing"):
        night.run(approve=(fingerprint,))

    assert count(night) == 400


def test_a_few_more_rows_do_not_change_the_fingerprint_many_do(night):
    """Its ceiling has room for a night's growth and no more."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    fingerprint = night.fingerprint()
    old = (
        "INSERT INTO events SELECT n, now() - interval '300 days' FROM generate_series({}, {}) AS n"
    )
    night.database.run(old.format(1000, 1010))
    assert night.fingerprint() == fingerprint

    night.database.run(old.format(2000, 3000))

    report = night.run(approve=(fingerprint,))

    assert report.exit_code == 3
    assert "more than the 500 rows approved" in last(report).detail
    assert count(night) == 400 + 11 + 1001


def test_an_approval_lasts_until_the_backlog_is_drained(night):
    """A run that was stopped half-way goes on the next night without a person."""
    night.database.run(ROWS)
    night.policy(rule(pace="{max_segment_rows: 50}")).init()
    fingerprint = night.fingerprint()
    until = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)

    stopped = night.run(approve=(fingerprint,), until=until)
    assert (stopped.exit_code, last(stopped).outcome, count(night)) == (0, Outcome.STOPPED, 400)
    after = night.run()

    assert (after.exit_code, last(after).finished, count(night)) == (0, True, 199)
    assert "approved up to" in night.plans[-1].steps[0].reason


def test_an_approval_ends_after_fourteen_days(night):
    """Then somebody has to look again."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    until = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    night.run(approve=(night.fingerprint(),), until=until)
    night.database.run(
        "UPDATE maintainer.approval SET expires_at = expires_at - interval '14 days'"
    )

    assert night.run().exit_code == 3
    assert count(night) == 400


@pytest.mark.parametrize("index", ["keep", "indexless"])
def test_the_ceiling_ends_a_run_exactly_at_its_limit(night, index):
    """Rows that come after the plan was made are not covered: not one more than the limit goes."""
    night.database.run(ROWS)
    if index == "indexless":
        night.database.run("DROP INDEX events_at_idx")
    night.policy(
        rule("395 days", guard="{max_rows: 7, max_percent: 90}", pace="{max_segment_rows: 3}")
    ).init()
    fingerprint = night.fingerprint()
    late = "INSERT INTO events SELECT n, now() - interval '500 days' - n * interval '1 s' FROM generate_series(1001, 1040) AS n"

    night.shown = lambda _plan: night.database.run(late)  # the plan is made and not yet begun
    report = night.run(approve=(fingerprint,))
    night.shown = lambda _plan: None

    ceiling = night.plans[-1].steps[0].ceiling
    gone = 440 - count(night)
    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert "the limit of this run leaves" in last(report).detail
    assert gone == last(report).rows == sum(night.ids().values())
    assert gone == ceiling if index == "keep" else gone <= ceiling
    assert last(night.run()).outcome is Outcome.REFUSED


def test_a_share_of_the_table_is_guarded(night):
    """A rule that has finished before is refused when it would take too much at once."""
    settled(night)
    night.policy(rule("395 days"))
    night.database.run("UPDATE events SET at = at - interval '300 days' WHERE id > 100")

    report = night.run()

    assert report.exit_code == 3
    assert "% of the table is more than guard max_percent 50" in last(report).detail
    assert last(night.approved()).rows > 200


def test_a_number_of_rows_is_guarded(night):
    """Counted exactly up to the limit."""
    settled(night)
    night.policy(rule("395 days", guard="{max_rows: 10}"))
    night.database.run(
        "UPDATE events SET at = at - interval '300 days' WHERE id BETWEEN 100 AND 110"
    )

    report = night.run()

    assert report.exit_code == 3
    assert "11+ rows are more than guard max_rows 10" in last(report).detail


def test_the_limit_itself_is_allowed(night):
    """max_rows rows are not more than max_rows."""
    settled(night)
    night.policy(rule("395 days", guard="{max_rows: 10}"))
    night.database.run(
        "UPDATE events SET at = at - interval '300 days' WHERE id BETWEEN 100 AND 109"
    )

    assert (night.run().exit_code, count(night)) == (0, 384)


def test_a_shortened_keep_is_refused_and_then_approved(night):
    """It takes what somebody relied on; a longer one does not ask."""
    settled(night)
    night.policy(rule("390 days"))

    refused = night.run()
    assert refused.exit_code == 3
    assert "its keep has become shorter (395 days before, 390 days now)" in last(refused).detail
    assert (night.approved().exit_code, count(night)) == (0, 389)
    night.database.run(YESTERDAY)
    night.policy(rule("391 days"))

    assert night.run().exit_code == 0


@pytest.mark.parametrize(
    "changed",
    [
        rule("395 days", where="\"kind = 'a'\""),
        rule("395 days").replace("archive: true", "archive: none"),
    ],
    ids=["where", "archive"],
)
def test_a_rule_that_means_something_else_is_refused_and_then_approved(night, changed):
    """`where`, `by`, `zone` or `archive` changed: as good as a first run."""
    settled(night)
    night.policy(changed)
    night.database.run("UPDATE events SET at = at - interval '300 days' WHERE id = 100")

    refused = night.run()

    assert refused.exit_code == 3
    assert "has changed since it last finished" in last(refused).detail
    assert (night.approved().exit_code, count(night)) == (0, 393)


def test_one_fingerprint_approves_several_rules_and_each_has_its_own(night):
    """Joined it fits all of them; a rule's own token fits that rule alone."""
    night.database.run(ROWS + "; CREATE TABLE more AS SELECT * FROM events")
    night.policy(rule(), rule().replace("events:", "more:")).init()
    one = night.plan().refusals[0]

    partly = night.run(approve=(one.token,))
    rest = night.run(approve=(night.fingerprint(),))

    assert outcomes(partly) == {"events": Outcome.DONE, "more": Outcome.REFUSED}
    assert (partly.exit_code, rest.exit_code) == (3, 0)
    assert outcomes(rest)["more"] is Outcome.DONE


def test_an_approval_is_not_kept_when_the_run_cannot_be_recorded(night):
    """Before the first audit row nothing is changed, not even by an approval."""
    from maintainer.errors import DatabaseError

    night.database.run(ROWS)
    night.policy(rule()).init()
    fingerprint = night.fingerprint()
    night.database.run("""
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no record'; END $$;
        CREATE TRIGGER no BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION no()""")

    with pytest.raises(DatabaseError, match="no record"):
        night.run(approve=(fingerprint,))

    assert count(night) == 400
    assert night.database.run("SELECT * FROM maintainer.approval") == []
    assert night.database.run("SELECT * FROM maintainer.run") == []
