"""What the server is asked before a rule is decided."""

from __future__ import annotations

from maintainer.plan.facts import TableFacts
from maintainer.plan.questions import Question, ask
from tests.unit.plan import given

WHERE = given.RULE.replace("{keep", "{where: kind = 'x', guard: {max_rows: 9}, keep")
HOLDS = """
holds:
  - {name: case-1, tables: [events], where: tenant = 7}
  - {name: case-2, tables: [events]}
"""


def question(
    more: str = given.RULE, table: TableFacts | None = None, *, exact: bool = True
) -> Question:
    """What is asked about the first rule of a policy."""
    return ask(given.take(given.policy(more), given.facts(table or given.table())), exact=exact)


def test_what_is_counted_and_estimated_is_what_would_go() -> None:
    """The very condition of the purge."""
    made = given.policy(WHERE + HOLDS)
    condition = given.take(made, given.facts()).walk.expired

    asked = question(WHERE + HOLDS)

    assert condition in asked.count
    assert asked.estimate.startswith("EXPLAIN")
    assert condition in asked.estimate
    assert "LIMIT $1" in asked.count


def test_rows_are_counted_to_one_more_than_the_guard_allows() -> None:
    """That is enough to refuse."""
    assert question(WHERE).limit == 10


def test_held_rows_are_those_that_would_go_but_for_a_hold() -> None:
    """Not those that the rule's where leaves anyway; without holds nothing is asked."""
    held = question(WHERE + HOLDS).held

    assert held is not None
    assert "(kind = 'x'\n) IS TRUE" in held
    assert "AND NOT ((tenant = 7\n) IS NOT TRUE\n    AND (true\n) IS NOT TRUE)" in held
    assert question(WHERE).held is None


def test_every_predicate_is_proven_twice_before_anything_else() -> None:
    """In two contexts, so that what closes one parenthesis breaks in the other."""
    proofs = question(WHERE + HOLDS).proofs

    assert [what for what, _ in proofs] == [
        "its where", "its where", "hold case-1", "hold case-1", "hold case-2", "hold case-2",
    ]  # fmt: skip
    for (_, plain), (_, array) in zip(proofs[::2], proofs[1::2], strict=True):
        assert plain.startswith("SELECT (\n")
        assert array.startswith("SELECT (ARRAY[\n")
        assert plain.endswith("LIMIT 0")


def test_the_expressions_of_a_rollup_are_proven_too() -> None:
    """They come from the policy as well."""
    made = given.policy(given.ROLLUP)
    seen = given.facts(given.usage(), given.monthly())
    aim = given.aims.bare(made, given.rule(made), seen)

    proofs = ask(aim, exact=True).proofs

    assert {what for what, _ in proofs} == {
        "group_by tenant of its rollup",
        "group_by part of its rollup",
    }


def test_a_rule_without_predicates_has_nothing_to_prove() -> None:
    """Age needs no proof."""
    assert question().proofs == ()


def test_the_oldest_row_is_asked_for_only_where_an_index_finds_it() -> None:
    """Anywhere else it would be a pass over the whole table."""
    assert question().oldest is not None
    assert question(table=given.table(indexes=())).oldest is None


def test_the_question_carries_what_its_answer_is_compared_with() -> None:
    """The cut-off as text of its type, and the search_path in which predicates are read."""
    asked = question(exact=False)

    assert (asked.cutoff, asked.type) == ("2025-12-04 01:30:00+00:00", "timestamptz")
    assert (asked.rule, asked.exact) == ("events", False)
    assert asked.search_path == ("pg_catalog", "public", "pg_temp")
