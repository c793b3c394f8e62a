"""The syntax of YAML 1.2: blanks, line breaks, comments, indentation, plain text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_pipeline.config.yaml.reader import parse
from mnist_pipeline.config.yaml.scanner import invisible
from mnist_pipeline.config.yaml.writer import dump
from mnist_pipeline.errors import ConfigError


def read(text: str) -> Any:
    """What `text` says, if nothing is wrong with it."""
    document = parse(text, "c.yaml")
    assert document.diagnostics == []
    return document.data


def refused(text: str) -> str:
    """The message with which `text` is refused, without the name of the file."""
    with pytest.raises(ConfigError) as error:
        parse(text, "c.yaml")
    return str(error.value).removeprefix("c.yaml:")


# Tabs


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("seed: 1\t# note", {"seed": 1}),
        ("a: 1\t\nb: 2", {"a": 1, "b": 2}),
        ("a: 1\n\t\nb: 2", {"a": 1, "b": 2}),
        (" \t\na: 1", {"a": 1}),
        ("a: 1\n\t# note\nb: 2", {"a": 1, "b": 2}),
        ("a:\t1", {"a": 1}),
        ("-\t1", [1]),
        ("---\t1", 1),
        ("a:\n \tb", {"a": "b"}),
        ("a:\n  x\n  \t\n  y", {"a": "x\ny"}),
        ("a: x\ty", {"a": "x\ty"}),
        ("a: [1,\t2\t,\n \t3]", {"a": [1, 2, 3]}),
        ("a: {b:\t1}", {"a": {"b": 1}}),
        ("a: 'x'\t", {"a": "x"}),
        ('a: "x\n \ty"', {"a": "x y"}),
        ("a:\t|\t# note\n  x\ty\n  \tz\n", {"a": "x\ty\n\tz\n"}),
    ],
    ids=lambda value: repr(value) if isinstance(value, str) else "",
)
def test_a_tab_separates(text: str, data: Any) -> None:
    assert read(text) == data


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\ta: 1", "1:1"),
        ("a:\n\tb: 1", "2:1"),
        ("a:\n \tb: 1", "2:2"),
        ("a:\n  b: 1\n\tc: 2", "3:1"),
        ("a:\n  b: 1\n  \tc: 2", "3:3"),
        ("a:\n\t- 1", "2:1"),
        ("- 1\n\t- 2", "2:1"),
        ("-\ta: 1", "1:2"),
        ("-\t- 1", "1:2"),
        ("a: |\n\tx", "2:1"),
        ("a:\n\tb", "2:1"),
        ("a: [\n\t1]", "2:2"),
        ('a: "x\n\ty"', "1:4"),
    ],
    ids=repr,
)
def test_a_tab_does_not_indent(text: str, place: str) -> None:
    message = refused(text)
    assert message.startswith(f"{place}: ")
    assert "Indent with spaces" in message or "this quote is not closed" in message


# Ends of lines


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"], ids=["U+0085", "U+2028", "U+2029"])
def test_what_ends_a_line_only_in_yaml_1_1_ends_none(sign: str) -> None:
    assert read(f"a: 1 # note{sign}a: 5\nb: 'x{sign}y'\nc: |\n  x{sign}y\n") == {
        "a": 1, "b": f"x{sign}y", "c": f"x{sign}y\n",
    }  # fmt: skip
    document = parse(f"a: 1 # note{sign}a: 5\nb: 2", "c.yaml")
    assert (document.locate(("b",)).line, document.locate(("b",)).text) == (2, "b: 2")


def test_the_characters_that_replace_them_may_be_in_the_text_too() -> None:
    text = "".join(map(chr, range(0xF0000, 0xF0010)))
    assert read(f"a: {text}\nb: 'x\u2028{text}'") == {"a": text, "b": f"x\u2028{text}"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_line_breaks_of_every_system_end_a_line(end: str) -> None:
    text = end.join(["a: x", "", "  y", "b: 'x", "", "  y'", "c:", "- 1"])
    assert read(text) == {"a": "x\ny", "b": "x\ny", "c": [1]}
    assert parse(text, "c.yaml").locate(("c", 0)).line == 8


# What cannot be seen


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("model:\n\xa0\xa0layers: [Flatten]", "2:1", "U+00A0 (no-break space)"),
        ("a:\xa01", "1:3", "U+00A0 (no-break space)"),
        ("a: \u3000\xa01", "1:4", "U+3000 (ideographic space)"),
        ("a: Den\u200bse", "1:7", "U+200B (zero width space)"),
        ("b: 1\n\ufeffa: 1", "2:1", "U+FEFF (byte-order mark)"),
        ("a: 1\nb\ufeff: 1", "2:2", "U+FEFF (byte-order mark)"),
        ("a: x\u2028y", "1:5", "U+2028 (line separator)"),
        ("a: x\x85y", "1:5", "U+0085 (next line)"),
        ("\u2028a: 1", "1:1", "U+2028 (line separator)"),
        ("a: 1\nb: [x,\n  y\u202ez]", "3:4", "U+202E (right-to-left override)"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_an_invisible_character_outside_of_quotes_is_named(text: str, place: str, name: str) -> None:
    assert refused(text).startswith(f"{place}: invisible character {name}")


@pytest.mark.parametrize("sign", ["\xa0", "\u200b", "\u202f", "\ufeff", "\u2029", "\x85"], ids=ascii)
def test_an_invisible_character_in_quotes_or_a_comment_stays(sign: str) -> None:
    assert read(f"a: 'x{sign}y' # {sign}") == {"a": f"x{sign}y"}
    assert read(f'a: "x{sign}y"') == {"a": f"x{sign}y"}


@given(st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=200))
def test_any_text_that_is_written_is_read_back(text: str) -> None:
    assert parse(dump({"a": [text], text: text}), "c.yaml").data == {"a": [text], text: text}


def test_ordinary_text_of_any_language_is_visible() -> None:
    assert invisible("héllo 手書き数字 рукопись العربية हिन्दी 👍 ~!\t\n") is None


# Comments


@pytest.mark.parametrize("text", ["a: [1, 2]# note", "a: [1,# note\n 2]", 'a: "x"# note', "a: {b: 1}# note"])
def test_a_comment_needs_a_space_before_it(text: str) -> None:
    assert "a comment needs a space before" in refused(text)


def test_a_number_sign_within_a_word_is_not_a_comment() -> None:
    assert read("a: x#y # z\nb: [x#y] # z") == {"a": "x#y", "b": ["x#y"]}


# Indentation


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1,\n2]", "2:1"),
        ("a:\n  b: {c: 1,\n  d: 2}", "3:3"),
        ('a: "x\ny"', "1:4"),
        ("a: 'x\n\nb: 2\n", "1:4"),
        ("a: >\n   \n x", "3:2"),
    ],
    ids=repr,
)
def test_a_value_is_indented_more_than_its_key(text: str, place: str) -> None:
    message = refused(text)
    assert message.startswith(f"{place}: ")
    assert "ndent" in message


@pytest.mark.parametrize("text", ["a: [\n  1,\n]", "a: {\n  b: 1\n}", "a:\n  b: [\n    1\n]"], ids=repr)
def test_a_bracket_may_close_at_the_indentation_of_its_key(text: str) -> None:
    assert read(text)


def test_at_the_top_level_nothing_has_to_be_indented() -> None:
    assert read('["x\ny",\nz]') == ["x y", "z"]


# Plain text, anchors, tags


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{ ?foo: bar,\nbar: 42\n}", {"?foo": "bar", "bar": 42}),
        ("[:x]", [":x"]),
        ("[?x]", ["?x"]),
        ("[a?b, c ? d, ::e, http://f]", ["a?b", "c ? d", "::e", "http://f"]),
        ("{a?: b?}", {"a?": "b?"}),
        ('{"a":1, "b"::c}', {"a": 1, "b": ":c"}),
        ("[-1, -x]", [-1, "-x"]),
        ("- |+\n   ", ["\n"]),
        ("a: |\n  x\n   ", {"a": "x\n \n"}),
        ("- '12'\n- 12\n- ! 12", ["12", 12, "12"]),
        ("a: &an:chor x\nb: *an:chor", {"a": "x", "b": "x"}),
        ("a: &\u00e9t\u00e9 x\nb: [*\u00e9t\u00e9]", {"a": "x", "b": ["x"]}),
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x", {"a": 1, "b": 1, "c": 2, "d": 2}),
        (r'a: "\ud83d\udc4d"', {"a": "\U0001f44d"}),
    ],
    ids=lambda value: repr(value) if isinstance(value, str) else "",
)
def test_plain_scalars_anchors_and_tags_are_those_of_yaml_1_2(text: str, data: Any) -> None:
    assert read(text) == data


@pytest.mark.parametrize("text", ["[-]", "[-, -]", "a: [1, -]"])
def test_a_dash_alone_in_brackets_is_refused(text: str) -> None:
    assert "quotes" in refused(text)


@pytest.mark.parametrize("text", [r"C:\Users", r"C:\data", r"\ud83", r"\UFFFFFFFF"])
def test_a_backslash_in_double_quotes_is_explained(text: str) -> None:
    message = refused(f'a: "{text}"')
    assert message.startswith("1:")
    assert "Use single quotes" in message
    assert read(f"a: '{text}'") == {"a": text}


# What remains: no config writes it, and reading it costs more than it is worth.


@pytest.mark.parametrize(
    "text",
    ["{foo\n: bar}", '{"foo"\n  :bar}', "{? a :, : b}", ": a", "[: a]", "- :", "- ? : x", "...", "--- >\nx\n",
     "%YAML\t1.2\n---\n1", "%YAML1.2\n---\n1", "{a: !!str, b: 1}"],
    ids=repr,
)  # fmt: skip
def test_some_valid_yaml_is_refused(text: str) -> None:
    assert refused(text).startswith(("1:", "2:"))


@pytest.mark.parametrize(("text", "data"), [("- !!str, xxx", [None]), ("!", ""), ("a: [\n 1\n]", {"a": [1]})], ids=repr)
def test_some_yaml_is_accepted_that_the_specification_does_not_allow(text: str, data: Any) -> None:
    assert parse(text, "c.yaml").data == data
