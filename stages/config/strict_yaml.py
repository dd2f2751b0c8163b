"""YAML into frozen dataclasses, strictly: every key, type and range is checked, and nothing is filled in.

Knows no key of its own: the dataclass says what is expected.
"""

import difflib
import math
import re
import reprlib
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import yaml

from stages.artifacts.errors import PipelineError

T = TypeVar("T")


class Between(NamedTuple):
    """The range of a number, or of each number in a list, both ends included."""

    low: float
    high: float


class Matching(NamedTuple):
    """The form of a text."""

    pattern: str
    name: str  # of what has this form, for the error


def parse(kind: type[T], text: str | bytes, source: str, section: str | None = None) -> T:
    """Return YAML text as the dataclass `kind`; of the whole text, or of one top-level section and no other.

    Raises PipelineError that names the source, the key, what was expected and what was found.
    """
    try:
        tree = yaml.load(text, _StrictLoader)
        if section is None:
            return _parse(kind, tree, ())
        if not isinstance(tree, dict) or section not in tree:
            raise _Fault((section,), "missing key")
        return _parse(kind, tree[section], (section,))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PipelineError(f"{source} is not valid YAML: {error}") from None
    except RecursionError:
        raise PipelineError(f"{source} is nested too deeply: expected keys, sections and values") from None
    except _Fault as fault:
        raise PipelineError(f"{source}: {fault}") from None


class _StrictLoader(yaml.SafeLoader):
    """Refuses what PyYAML silently makes the best of, or trips over.

    That is: a key that stands twice, of which it takes the last; 010 and 1:30, which it takes for 8 and 90; aliases, by
    which a small file can grow beyond all memory; and 2001-99-99, which ends in an error of Python's own.
    """

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _yaml_error("aliases are not read here: write the value out", self.peek_event())
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag.endswith((":int", ":float")) and re.match(r"[-+]?0\w|.*:", str(node.value)):
            raise _yaml_error(f"expected a plain decimal number, found {_shown(node.value)}", node)
        try:
            return super().construct_object(node, deep)
        except (AttributeError, LookupError, ValueError):
            kind = node.tag.rpartition(":")[2]
            raise _yaml_error(f"{_shown(node.value)} cannot be read as {kind}", node) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        seen = set()
        for key, _ in node.value:
            value = self.construct_object(key, deep=True)
            if value in seen:
                raise _yaml_error(f"the key {_shown(value)} stands twice", key)
            seen.add(value)
        return mapping


def _yaml_error(message: str, place: yaml.Node | yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, message, place.start_mark)


class _Fault(Exception):
    def __init__(self, key: tuple[str, ...], message: str):
        super().__init__(f"{'.'.join(key) or 'top level'}: {message}")


_repr = reprlib.Repr()
_repr.maxstring = _repr.maxlong = _repr.maxother = 80
_shown = _repr.repr  # a value in an error, shortened


def _parse(kind: Any, value: Any, key: tuple[str, ...]) -> Any:
    """Turn a YAML value into `kind`: a dataclass, a Literal, a scalar type, or Annotated with a range or a form."""
    if get_origin(kind) is Annotated:
        inner, bounds = get_args(kind)
        check = _in_form if isinstance(bounds, Matching) else _in_range
        return check(_parse(inner, value, key), bounds, key)
    if is_dataclass(kind):
        return _parse_mapping(kind, value, key)
    if kind is dict and isinstance(value, dict):
        return value
    if get_origin(kind) is Literal:
        return _parse_choice(get_args(kind), value, key)
    if get_origin(kind) is tuple:
        return _parse_list(get_args(kind), value, key)
    return _parse_scalar(kind, value, key)


def _parse_mapping(kind: Any, value: Any, key: tuple[str, ...]) -> Any:
    if not isinstance(value, dict):
        raise _Fault(key, f"expected keys and values, found {_shown(value)}")
    hints = get_type_hints(kind, include_extras=True)
    for name in value:
        if name not in hints:
            close = difflib.get_close_matches(str(name), hints, n=1)
            raise _Fault((*key, str(name)[:80]), "unknown key" + (f"; is it {close[0]!r}?" if close else ""))
    for field in fields(kind):
        if field.name not in value:
            raise _Fault((*key, field.name), "missing key")
    return kind(**{name: _parse(hint, value[name], (*key, name)) for name, hint in hints.items()})


def _parse_list(items: tuple[Any, ...], value: Any, key: tuple[str, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise _Fault(key, f"expected a list such as [128, 64], found {_shown(value)}")
    if items[-1] is not Ellipsis and len(value) != len(items):
        raise _Fault(key, f"expected {len(items)} values, found {len(value)}")
    return tuple(_parse(items[0], item, key) for item in value)


def _parse_choice(choices: tuple[str, ...], value: Any, key: tuple[str, ...]) -> str:
    if str(value).lower() not in choices:
        raise _Fault(key, f"expected one of {', '.join(choices)}, found {_shown(value)}")
    return str(value).lower()


def _parse_scalar(kind: type, value: Any, key: tuple[str, ...]) -> Any:
    if kind is float and type(value) is int and abs(value) < 1e300:  # 2 for 2.0; type(), as a bool is an int
        return float(value)
    if type(value) is kind and (kind is not str or value.strip()):
        return value
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", dict: "keys and values"}
    raise _Fault(key, f"expected {names[kind]}, found {_shown(value)}{_hint(kind, value)}")


def _hint(kind: type, value: Any) -> str:
    """YAML 1.1 takes 1e-3 for text: it wants a dot and a sign."""
    try:
        if kind is float and isinstance(value, str) and math.isfinite(float(value)):
            return f"; YAML reads this as text, write {float(value)}"
    except ValueError:
        pass
    return ""


def _in_range(value: Any, bounds: Between, key: tuple[str, ...]) -> Any:
    for number in value if isinstance(value, tuple) else (value,):
        if not bounds.low <= number <= bounds.high:  # nor is NaN
            raise _Fault(key, f"expected {bounds.low:g} to {bounds.high:g}, found {_shown(number)}")
    return value


def _in_form(value: str, form: Matching, key: tuple[str, ...]) -> str:
    if not re.fullmatch(form.pattern, value):
        raise _Fault(key, f"expected {form.name}, found {_shown(value)}")
    return value
