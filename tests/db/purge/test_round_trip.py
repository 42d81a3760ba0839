r"""What was archived comes back: every built-in type, through `zstdcat | psql \copy`, without us."""

from __future__ import annotations

import datetime as dt
import decimal
import os
import subprocess

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.db.purge.night import Night, check_books, last, manifests, unpacked
from tests.parts import need_program

TYPES = {
    "numeric": ["'NaN'", "0", "-0.0", "1e-200", "'" + "9" * 200 + "." + "7" * 60 + "'", "0.100", "1e5"],
    "numeric(12,4)": ["99999999.9999", "-0.0001"],
    "real": ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e-45", "3.4028235e38", "0.1", "16777217"],
    "double precision": ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "5e-324", "1.7976931348623157e308", "0.1", "0.30000000000000004"],
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648", "2147483647"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "money": ["'-92233720368547758.08'", "'92233720368547758.07'", "0"],
    "text": [
        "''", "'NULL'", "'\\N'", "E'\\\\.'", "E'a\\r\\nb'", "E'a\\rb'", "E'a\\nb\\n'", "E'\\n'", "'a,b'", "'say \"hi\"'", "'\"'", "' x '",
        "E'\\t\\b\\f\\x01\\x7f'", "'é 中 🐘 \u2028 \u0301'", "E'back\\\\slash'", "'%s %% :x $1'", "repeat('long ', 3000)", "E'a\\\\.\\nb'",
    ],
    "varchar(9)": ["''", "'  x '"],
    "char(5)": ["''", "'ab'"],
    '"char"': ["'x'", "''", "E'\\\\377'"],
    "name": ["'a \"name\"'"],
    "bytea": ["''", "'\\x00ff0a0d22'", "decode(repeat('00', 3000), 'hex')"],
    "boolean": ["true", "false"],
    "date": ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'12026-01-01'", "'5874897-12-31'"],
    "time": ["'00:00'", "'24:00'", "'23:59:59.999999'"],
    "timetz": ["'00:00+15:59'", "'24:00-15:59'", "'12:00:00.000001+05:30'"],
    "timestamp": ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'294276-12-31 23:59:59.999999'"],
    "timestamptz": ["'infinity'", "'-infinity'", "'0001-01-01 00:00:00+00 BC'", "'12026-01-01 00:00+14'", "'2025-03-30 02:30 Europe/Amsterdam'"],
    "interval": ["'1 mon -1 day 00:00:00.000001'", "'-178000000 years'", "'P1Y2M3DT4H5M6.789S'", "'24:00'", "'1 year -1 mon'"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
    "json": ["'{\"b\":1,  \"a\": 1.0, \"a\":2}'", "'\"\\u00e9 \\ud83d\\ude00\"'", "'null'"],
    "jsonb": ["'{\"b\":1,  \"a\": 1.00}'", "'[1e400, \"a\\nb\", null]'", "'null'"],
    "jsonpath": ["'$.\"a b\"[*] ? (@ > 1)'"],
    "inet": ["'192.168.1.5/24'", "'::ffff:1.2.3.4/128'", "'2001:db8::1/64'"],
    "cidr": ["'192.168.1.0/24'", "'::/0'"],
    "macaddr": ["'08:00:2b:01:02:03'"],
    "macaddr8": ["'08:00:2b:01:02:03:04:05'"],
    "bit(5)": ["B'10101'"],
    "varbit": ["B''", "B'0110'"],
    "point": ["'(NaN,Infinity)'", "'(1e-300,0.1)'"],
    "line": ["'{1,-1,0.1}'"],
    "lseg": ["'[(0,0),(1,1)]'"],
    "box": ["'(1,1),(0,0)'"],
    "path": ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"],
    "polygon": ["'((0,0),(1,1),(2,0))'"],
    "circle": ["'<(0,0),1.5>'"],
    "tsvector": ["'''it''''s'':1A fat:2B,3'"],
    "tsquery": ["'fat & !(rat | cat:*)'"],
    "pg_lsn": ["'16/B374D848'"],
    "oid": ["4294967295"],
    "xid": ["'4294967295'"],
    "tid": ["'(4294967295,65535)'"],
    "txid_snapshot": ["'10:20:10,14,15'"],
    "int4range": ["'empty'", "'[1,5)'", "'(,)'"],
    "numrange": ["'(1.5,2.50]'", "'[NaN,NaN]'"],
    "tstzrange": ["'[-infinity,infinity)'", "'[\"2020-01-01 00:00+00\",)'"],
    "daterange": ["'[2020-01-01,2020-02-01)'"],
    "integer[]": ["'{}'", "'{1,NULL,3}'", "'[0:1][-2:-1]={{1,2},{3,4}}'"],
    "text[]": ["ARRAY['', NULL, 'NULL', 'a\"b', E'c\\\\d', 'e,f', E'g\\nh', '{}']"],
    "timestamptz[]": ["'{infinity,NULL,\"0044-03-15 00:00+00 BC\"}'"],
    "mood": ["'so so'", "'it''s'"],
    "short_text": ["'abc'"],
    "pair": ["ROW(1, 'a,\"b\"')", "ROW(NULL, '')", "ROW(NULL, NULL)"],
    "pair[]": ["ARRAY[ROW(1, 'x')::pair, NULL]"],
    "regtype": ["'integer'"],
}  # fmt: skip
NEWER = {
    "numeric ": ["'Infinity'", "'-Infinity'"],
    "int4multirange": ["'{}'", "'{[1,3),[5,7)}'"],
    "tstzmultirange": ['\'{[-infinity,"2020-01-01 00:00+00"),["2021-01-01 00:00+00",)}\''],
}
MAKE = """
CREATE TYPE mood AS ENUM ('so so', 'it''s');
CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 9);
CREATE TYPE pair AS (n int, word text);
"""
RULE = "everything: {keep: 90 days, by: at, every: day, archive: true, pace: {max_segment_rows: 7}}"


