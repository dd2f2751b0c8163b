"""Whatever is in params.yaml: one error that names the key or the line, or params that are in range."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts.errors import PipelineError
from stages.config.params import Params
from stages.config.strict_yaml import parse
from stages.ingest.gate_params import NAMES, GateParams, parse_gate
from tests.helpers.page_blocks import blocks, read
from tests.helpers.workspace import ROOT

TEXT = (ROOT / "params.yaml").read_text()


def keys(tree: dict, parents: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """All keys of a tree, sections included."""
    found = [(*parents, name) for name in tree]
    return found + [key for name in tree if isinstance(tree[name], dict) for key in keys(tree[name], (*parents, name))]


KEYS = keys(yaml.safe_load(TEXT))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=9,
)


def section_of(tree: dict, key: tuple[str, ...]) -> dict:
    for name in key[:-1]:
        tree = tree[name]
    return tree


def load(text: str | bytes) -> tuple[Params, GateParams]:
    """As preprocess does it."""
    return parse(Params, text, "params.yaml"), parse_gate(text, "params.yaml")


def refusal(text: str | bytes) -> str:
    with pytest.raises(PipelineError) as error:
        load(text)
    assert str(error.value).startswith("params.yaml") and len(str(error.value)) < 1000
    return str(error.value)


def with_seed(value: str) -> str:
    return TEXT.replace("seed: 42", f"seed: {value}", 1)


@pytest.mark.parametrize("key", KEYS, ids=".".join)
def test_parse_names_a_missing_and_an_unknown_key(key: tuple[str, ...]):
    tree = yaml.safe_load(TEXT)
    section = section_of(tree, key)
    section[f"{key[-1]}_"] = copy.deepcopy(section[key[-1]])  # or YAML would write an alias
    message = f"params.yaml: {'.'.join(key)}_: unknown key; is it '{key[-1]}'?"
    assert refusal(yaml.safe_dump(tree)) == message
    del section[key[-1]], section[f"{key[-1]}_"]
    assert refusal(yaml.safe_dump(tree)) == f"params.yaml: {'.'.join(key)}: missing key"


@pytest.mark.slow
@given(st.sampled_from(KEYS), VALUES)
def test_parse_accepts_any_value_unchanged_or_names_its_key(key: tuple[str, ...], value: Any):
    tree = yaml.safe_load(TEXT)
    section_of(tree, key)[key[-1]] = value
    text = yaml.safe_dump(tree)
    try:
        params, gate = load(text)
    except PipelineError:
        message = refusal(text)
        assert message.startswith(f"params.yaml: {'.'.join(key)}") and "\n" not in message
    else:
        accepted, loaded = params.model_dump() | {"gate": gate.model_dump(exclude_unset=True)}, yaml.safe_load(text)
        for name in key:
            accepted, loaded = accepted[name], loaded[name]
        assert accepted == loaded


FRAGMENTS = st.sampled_from(
    ["[", "{", "}", ":", "- ", "\n", "  ", "&a ", "*a", "<<: ", "!!int ", "? ", "'", "|", "#", "%"]
)


@given(st.integers(0, len(TEXT)), st.integers(0, 20), FRAGMENTS | st.binary(max_size=5))
def test_parse_accepts_damaged_text_or_raises_a_pipeline_error(start: int, length: int, inserted: str | bytes):
    content = TEXT.encode()
    inserted = inserted.encode() if isinstance(inserted, str) else inserted
    content = content[:start] + inserted + content[start + length :]
    try:
        load(content)
    except PipelineError:
        refusal(content)


UNREADABLE = {
    "010": "expected a plain decimal number, found '010'",  # 8 to PyYAML
    "0x10": "expected a plain decimal number",
    "0b_": "expected a plain decimal number",
    "1:30": "expected a plain decimal number, found '1:30'",  # 90 to PyYAML
    "2001-99-99": "'2001-99-99' cannot be read as timestamp",
    "!!int x": "'x' cannot be read as int",
    "!!float x": "'x' cannot be read as float",
    "!!bool x": "'x' cannot be read as bool",
    "!!timestamp x": "'x' cannot be read as timestamp",
    "!!map x": "expected a mapping node",
    "9" * 5000: "cannot be read as int",
    "&a [*a]": "aliases are not supported: write the value out",
    "*unknown": "aliases are not supported",
    "!!python/name:os.system": "could not determine a constructor",
    "{1: a, true: b}": "the key True appears twice",
    "{? [a] : b}": "unhashable key",
    "'\ud800'": "special characters are not allowed",
}


@pytest.mark.parametrize(("value", "message"), UNREADABLE.items(), ids=[value[:20] for value in UNREADABLE])
def test_parse_shows_what_it_cannot_read_with_its_line(value: str, message: str):
    refused = refusal(with_seed(value))
    assert message in refused and ("line 4" in refused or "position" in refused)


@pytest.mark.parametrize("value", ["1e-3", ".nan", ".inf", "-.inf", "!!set {a}", "[]", "{}", "~", "=", "{<<: {a: 1}}"])
def test_parse_names_the_key_of_what_is_not_an_integer(value: str):
    assert "seed: " in refusal(with_seed(value))


def test_parse_shortens_a_long_number():
    message = refusal(with_seed("9" * 4000))
    assert message.startswith("params.yaml: seed: expected less than or equal to 2147483647, found 999")
    assert len(message) < 200


def test_parse_shortens_a_long_key():
    message = refusal(f"{'a' * 1000}: 1\n{TEXT}")
    assert message == f"params.yaml: {'a' * 80}: unknown key"


def test_parse_gate_ignores_the_other_sections():
    gate = yaml.safe_load(TEXT)["gate"]
    text = yaml.safe_dump({"gate": gate, "other": {1: 2}, 3: "x"})
    assert parse_gate(text, "params.yaml").model_dump(exclude_unset=True) == gate


@pytest.mark.parametrize("rows", ["some", "5", "0-5", "5-", "-5", "1-5-9", "01-5"])
def test_rows_of_another_form_are_an_error(rows: str):
    message = refusal(TEXT.replace("rows: not-official", f"rows: '{rows}'"))
    assert message.startswith("params.yaml: gate.rows: expected all, not-official, or the first and the last row of a")


def test_a_range_of_rows_that_ends_before_it_begins_is_an_error():
    message = refusal(TEXT.replace("rows: not-official", "rows: 5-4"))
    assert message == "params.yaml: gate.rows: expected a first row before the last, found '5-4'"


def with_limits(limits: object) -> str:
    tree = yaml.safe_load(TEXT)
    tree["gate"]["metrics"]["cnn"] = limits
    return yaml.safe_dump(tree)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"briar": {"max_drop": 0.1}}, ": unknown measure 'briar'; there are accuracy, loss, recall.0 to recall.9"),
        ({7: {"max_drop": 0.1}}, ": unknown measure 7; there are"),
        ({"{x}": {}}, ": unknown measure '{x}'; there are"),
        ({"brier": {}}, ".brier: expected max_drop, min_gain or both"),
        ({"brier": {"maxdrop": 0.1}}, ".brier.maxdrop: unknown key; is it 'max_drop'?"),
        ({"brier": {"max_drop": -1}}, ".brier.max_drop: expected greater than or equal to 0"),
        ({"brier": {"max_drop": 0.1, "relative": 1}}, ".brier.relative: expected a valid boolean"),
        ({"brier": 0.1}, ".brier: expected a valid dictionary"),
        ({"accuracy": {"max_drop": 0.1}}, ": accuracy has only min_gain here: gate.margin.accuracy limits its drop"),
        ({"recall.3": {"max_drop": 0.1}}, ": recall.3 has only min_gain here: gate.margin.recall limits its drop"),
        ([], ": expected a valid dictionary"),
    ],
)
def test_a_limit_of_another_form_is_an_error(limits: object, message: str):
    assert refusal(with_limits(limits)).startswith(f"params.yaml: gate.metrics.cnn{message}")


def test_the_limits_that_the_page_of_the_gate_shows_are_valid():
    trees = [yaml.safe_load(block.text) for block in blocks("docs/gate.md") if block.language == "yaml"]
    [shown] = [tree for tree in trees if "gate" in tree]
    tree = yaml.safe_load(TEXT)
    tree["gate"] |= shown["gate"]
    assert set(parse_gate(yaml.safe_dump(tree), "params.yaml").metrics.of("cnn")) == set(
        shown["gate"]["metrics"]["cnn"]
    )


def test_the_page_of_the_gate_lists_each_measure():
    page = read("docs/gate.md")
    for name in NAMES:
        kind, _, rest = name.partition(".")
        assert f"`{kind}" in page
        assert not rest or rest.isdigit() or f".{rest}`" in page


def test_limits_are_by_measure_in_a_fixed_order():
    text = with_limits({"speed": {"max_drop": 0.2, "relative": True}, "accuracy": {"min_gain": 0}})
    limits = parse_gate(text.encode(), "params.yaml").metrics
    assert limits.of("mlp") == {}
    assert [(name, limit.max_drop, limit.min_gain, limit.relative) for name, limit in limits.of("cnn").items()] == [
        ("accuracy", None, 0, False),
        ("speed", 0.2, None, True),
    ]


def test_parse_runs_nothing_that_a_tag_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    refusal(with_seed("!!python/object/apply:os.mkdir [ran]"))
    assert list(tmp_path.iterdir()) == []


def test_parse_refuses_aliases_that_would_grow_beyond_memory():
    lines = ["a0: &a0 [0]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30))]
    assert "aliases are not supported" in refusal("\n".join(lines))
    merged = ["a0: &a0 {x: 0}", *(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 30))]
    assert "aliases are not supported" in refusal("\n".join(merged))


@pytest.mark.parametrize("value", ["[" * 2000, "{a: " * 2000 + "1" + "}" * 2000])
def test_parse_refuses_deep_nesting(value: str):
    assert "nested too deeply" in refusal(with_seed(value))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"seed: \xe9", TEXT.encode("utf-16-le"), TEXT.encode() + b"\0", b"---\n---\n"]
)
def test_parse_refuses_what_is_not_a_yaml_mapping_in_utf_8(content: bytes):
    refusal(content)
