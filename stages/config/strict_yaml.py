"""YAML into pydantic models, strictly: every key, type and range is checked, and nothing is filled in or converted.

Knows no key itself: the model defines what is expected.
"""

import difflib
import re
import reprlib
from collections.abc import Iterable
from typing import Any, Self, TypeVar, cast

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stages.artifacts.errors import PipelineError


class StrictModel(BaseModel):
    """A section of a YAML file. An int is accepted for a float, and no other type for another."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    def changed(self, **values: Any) -> Self:
        """Return a copy with some values replaced, which are checked too."""
        return type(self)(**(dict(self) | values))


Model = TypeVar("Model", bound=StrictModel)


def parse(kind: type[Model], text: str | bytes, source: str) -> Model:
    """Return YAML text as an object of `kind`.

    Raises PipelineError that names the source, the key, what was expected and what was found.
    """
    try:
        return kind.model_validate(yaml.load(text, _StrictLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PipelineError(f"{source} is not valid YAML: {error}") from None
    except RecursionError:
        raise PipelineError(f"{source} is nested too deeply: expected keys, sections and values") from None
    except ValidationError as error:
        raise PipelineError(f"{source}: {_explain(kind, error.errors())}") from None


class _StrictLoader(yaml.SafeLoader):
    """Refuses what PyYAML silently accepts, or fails on with an error of Python.

    That is: a key that appears twice, of which it takes the last; 010 and 1:30, which it reads as 8 and 90; aliases, by
    which a small file can grow beyond all memory; and 2001-99-99.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _yaml_error("aliases are not supported: write the value out", self.peek_event())
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
                raise _yaml_error(f"the key {_shown(value)} appears twice", key)
            seen.add(value)
        return mapping


def _yaml_error(message: str, place: Any) -> yaml.MarkedYAMLError:
    """place: the node or event of YAML that is wrong."""
    return yaml.MarkedYAMLError(None, None, message, place.start_mark)


_repr = reprlib.Repr()
_repr.maxstring = _repr.maxlong = _repr.maxother = 80
_shown = _repr.repr  # a value in an error, shortened

_UNKNOWN_KEY = ("extra_forbidden", "invalid_key")  # pydantic's names; an invalid key is one that is not a text


def _explain(kind: type[BaseModel], errors: list[Any]) -> str:
    """Return the first of pydantic's errors as one line; an unknown key first, as another is missing in its place."""
    error = min(errors, key=lambda error: error["type"] not in _UNKNOWN_KEY)
    place, found, hint = error["loc"], error["input"], ""
    name = " ".join(".".join(map(str, place)).split())[:80] or "top level"
    for section in place[:-1]:
        kind = cast(type[BaseModel], kind.model_fields[section].annotation)
    if error["type"] in _UNKNOWN_KEY:
        return f"{name}: unknown key{_suggestion(place[-1], kind.model_fields)}"
    if error["type"] == "missing":
        return f"{name}: missing key"
    message = re.sub(r" or instance of \w+| after validation, not \d+", "", error["msg"])
    if error["type"] == "string_pattern_mismatch":
        message = f"expected {kind.model_fields[place[-1]].description}"
    if error["type"] == "literal_error":
        hint = _suggestion(found, re.findall(r"'(\w+)'", message))
    if error["type"] == "float_type" and isinstance(found, str):
        hint = "; YAML reads 1e-3 as text, 1.0e-3 as a number"
    return f"{name}: {message.replace('Input should be', 'expected')}, found {_shown(found)}{hint}"


def _suggestion(found: object, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(found).lower(), names, n=1)
    return f"; is it {close[0]!r}?" if close else ""
