"""The locale files as they are written, and where the code names their texts."""

import ast
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Text:
    """One text: the arguments it names, those of them that must be numbers, and whether it holds markup.

    `others` are the texts it is made of; the arguments of those are its own too.
    """

    arguments: set[str] = field(default_factory=set[str])
    numbers: set[str] = field(default_factory=set[str])
    others: set[str] = field(default_factory=set[str])
    markup: bool = False


@cache
def texts(language: str) -> dict[str, Text]:
    """Every text of a language."""
    found: dict[str, Text] = {}
    for file in resources.files("protocol").joinpath("locales", language).iterdir():
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{language}/{file.name}: {entry.content}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{language} has {entry.id.name} twice"
                found[entry.id.name] = _read(entry)
    for text in found.values():
        for other in text.others:
            assert not found[other].others, f"{language}: {other} must not be made of others itself"
            text.arguments |= found[other].arguments
            text.numbers |= found[other].numbers
    return found


def _read(message: ftl.Message) -> Text:
    text = Text()
    for node in _inside(message):
        match node:
            case ftl.VariableReference():
                text.arguments.add(node.id.name)
            case ftl.SelectExpression(selector=ftl.VariableReference() as selector):
                text.numbers.add(selector.id.name)
            case ftl.FunctionReference():
                named = node.arguments.positional
                text.numbers |= {arg.id.name for arg in named if isinstance(arg, ftl.VariableReference)}
            case ftl.TextElement() if "<" in node.value:
                text.markup = True
            case ftl.MessageReference():
                text.others.add(node.id.name)
            case _:
                continue
    return text


def _inside(node: Any) -> Generator[Any]:
    yield node
    for value in cast("dict[str, object]", vars(node)).values():
        for child in cast("list[object]", value) if isinstance(value, list) else [value]:
            if isinstance(child, ftl.BaseNode):
                yield from _inside(child)


@dataclass(frozen=True, slots=True)
class Use:
    """One place in the code that names a text; `given` is None when not all arguments stand there by name."""

    key: str
    where: str
    given: frozenset[str] | None
    plain: bool


_KEY_AT = {"say": 1, "plain": 1, "answer": 0, "alert": 3, "_alert_backend": 3, "_with_admin": 1}
"""Functions that take the key of a text, and which of their arguments it is."""
_GIVEN = {"_alert_backend": {"backend", "detail"}, "_with_admin": {"admin", "user_id", "balance"}}


@cache
def uses() -> tuple[Use, ...]:
    """Every place in `actors/` that says a text whose key stands there."""
    return tuple(use for path in sorted((ROOT / "actors").rglob("*.py")) for use in _uses_in(path))


def _uses_in(path: Path) -> Generator[Use]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name, owner = _called(node)
        at = _KEY_AT.get(name)
        if at is None or len(node.args) <= at or (name, owner) == ("answer", "posts"):
            continue
        named = {word.arg for word in node.keywords if word.arg is not None} | _GIVEN.get(name, set())
        whole = len([word for word in node.keywords if word.arg is not None]) == len(node.keywords)
        for key in _literals(node.args[at]):
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            yield Use(key, where, frozenset(named) if whole else None, name in ("plain", "answer"))


def _called(node: ast.Call) -> tuple[str, str]:
    match node.func:
        case ast.Name(id=name):
            return name, ""
        case ast.Attribute(attr=name, value=ast.Name(id=owner)):
            return name, owner
        case ast.Attribute(attr=name):
            return name, "?"
        case _:
            return "", ""


def _literals(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(key)):
            return [key] if key else []
        case ast.IfExp(body=body, orelse=orelse):
            return _literals(body) + _literals(orelse)
        case _:
            return []


@cache
def prefixes() -> frozenset[str]:
    """How keys begin whose end is found out only when they are said, as in f"failure-{failure}"."""
    found: set[str] = set()
    for path in (ROOT / "actors").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.JoinedStr(values=[ast.Constant(value=str(begin)), *_]) if begin.endswith("-"):
                    found.add(begin)
                case _:
                    continue
    return frozenset(found)


@cache
def all_words() -> frozenset[str]:
    """Every string constant in `actors/`: a key that is chosen before it is said is one of them."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "actors").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
