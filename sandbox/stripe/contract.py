"""What Stripe takes: a form with brackets, held against the parameter types of the installed SDK.

The types are generated from Stripe's own description of its API, so what is refused here is refused there. They say
nothing of ranges, lengths and what excludes what: `rules` does, for the few operations that are played.
"""

import re
import sys
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, ForwardRef, Literal, NotRequired, Required, Union, get_args, get_origin

from stripe import RequestOptions
from typing_extensions import is_typeddict

from sandbox.stripe.refusal import invalid, missing, unknown

Node = str | dict[str, "Node"]
"""A form as it was nested: a value, or what is inside the brackets by name or number."""

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_ABOUT_THE_REQUEST = frozenset(RequestOptions.__annotations__)
"""What the SDK takes beside the parameters; it never sends these in a form."""


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Node]:
    """`a[b][0]=x` and friends as a tree. Raises `Refusal`."""
    root: dict[str, Node] = {}
    for key, value in pairs:
        found = _KEY.fullmatch(key)
        if found is None:
            raise invalid(f"Invalid parameter name: {key}", key)
        steps = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        here = root
        for step in steps[:-1]:
            below = here.setdefault(step or str(len(here)), {})
            if isinstance(below, str):
                raise invalid(f"Invalid object: {key}", key)
            here = below
        here[steps[-1] or str(len(here))] = value
    return root


def checked(params: type, form: Mapping[str, Node]) -> dict[str, Any]:
    """The form with the types it should have. Raises `Refusal` with what is unknown, missing or wrong."""
    return _fields(params, form, "")


@cache
def _known(params: type) -> dict[str, Any]:
    return {name: said for name, said in params.__annotations__.items() if name not in _ABOUT_THE_REQUEST}


def _fields(params: type, form: Mapping[str, Node], path: str) -> dict[str, Any]:
    known, home = _known(params), vars(sys.modules[params.__module__])
    for name in form:
        if name not in known:
            raise unknown(_within(path, name))
    required: Any = vars(params)["__required_keys__"]
    for name in known:
        if name in required and name not in form:
            raise missing(_within(path, name))
    return {name: _value(known[name], node, _within(path, name), home) for name, node in form.items()}


def _within(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _alternatives(said: Any, home: dict[str, Any]) -> list[Any]:
    """The plain types an annotation allows, its names and unions resolved."""
    while isinstance(said, str | ForwardRef):
        text = said if isinstance(said, str) else said.__forward_arg__
        said = eval(text, home)  # noqa: S307  # an annotation of the installed SDK, in its own module
    if get_origin(said) in (NotRequired, Required):
        return _alternatives(get_args(said)[0], home)
    if get_origin(said) in (Union, types.UnionType):
        return [plain for one in get_args(said) for plain in _alternatives(one, home)]
    return [said]


def _value(said: Any, node: Node, path: str, home: dict[str, Any]) -> Any:
    options = _alternatives(said, home)
    if isinstance(node, str):
        return _scalar(options, node, path)
    for option in options:
        if is_typeddict(option):
            return _fields(option, node, path)
        kind = get_origin(option)
        if kind is list:
            numbered = sorted(node, key=lambda name: int(name) if name.isdecimal() else -1)
            if not all(name.isdecimal() for name in numbered):
                raise invalid(f"Invalid array: {path}", path)
            return [_value(get_args(option)[0], node[name], _within(path, name), home) for name in numbered]
        if kind is dict:
            if wrong := next((name for name, below in node.items() if not isinstance(below, str)), None):
                raise invalid(f"Invalid string: {_within(path, wrong)}", _within(path, wrong))
            return dict(node)
    raise invalid(f"Invalid string: {path}", path)


def _scalar(options: list[Any], text: str, path: str) -> Any:
    words = [word for option in options if get_origin(option) is Literal for word in get_args(option)]
    if text == "" and "" not in words:
        said = f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter."
        raise invalid(said, path, "parameter_invalid_empty")
    if named := [str(word) for word in words if word != ""]:
        # The SDK lets any text through where it names words, to live with newer ones; Stripe does not.
        if text in words:
            return text
        *most, last = named
        raise invalid(f"Invalid {path}: must be one of {', '.join(most)}, or {last}", path)
    for option in options:
        if option is bool and text in ("true", "false"):
            return text == "true"
        if option is int and re.fullmatch(r"-?\d{1,18}", text):
            return int(text)
        if option in (float, Decimal) and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return text
        if option is str:
            return text
    for kind, word in ((int, "integer"), (bool, "boolean"), (float, "decimal"), (Decimal, "decimal")):
        if kind in options:
            raise invalid(f"Invalid {word}: {text}", path, f"parameter_invalid_{word}")
    if text == "":
        return text
    raise invalid(f"Invalid {'array' if any(get_origin(o) is list for o in options) else 'object'}", path)
