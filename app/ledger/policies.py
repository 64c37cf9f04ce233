"""Points policies as files: read here, judged by the engine, published for good.

The engine names a mistake by its place in the document, "rules[3].cap". Whoever wrote the file
looks for a line, so the place is looked up in the tree that YAML made of the text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from points_engine import Policy, PolicyInvalid

FOLDER = Path(__file__).parents[2] / "config" / "policies"

_STEP = re.compile(r"[^.\[\]]+")


class _Loader(yaml.SafeLoader):
    """Leaves days as they are written: a day that is none is then named by its place, too."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # as the class above declares it
        first: [(tag, word) for tag, word in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(path: Path) -> Policy:
    """The policy in a YAML file; `PolicyInvalid` names file, line and place of a mistake."""
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.compose(text, Loader=_Loader)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader that reads less
    except yaml.YAMLError as error:
        raise PolicyInvalid(_where(path, _line(error)), f"is not YAML: {error}") from error
    try:
        _refuse_twice(tree)
        return Policy.from_document(document)
    except PolicyInvalid as error:
        place = f"{_where(path, _line_of(tree, error.path))}, {error.path}"
        raise PolicyInvalid(place, error.problem) from error


def shipped(name: str) -> Policy:
    """One of the policies that come with the product."""
    return read(FOLDER / f"{name}.yaml")


def _where(path: Path, line: int | None) -> str:
    return f"{path.name}, line {line}" if line else path.name


def _line(error: yaml.YAMLError) -> int | None:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return mark.line + 1 if mark else None


def _line_of(tree: yaml.Node | None, place: str) -> int:
    """The line of a place, or of the nearest thing around it when it is not there."""
    line = 1
    for step in _STEP.findall(place):
        found = dict(_children(tree)).get(step)
        if found is None:
            break
        line, tree = found
    return line


def _children(node: yaml.Node | None) -> Iterator[tuple[str, tuple[int, yaml.Node]]]:
    """What is in a mapping by its keys and in a list by its places, each with its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), (key.start_mark.line + 1, value)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield str(place), (value.start_mark.line + 1, value)


def _refuse_twice(node: yaml.Node | None, above: str = "") -> None:
    """Refuse a key that stands twice in one mapping: YAML would quietly take the later one."""
    seen = set()
    for name, (_, child) in _children(node):
        inside = f"[{name}]" if isinstance(node, yaml.SequenceNode) else f".{name}"
        place = f"{above}{inside}".lstrip(".")
        if name in seen:
            raise PolicyInvalid(place, "stands here a second time")
        seen.add(name)
        _refuse_twice(child, place)
