"""What a Bot API request may look like: as the Bot API's own page says, or, where that is not at hand, as aiogram says.

The page's data lies beside the repository and is not part of it. aiogram knows names and types, but no lengths.
"""

import json
from collections.abc import Collection, Generator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import aiogram.methods
from aiogram.types import BufferedInputFile
from pydantic import ValidationError

SPECIFICATION = Path(__file__).parents[1].parent / "shared/specs/telegram-bot-api-10.3.json"

_PLAIN: Mapping[str, type | tuple[type, ...]] = {
    "Integer": int,
    "Float": (int, float),
    "String": str,
    "Boolean": bool,
    "True": bool,
}


@cache
def _page() -> Any:
    return json.loads(SPECIFICATION.read_text("utf-8")) if SPECIFICATION.exists() else None


@cache
def specified() -> dict[str, dict[str, bool]]:
    """Method, then parameter, then whether it is required."""
    if _page():
        return {
            name: {field["name"]: field["required"] for field in method.get("fields", [])}
            for name, method in _page()["methods"].items()
        }
    return {
        name[0].lower() + name[1:]: {
            field: info.is_required() for field, info in getattr(aiogram.methods, name).model_fields.items()
        }
        for name in aiogram.methods.__all__
    }


def mistakes(method: str, parameters: Mapping[str, Any], files: Collection[str] = ()) -> list[str]:
    """What the Bot API would not expect of this request: one line each. `files` are parameters that are uploaded."""
    known = specified().get(method)
    if known is None:
        return [f"there is no method {method}"]
    given = {*parameters, *files}
    found = [f"{method} has no parameter {name}" for name in sorted(given - known.keys())]
    found += [f"{method} needs {name}" for name, required in known.items() if required and name not in given]
    if found:
        return found
    return list(_against_page(method, parameters, files)) if _page() else _against_aiogram(method, parameters, files)


def _against_aiogram(method: str, parameters: Mapping[str, Any], files: Collection[str]) -> list[str]:
    uploaded = {name: BufferedInputFile(b"", name) for name in files}
    objects = {name: _unfolded(value) for name, value in parameters.items() if str(value).startswith(("{", "["))}
    try:
        getattr(aiogram.methods, method[0].upper() + method[1:]).model_validate(
            {**parameters, **(objects if files else {}), **uploaded}
        )
    except ValidationError as error:
        return [f"{method}: {line}" for line in str(error).splitlines()[1:]]
    return []


def _unfolded(value: Any) -> Any:
    """In a form everything is text: numbers as they are written, objects as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _against_page(method: str, parameters: Mapping[str, Any], files: Collection[str]) -> Generator[str]:
    fields = {field["name"]: field for field in _page()["methods"][method].get("fields", [])}
    for name in files:
        if "InputFile" not in fields[name]["types"]:
            yield f"{method}.{name} is not a file"
    for name, value in parameters.items():
        in_form = bool(files) and "String" not in fields[name]["types"]
        yield from _check(f"{method}.{name}", fields[name], _unfolded(value) if in_form else value)


def _check(place: str, field: Mapping[str, Any], value: Any) -> Generator[str]:
    if not any(_fits(kind, value) for kind in field["types"]):
        yield f"{place} is {value!r}, not {' or '.join(field['types'])}"
        for kind in field["types"]:
            yield from _inside(place, kind, value)
    if "enum" in field and value not in field["enum"]:
        yield f"{place} is {value!r}, not one of {field['enum']}"
    if "constraint" in field and not field["constraint"].get("after_entities_parsing"):
        limits, size = field["constraint"], _size(field["constraint"]["unit"], value)
        if not limits.get("min", 0) <= size <= limits["max"]:
            yield f"{place} has {size} {limits['unit']}, not {limits.get('min', 0)}-{limits['max']}"


def _size(unit: str, value: Any) -> int:
    match unit:
        case "value":
            return int(value)
        case "bytes":
            return len(str(value).encode())
        case _:
            return len(value)


def _fits(kind: str, value: Any) -> bool:
    return not list(_inside("", kind, value))


def _inside(place: str, kind: str, value: Any) -> Generator[str]:
    """What is wrong with a value of this kind, to its depth."""
    if kind in _PLAIN:
        if not isinstance(value, _PLAIN[kind]) or (isinstance(value, bool) and _PLAIN[kind] is not bool):
            yield f"{place}: {value!r} is no {kind}"
    elif kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{place}: {value!r} is no list"
            return
        for number, item in enumerate(cast("list[object]", value)):
            yield from _inside(f"{place}[{number}]", kind.removeprefix("Array of "), item)
    elif kind == "InputFile":
        yield f"{place}: {value!r} is no file"
    elif subtypes := _page()["types"][kind].get("subtypes"):
        if not any(_fits(subtype, value) for subtype in subtypes):
            yield f"{place}: {value!r} is none of {subtypes}"
    else:
        yield from _object(place, _page()["types"][kind], value)


def _object(place: str, described: Mapping[str, Any], value: Any) -> Generator[str]:
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no {described['name']}"
        return
    fields = {field["name"]: field for field in described.get("fields", [])}
    given = cast("dict[str, Any]", value)
    yield from (f"{place}.{name} is unknown" for name in given.keys() - fields.keys())
    for name, field in fields.items():
        if name in given:
            yield from _check(f"{place}.{name}", field, given[name])
        elif field["required"]:
            yield f"{place}.{name} is missing"
