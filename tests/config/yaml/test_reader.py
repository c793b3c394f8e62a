"""YAML text becomes plain data with locations, or an error with one."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from mnist_pipeline.config.yaml.document import Diagnostic, Document, Location
from mnist_pipeline.config.yaml.reader import MAX_FILE_BYTES, parse, read
from mnist_pipeline.config.yaml.scalars import SCALARS
from mnist_pipeline.config.yaml.scanner import lines_of
from mnist_pipeline.errors import ConfigError
from mnist_pipeline.terminal import printable

YAML_SIGNS = "ab01: -[]{}&*!|>'\"#%@`,?\n\t.eE~<=\\x\r\x85\u2028\ufeff\u00e9\x07"


def refused(text: str) -> str:
    """The message with which `text` is refused."""
    with pytest.raises(ConfigError) as error:
        parse(text, "c.yaml")
    return str(error.value)


def errors(text: str) -> list[str]:
    """`line:column: message` of each error in `text`, which can be read all the same."""
    return [f"{p.location.line}:{p.location.column}: {p.message}" for p in parse(text, "c.yaml").diagnostics]


def messages(text: str) -> str:
    """All messages about `text`, whether or not it can be read."""
    try:
        return "\n".join(errors(text))
    except ConfigError as error:
        return str(error)


# Scalars: the core schema of YAML 1.2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+1.5e+2", 150.0),
        (".inf", float("inf")),
        (".INF", float("inf")),
        ("-.Inf", float("-inf")),
        ("1e400", float("inf")),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("012", 12),
        ("0x10", 16),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    read_as = parse(f"a: {text}", "c.yaml").data["a"]
    assert (read_as, type(read_as)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["on", "off", "yes", "no", "y", "nUll", "tRue", "1:30", "1_000", "0b1", "-0x10", "1e", ".", "e3", "+", "2026-11-22",
     "<<", "=", "10 epochs", "+.nan"],
)  # fmt: skip
def test_what_yaml_1_1_would_convert_stays_a_string(text: str) -> None:
    assert parse(f"a: {text}", "c.yaml").data == {"a": text}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_read_as_such(text: str) -> None:
    assert math.isnan(parse(f"a: {text}", "c.yaml").data["a"])


@pytest.mark.parametrize("text", ["'1'", '"1"', "!!str 1", "|-\n  1"], ids=["single", "double", "tag", "block"])
def test_a_quoted_number_is_a_string(text: str) -> None:
    assert parse(f"a: {text}", "c.yaml").data == {"a": "1"}


def test_the_error_for_a_merge_key_says_that_it_is_yaml_1_1() -> None:
    (error,) = errors("b: &x {a: 1}\nc: {<<: *x, d: 1}")
    assert error.startswith("2:5: merge keys ('<<') are YAML 1.1")
    assert parse("'<<': {a: 1}", "c.yaml").data == {"<<": {"a": 1}}


@pytest.mark.parametrize("text", ["", "# only a remark\n", "---\n"], ids=["empty", "remark", "dashes"])
def test_a_text_without_content_is_none(text: str) -> None:
    document = parse(text, "c.yaml")
    assert document.data is None
    assert document.locate(("model",)).line == 1


# What YAML allows and a config never means


def test_a_duplicate_key_is_an_error_that_names_both_lines() -> None:
    document = parse("a: 1\nb: 2\na: 3\n", "c.yaml")
    assert [str(problem) for problem in document.diagnostics] == [
        "c.yaml:3:1: duplicate key 'a', first in line 1. Remove one of them\n    a: 3\n    ^"
    ]
    assert document.data == {"a": 1, "b": 2}


def test_every_duplicate_key_is_reported() -> None:
    assert len(errors("a: {b: 1, b: 2, b: 3}\na: 4")) == 3


def test_equal_keys_in_different_mappings_are_fine() -> None:
    assert errors("a: {b: 1}\nc: {b: 1}\nd: [{b: 1}, {b: 2}]") == []


@pytest.mark.parametrize("key", ["1", "1.5", "true", "~", "? [a]\n", "? {a: 1}\n"])
def test_a_key_that_is_not_a_string_is_an_error(key: str) -> None:
    (error,) = errors(f"{key}: 1")
    assert "expected a name as the key" in error


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object:os.system ls",
        "!!python/object/apply:os.system [ls]",
        "!!python/name:os.system ''",
        "!mine 3",
        "!mine [1]",
        "!mine {b: 1}",
        "!!set {b}",
        "!!binary aGk=",
        "!!timestamp 2026-11-22",
    ],
)
def test_a_tag_is_an_error_at_its_location(value: str) -> None:
    (error,) = errors(f"a: {value}")
    assert error.startswith("1:4: the tag ")


@pytest.mark.parametrize("value", ["!!python/object/apply:os._exit [1]", "!!python/object/new:os._exit [1]"])
def test_a_tag_never_runs_anything(value: str) -> None:
    data = parse(f"a: {value}", "c.yaml").data
    assert data in ({"a": None}, {"a": [1]})


@pytest.mark.parametrize("value", ["!!int x", "!!float x", "!!bool maybe", "!!int 0o9"])
def test_a_value_that_does_not_fit_its_tag_is_an_error(value: str) -> None:
    assert messages(f"a: {value}").startswith("1:4: ")


def test_a_number_with_thousands_of_digits_is_an_error() -> None:
    assert errors("a: " + "9" * 5000) == ["1:4: a number of 5,000 digits; at most 100 are read"]


# Not YAML


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("a: 1\n\tb: 2", "2:1", "a tab. Indent with spaces"),
        ("\ta: 1", "1:1", "a tab"),
        ("a: b: c", "1:5", "unexpected ':'"),
        ("a: 1\n b: 2", "2:3", "indentation"),
        ("- a\nb: 1", "2:1", "is not aligned"),
        ("a: 1\nb 2\nc: 3", "3:1", "missing ':'"),
        ("a: *x", "1:4", "without its anchor"),
        ("a: 1\n---\nb: 2", "2:1", "A config is one document"),
        ("---\n---\n", "2:1", "A config is one document"),
        ("a: 'x", "1:6", "not closed"),
        ("a: [1, 2", "1:9", "not closed"),
        ("a: {b: 1", "1:9", "not closed"),
        ('a: "x\nb: 2"', "1:4", "not closed"),
        ('a: "x\n---\ny"', "1:4", "not closed"),
        ("a: [1\nb: 2", "2:1", "not closed"),
        ("a: {b: 1 c: 2}", "1:11", "missing ','"),
        ("a: - b", "1:4", "on a line of its own"),
        ("a: * x", "1:5", "in quotes"),
        ("a: |x\n  y", "1:5", "the next line"),
        ("a: [", "1:5", "missing here"),
        ("a: [1,,2]", "1:7", "missing here"),
        ("a: @x", "1:4", "a value cannot begin with this character. Put the value in quotes"),
        ("a: x\x07y", "1:5", "U+0007 is not allowed"),
        ("a: 1\r\nb: \x1b", "2:4", "U+001B is not allowed"),
        ("a: \ud800", "1:4", "U+D800 is not allowed"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_not_yaml_is_located_and_explained(text: str, place: str, advice: str) -> None:
    message = refused(text)
    assert message.startswith(f"c.yaml:{place}: ")
    assert advice in message


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', 'a: "\\U00110000"'], ids=["no character", "beyond Unicode"])
def test_a_number_that_is_no_character_is_refused(text: str) -> None:
    assert refused(text).startswith("c.yaml:1:")


def test_an_endless_version_of_yaml_is_refused() -> None:
    message = refused("%YAML 1." + "1" * 5000 + "\n---\na: 1")
    assert message.startswith("c.yaml:1:1: the version after %YAML is too long. Write %YAML 1.2, or remove that line")


def test_a_lone_surrogate_is_an_error_because_no_terminal_can_print_it() -> None:
    assert messages('a: "\\ud800"')


# Too much


BILLION_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 10)}]"
    for before, key in zip("abcdefgh", "bcdefghi", strict=True)
)  # fmt: skip


@pytest.mark.parametrize("text", ["&a [*a]", "a: &x {b: *x}"], ids=["itself", "its parent"])
def test_aliases_that_contain_themselves_are_refused(text: str) -> None:
    assert "contains itself" in refused(text)


@pytest.mark.parametrize("text", [BILLION_LAUGHS, "- a\n" * 10_001], ids=["laughs", "list"])
def test_more_values_than_any_config_has_are_refused(text: str) -> None:
    assert "more than 10,000 values" in refused(text)


def test_an_alias_is_a_copy() -> None:
    document = parse("a: &x {b: 1}\nc: *x\n", "c.yaml")
    document.replace(("c", "b"), parse("2", "--set"))
    assert document.data == {"a": {"b": 1}, "c": {"b": 2}}


@pytest.mark.parametrize("depth", [60, 2000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ("{a: ", "}")], ids=["lists", "mappings"])
def test_deep_nesting_is_refused_as_what_it_is(depth: int, opened: str, closed: str) -> None:
    message = refused(opened * depth + closed * depth)
    assert "deep" in message
    assert "alias" not in message


def test_a_config_may_be_nested_as_deeply_as_branches_need() -> None:
    assert errors("[" * 40 + "]" * 40) == []


# Files


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\na: 2")
    document = read(file)
    assert document.data == {"a": 1}
    assert (document.keys["a",].line, document.keys["a",].column) == (1, 1)


def test_line_breaks_of_windows_are_not_part_of_a_line(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"a: 1\r\nb: 2\r\n")
    place = read(file).locate(("b",))
    assert (place.line, place.column, place.text) == (2, 4, "b: 2")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"a: \xff\xfe", "not a text file"),
        (b"a: 1\x00", "binary file"),
        ("a: 1".encode("utf-16"), "not a text file"),
    ],
    ids=["image", "invalid UTF-8", "zero byte", "UTF-16"],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read(file)


def test_a_file_larger_than_any_config_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than 128 KiB"):
        read(file)


def test_a_file_as_large_as_a_config_may_be_is_read(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"a: 1 #".ljust(MAX_FILE_BYTES, b"x"))
    assert read(file).data == {"a": 1}


@pytest.mark.parametrize("name", ["missing.yaml", "."], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the file") as error:
        read(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))


# Locations


def test_a_diagnostic_shows_its_line_with_a_caret_under_the_column() -> None:
    problem = Diagnostic(Location("c.yaml", 3, 5, "ab: cd"), "this is wrong")
    assert str(problem) == "c.yaml:3:5: this is wrong\n    ab: cd\n        ^"


def test_a_tab_in_the_line_does_not_move_the_caret() -> None:
    _, line, caret = str(Diagnostic(Location("c.yaml", 1, 4, "a:\tb"), "wrong")).splitlines()
    assert line.index("b") == caret.index("^")


@pytest.mark.parametrize("before", ["\u624b\u66f8", "e\u0301", "x\u200by", "\x1b[31m"], ids=ascii)
def test_the_caret_is_under_the_column_whatever_precedes_it(before: str) -> None:
    problem = Diagnostic(Location("c.yaml", 1, len(before) + 1, f"{before}!"), "wrong")
    _, line, caret = str(problem).splitlines()
    assert cell_len(caret.removesuffix("^")) == cell_len(line.removesuffix("!"))
    assert all(sign.isprintable() for sign in line)


@pytest.mark.parametrize("sign", ["\x1b", "\u200b", "\x85", "\u2028", "\ufeff", "\ue000"], ids=ascii)
def test_invisible_characters_are_escaped_in_the_line_as_in_the_message(sign: str) -> None:
    problem = Diagnostic(Location("c.yaml", 1, len(sign) + 1, f"{sign}!"), f"'{sign}' is wrong")
    sentence, line, caret = printable(str(problem)).split("\n")
    escaped = repr(sign)[1:-1]
    assert (sentence, line) == (f"c.yaml:1:{len(sign) + 1}: '{escaped}' is wrong", f"    {escaped}!")
    assert caret.index("^") == line.index("!")


DOCUMENT = "model:\n  layers:\n    - Dense: {units: 10}\nloss: mse\n"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "1:1"),
        (("loss",), "4:7"),
        (("model", "layers", 0), "3:7"),
        (("model", "layers", 0, "Dense", "units"), "3:22"),
        (("model", "layers", 0, "Dense", "activation"), "3:14"),
        (("model", "layers", "list", 0, "Dense", "number", "units"), "3:22"),
        (("optimizer",), "1:1"),
    ],
    ids=str,
)
def test_a_path_has_the_location_of_its_value_or_of_the_nearest_value_above(
    path: tuple[str | int, ...], place: str
) -> None:
    location = parse(DOCUMENT, "c.yaml").locate(path)
    assert f"{location.line}:{location.column}" == place


def test_a_key_has_a_location_of_its_own() -> None:
    document = parse(DOCUMENT, "c.yaml")
    assert document.locate(("loss",), key=True).column == 1
    assert document.locate(("model", "layers", 0), key=True) == document.locate(("model", "layers", 0))


def test_a_value_is_found_by_its_path() -> None:
    document = parse(DOCUMENT, "c.yaml")
    assert document.get(("model", "layers", 0, "Dense", "units")) == 10
    assert document.get(("optimizer",)) is None


def test_a_replaced_value_and_its_locations_are_gone() -> None:
    document = parse("a: {b: {c: 1}}\nd: 2", "c.yaml")
    document.replace(("a",), parse("5", "--set"))
    assert document.data == {"a": 5, "d": 2}
    assert document.locate(("a", "b", "c")).source == "--set"
    assert document.locate(("d",)).source == "c.yaml"


# Any text


def well_placed(problem: Diagnostic, text: str) -> bool:
    """Whether the place of `problem` lies in `text`."""
    lines = lines_of(text)
    line = problem.location.text
    return problem.location.line <= len(lines) and 1 <= problem.location.column <= len(line) + 1


@given(st.text(YAML_SIGNS, max_size=60) | st.text(max_size=60))
@example("a: [x\x85\u2028, *")
@example("\ufeff a: \ufeff: 1")
@example('"\\x')
def test_any_text_is_read_or_refused_with_a_location(text: str) -> None:
    try:
        document = parse(text, "c.yaml")
    except ConfigError as error:
        assert str(error).startswith("c.yaml:")  # noqa: PT017, both outcomes are right
    else:
        assert all(well_placed(problem, text) for problem in document.diagnostics)
        assert () in document.values


def reads_as_text(text: str) -> bool:
    """Whether PyYAML, which writes YAML 1.1, leaves quotes out only as in YAML 1.2."""
    return yaml.safe_dump(text).startswith(("'", '"')) or parse(text, "c.yaml").data == text


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "Z"], include_characters=" "), max_size=12)
TEXT = TEXT.filter(reads_as_text)
PLAIN_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN_DATA)
def test_data_written_by_pyyaml_are_read_back(data: Any) -> None:
    document = parse(yaml.safe_dump(data, allow_unicode=True), "c.yaml")
    assert document.diagnostics == []
    assert document.data == data


@given(PLAIN_DATA)
def test_every_value_and_key_has_a_location(data: Any) -> None:
    text = yaml.safe_dump(data)
    document = parse(text, "c.yaml")
    lines = lines_of(text)

    def check(value: Any, path: tuple[str | int, ...]) -> None:
        assert document.values[path].text == lines[document.values[path].line - 1]
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, child in children:
            assert (*path, name) in document.keys or isinstance(name, int)
            check(child, (*path, name))

    check(data, ())


def test_the_scalar_types_are_those_of_the_core_schema() -> None:
    assert {tag.rpartition(":")[2] for tag in SCALARS} == {"str", "null", "bool", "int", "float"}


def test_a_document_needs_no_locations() -> None:
    assert Document({"a": 1}).get(("a",)) == 1
