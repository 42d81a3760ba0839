"""The statements of the schema, before any database sees them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from maintainer.schema import catalogue
from maintainer.sql.statement import load

STATEMENTS = load("maintainer.schema")


def test_the_seven_tables_have_what_their_document_counts():
    """43 named indexes, the policies it lists (20), 4 triggers; the monthly table comes beside them."""
    ours = [name for name in STATEMENTS if "usage_tracking_monthly" not in name]

    counts = Counter(name.split("_")[1] for name in ours)
    assert (counts["index"], counts["policy"], counts["trigger"]) == (43, 20, 4)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_makes_what_its_name_says(name):
    """`apply` tells by the name whether the object is there: name and text must agree."""
    verb, kind, what = name.split("_", 2)
    text = STATEMENTS[name].text

    if verb == "enable":
        assert text == f"ALTER TABLE public.{what} ENABLE ROW LEVEL SECURITY"
    else:
        spelled = what.replace("auth_", "auth.") if what.startswith("auth_") else what
        assert re.match(rf"CREATE {kind.upper()} (public\.)?{re.escape(spelled)}\b", text)


@pytest.mark.parametrize("table", catalogue.TABLES)
def test_every_table_is_under_row_level_security(table):
    """A table of ours is never there without it: both are made in the same transaction."""
    assert f"create_table_{table}" in STATEMENTS
    assert f"enable_rls_{table}" in STATEMENTS


def test_the_expected_catalogue_names_no_role_of_one_platform():
    """Policies are expected for whoever the database addresses: everybody, or Supabase's roles."""
    plain = {entry.name: entry.definition for entry in catalogue.expected(catalogue.EVERYBODY)}
    supabase = {entry.name: entry.definition for entry in catalogue.expected(catalogue.SUPABASE)}

    name = "usage_tracking.usage_tracking_insert"
    assert plain[name] == "permissive for insert to public with check true"
    assert supabase[name] == (
        "permissive for insert to authenticated, service_role with check true"
    )