def columns_of(database):
    """The types that this server has."""
    kinds = dict(TYPES)
    if database.server.version >= 14:
        kinds |= NEWER
    try:
        database.run("SELECT '<a/>'::xml")
        kinds["xml"] = ["'<a b=\"c\">d</a>'", "'text'"]
    except psycopg.errors.FeatureNotSupported:
        pass
    return kinds


def fill(database):
    """A table with a column of every type, a row for each value, all old; a copy of it to compare with."""
    kinds = columns_of(database)
    names = [f"c{number}" for number in range(len(kinds))]
    definitions = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    small = names[list(kinds).index("smallint")]
    database.run(
        MAKE
        + f"""
        CREATE TABLE everything (gone text, id int GENERATED ALWAYS AS IDENTITY, at timestamptz DEFAULT '2020-01-01',
          {definitions}, twice bigint GENERATED ALWAYS AS ({small} * 2) STORED, "Quoted, name" text DEFAULT '');
        ALTER TABLE everything DROP COLUMN gone"""
    )
    most = max(map(len, kinds.values()))
    for number in range(most):
        values = ", ".join(f"{one[number % len(one)]}" for one in kinds.values())
        database.run(f"INSERT INTO everything ({', '.join(names)}) VALUES ({values})")
    database.run(
        "INSERT INTO everything DEFAULT VALUES; UPDATE everything SET at = at + id * interval '1 s'; CREATE INDEX ON everything (at)"
    )
    database.run("CREATE TABLE before AS TABLE everything; CREATE TABLE back (LIKE everything)")
    return most + 1


def restored(night, table="back"):
    """Put the archive back by server-side means and nothing of ours."""
    for path in night.files():
        with psycopg.connect(night.database.dsn) as connection:
            connection.execute("SET lc_monetary = 'C'")
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(unpacked(path))


def differences(night, one, other):
    """How many rows, as text, are in one table and not in the other, both ways."""
    count = "SELECT count(*) FROM (SELECT one::text FROM {} AS one EXCEPT ALL SELECT one::text FROM {} AS one) AS d"
    return [night.database.run(count.format(*pair))[0][0] for pair in ((one, other), (other, one))]


def test_every_type_comes_back(every_night):
    """Byte for byte in the server's own text, both ways EXCEPT ALL empty, on every version."""
    rows = fill(every_night.database)
    every_night.policy(RULE).init()

    report = every_night.approved()
    restored(every_night)

    assert (report.exit_code, last(report).rows) == (0, rows)
    assert every_night.database.run("SELECT count(*) FROM everything") == [(0,)]
    assert differences(every_night, "before", "back") == [0, 0]
    check_books(every_night)


def test_plain_zstdcat_and_psql_bring_it_back(night):
    r"""The way of people who do not have us any more: `zstdcat file | psql -c "\copy …"`."""
    psql, zstdcat = need_program("psql"), need_program("zstdcat")
    rows = fill(night.database)
    night.policy(RULE).init()
    night.approved()

    for path in night.files():
        unpacking = subprocess.Popen([zstdcat, path], stdout=subprocess.PIPE)
        command = [
            psql,
            "--no-psqlrc",
            "-v",
            "ON_ERROR_STOP=1",
            "-qc",
            "\\copy back from stdin csv header",
            night.database.dsn,
        ]
        subprocess.run(
            command,
            stdin=unpacking.stdout,
            check=True,
            env={**os.environ, "PGOPTIONS": "-c lc_monetary=C"},
        )
        unpacking.stdout.close()
        assert unpacking.wait() == 0

    assert night.database.run("SELECT count(*) FROM back") == [(rows,)]
    assert differences(night, "before", "back") == [0, 0]


