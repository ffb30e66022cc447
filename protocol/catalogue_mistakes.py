"""A mistake in a catalogue as one sentence: the file, the line, the place, and what is allowed there.

Of several mistakes only the first is told; the next start tells the next one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ValidationError

from protocol.toml_lines import line_of


class Misplaced(ValueError):
    """Something in a table does not agree with the rest of it. `place` leads there from the table that was checked."""

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = place


def like(pattern: str, what: str) -> AfterValidator:
    """A text of that pattern. The complaint does not repeat what was written, which may be a secret."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"this should be {what}")
        return text

    return AfterValidator(check)


def sentence(source: str, text: str, error: ValidationError, whole: type[BaseModel]) -> str:
    """What to mend in the TOML `text`, which should have been a `whole`."""
    first = error.errors()[0]
    reason = first["msg"].removeprefix("Value error, ")
    place: tuple[Any, ...] = tuple(step for step in first["loc"] if step != "[key]")
    cause = cast("Mapping[str, object]", first.get("ctx", {})).get("error")
    if isinstance(cause, Misplaced):
        place += cause.place
    match first["type"]:
        case "extra_forbidden":
            reason = f"there is no such field; there are: {_fields(whole, place[:-1])}"
        case "model_type":
            reason = f"this should be a table; its fields: {_fields(whole, place)}"
        case "tuple_type":
            reason = "this should be a list"
        case "date_from_datetime_parsing":
            reason = "this should be a date like 2027-01-31"
        case _:
            pass
    where = ".".join(map(str, place)) or "the file"
    return f"{source}, line {line_of(text, place)}, {where}: {reason[:1].lower()}{reason[1:]}"


def _fields(whole: type[BaseModel], place: Sequence[object]) -> str:
    """The fields of the table at a place."""
    table, steps = whole, iter(place)
    for step in steps:
        annotation = next((f.annotation for name, f in table.model_fields.items() if step in (name, f.alias)), None)
        inner = _table_in(annotation)
        if inner is None:
            break
        table = inner
        if get_origin(annotation) in (dict, tuple):
            next(steps, None)  # which of them
    return ", ".join(sorted(field.alias or name for name, field in table.model_fields.items()))


def _table_in(annotation: object) -> type[BaseModel] | None:
    """The table that a field holds: itself, in a list, in a dictionary, or not at all."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _table_in(part)) is not None), None)
