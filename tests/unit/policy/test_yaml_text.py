"""The strict reader of YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.policy.nodes import plain
from maintainer.policy.scalars import resolve
from maintainer.policy.yaml_text import MOST_BYTES, read


def said(text: str) -> object:
    """The values of a text without faults."""
    reading = read(text.encode(), "p.yaml")
    assert reading.faults == []
    return plain(reading.root)


def fault(text: str | bytes) -> str:
    """The one fault of a text."""
    (found,) = read(text if isinstance(text, bytes) else text.encode(), "p.yaml").faults
    return str(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"), ("NO", "NO"), ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("013", "013"),
        ("1_000", "1_000"), ("2026-11-26", "2026-11-26"), ("none", "none"), ("0b11", "0b11"), ("+", "+"),
        ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("NuLL", "NuLL"),
        ("0", 0), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5),
        (".inf", ".inf"), (".nan", ".nan"), ("1" * 41, "1" * 41), ("١", "١"),
    ],
)  # fmt: skip
def test_only_the_core_has_meaning(text, value):
    """What YAML 1.1 turns into 1320, False, True and 11 stays what the author typed."""
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_quotes_make_text():
    """A quoted scalar is never anything but text; keys always are."""
    assert said("1: '2'\ntrue: \"null\"\n013: |-\n  7\n") == {"1": "2", "true": "null", "013": "7"}


def test_an_alias_repeats_what_was_anchored():
    """Plain aliases are read."""
    assert said("a: &x {b: [1]}\nc: *x\n") == {"a": {"b": (1,)}, "c": {"b": (1,)}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1: policy: 'a' stands twice, first in line 1; remove one"),
        ("x: {'a': 1, a: 2}\n", "p.yaml:1:13: policy: 'a' stands twice, first in line 1; remove one"),
        ("x: &b {a: 1}\ny:\n  <<: *b\n", "p.yaml:3:3: policy: merge keys are not read; write the entries out"),
        ("a: !!str 1\n", "p.yaml:1:4: policy: tag tag:yaml.org,2002:str has no meaning here; write the plain value"),
        ("a: ! 1\n", "p.yaml:1:4: policy: tag ! has no meaning here; write the plain value"),
        ("a: !!python/object:os.system {}\n", "p.yaml:1:4: policy: tag tag:yaml.org,2002:python/object:os.system has no meaning here; write the plain value"),
        ("? [a]\n: 1\n", "p.yaml:1:3: policy: this cannot be a name; write a plain word"),
        ("{'': 1}\n", "p.yaml:1:2: policy: this cannot be a name; write a plain word"),
        ("a: *b\n", "p.yaml:1:4: policy: *b is used before &b is complete; write it out"),
        ("a: &a [*a]\n", "p.yaml:1:8: policy: *a is used before &a is complete; write it out"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2:1: policy: a second document; write it as another file"),
        ("- a\n", "p.yaml:1:1: policy: this is not a policy; begin with names such as `version: 1` or `retention:`"),
        ("a: [1, 2\nb: 3\n", "p.yaml:2:2: policy: this is not YAML (expected ',' or ']', but got ':'); check indentation, colons and quotes"),
        ('a: "\\U00110000"\n', "p.yaml:1:1: policy: this is not YAML; check its escapes"),
        ('a: "\\0"\n', "p.yaml:1:4: policy: a NUL or half a character stands here; remove it"),
        ('a: "\\ud800"\n', "p.yaml:1:4: policy: a NUL or half a character stands here; remove it"),
        ("a: 1\nb: \x07\n", "p.yaml:2:4: policy: a control character stands here; remove it"),
        (b"a: 1\nb: \xff\n", "p.yaml:2:4: policy: byte 0xff is not UTF-8; save the file as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_refused(text, expected):
    """Duplicates, merge keys, tags, odd keys and broken text are faults with their place."""
    assert fault(text) == expected


def test_several_faults_of_one_file_are_told_together():
    """Reading goes on after a fault where it can."""
    assert len(read(b"a: !x 1\na: 2\n<<: {}\n", "p.yaml").faults) == 3


def test_an_alias_bomb_is_defused():
    """Ten to the ninth values are refused before they are made."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert "aliases counted" in fault("\n".join(lines))


def test_aliases_do_not_dig_deep():
    """A chain of aliases counts as deep as what it stands for."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]

    assert "levels deep" in fault("\n".join(lines))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 10_000, "a: [" + "x," * 30_000 + "]"]
)
def test_deep_and_large_documents_are_bounded(text):
    """Depth and number of values have limits."""
    assert read(text.encode(), "p.yaml").faults


def test_a_file_of_more_than_a_megabyte_is_refused():
    """It is not even decoded."""
    assert "too many for a policy" in fault(b"#" * (MOST_BYTES + 1))


@pytest.mark.parametrize("raw", [b"", b"# nothing\n", b"---\n", b"\xef\xbb\xbf# mark\n"])
def test_an_empty_file_says_nothing(raw):
    """Nothing, comments and a byte order mark are no fault."""
    reading = read(raw, "p.yaml")

    assert (reading.root.entries, reading.faults, reading.whole) == ({}, [], True)


YAMLISH = st.text(
    alphabet=st.sampled_from("ab01:-[]{}&*!|>'\"%@`#,?~ \n\t\\xuU\0\x85\ufeff\u2028é.<=$")
    | st.characters(), max_size=80,
)  # fmt: skip


@given(st.binary(max_size=200) | YAMLISH.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_make_a_traceback(raw):
    """Whatever the bytes are, there is a mapping, and each fault has a place."""
    reading = read(raw, "p.yaml")

    assert isinstance(plain(reading.root), dict)
    assert reading.whole or reading.faults
    assert all(fault.place.line >= 1 and fault.place.column >= 1 for fault in reading.faults)