def test_sha256sum_accepts_the_sums(night):
    """`sha256sum --check` in the folder of the files finds every one of them whole."""
    sha256sum = need_program("sha256sum")
    night.database.run(MAKE)
    fill_small(night, ["'x'"] * 20)
    night.approved()

    for sums in night.archive.glob("[!_]*/*/*.SHA256SUMS"):
        answer = subprocess.run(
            [sha256sum, "--check", "--strict", sums.name],
            cwd=sums.parent,
            check=True,
            capture_output=True,
            text=True,
        )
        assert answer.stdout.count(": OK") == len(night.files()) > 1


def fill_small(night, values, kind="text"):
    """A table of one value a row, old enough to go."""
    night.database.run(
        f"CREATE TABLE everything (id int, at timestamptz DEFAULT '2020-01-01', value {kind})"
    )
    rows = ", ".join(
        f"({number}, '2020-01-0{number % 9 + 1}', {value})" for number, value in enumerate(values)
    )
    night.database.run(f"INSERT INTO everything VALUES {rows}; CREATE INDEX ON everything (at)")
    night.database.run(
        "CREATE TABLE before AS TABLE everything; CREATE TABLE back (LIKE everything)"
    )
    night.policy(RULE).init()


@pytest.mark.parametrize(
    ("value", "warns"),
    [
        ("E'a\\n\\\\.\\nb'", True),
        ("E'a\\n\\\\.\\r\\nb'", True),
        ("E'\\\\.'", False),
        ("E'a\\n\\\\.'", False),
        ("E'a\\n\\\\.b\\n'", False),
    ],
)
def test_the_manifest_says_when_psql_cannot_read_a_file(night, value, warns):
    r"""A text with a line `\.` ends psql's \copy before 18; the server's own COPY reads it."""
    fill_small(night, [value])

    night.approved()
    restored(night)

    (manifest,) = manifests(night)
    assert [one["psql_copy_cannot_read_it"] for one in manifest["files"]] == [warns]
    assert differences(night, "before", "back") == [0, 0]


def test_a_table_of_one_column_named_like_the_end_of_copy(night):
    r"""The header `"\."` is quoted by the server, and we know it."""
    night.database.run(
        r"""CREATE TABLE everything ("\." date); INSERT INTO everything VALUES ('2020-01-01'); CREATE TABLE back (LIKE everything)"""
    )
    night.policy(r"""everything: {keep: 90 days, by: "\\.", every: day, archive: true}""").init()

    report = night.approved()
    restored(night)

    assert (report.exit_code, last(report).rows) == (0, 1)
    assert night.database.run("SELECT * FROM back") == [(dt.date(2020, 1, 1),)]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
TRICKY = st.text(st.sampled_from("a\",\n\r\\.N'\t é🐘"), max_size=12)
FINITE = st.decimals(allow_nan=False, allow_infinity=False)
NUMBERS = FINITE | st.just(decimal.Decimal("NaN"))
MOMENTS = st.datetimes(timezones=st.just(dt.UTC)) | st.none()
ROWS = st.lists(
    st.tuples(TEXT | TRICKY | st.none(), NUMBERS | st.none(), MOMENTS, st.floats() | st.none()),
    min_size=1,
    max_size=30,
)


def test_values_that_nobody_thought_of_come_back(database, driver, tmp_path):
    """Text, numbers, moments and floats of hypothesis' choice, through archive and back."""
    database.run("""
        CREATE TABLE everything (id int, at timestamptz DEFAULT '2020-01-01', a text, b numeric, c timestamptz, d float8);
        CREATE TABLE before (LIKE everything); CREATE TABLE back (LIKE everything)""")
    nights = iter(range(1000))

    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(ROWS)
    def comes_back(rows):
        night = Night(database, driver, tmp_path / str(next(nights)))
        night.policy(RULE)
        database.run("DROP SCHEMA IF EXISTS maintainer CASCADE; TRUNCATE everything, before, back")
        night.init()
        with psycopg.connect(database.dsn) as connection:
            connection.cursor().executemany(
                "INSERT INTO everything (id, a, b, c, d) VALUES (%s, %s, %s, %s, %s)",
                [(number, *row) for number, row in enumerate(rows)],
            )
        database.run("INSERT INTO before TABLE everything")

        report = night.approved()
        restored(night)

        assert (report.exit_code, last(report).rows) == (0, len(rows))
        assert differences(night, "before", "back") == [0, 0]

    comes_back()
