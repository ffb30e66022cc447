"""Where in a TOML text something stands, for messages about mistakes: tomllib keeps no positions."""

import re
from typing import Any

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")


def line_of(text: str, place: tuple[Any, ...]) -> int:
    """The line (from 1) of the deepest table or key on the way to `place`, as pydantic names places.

    tomllib keeps no positions, so this reads headers and keys itself; keys of inline tables share their line.
    """
    best, line_found = 0, 1
    table: tuple[Any, ...] = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        here: tuple[Any, ...]
        if header := _HEADER.match(line):
            names = tuple(name.strip().strip('"') for name in header[2].split("."))
            if header[1] == "[[":
                counts[names[0]] = counts.get(names[0], -1) + 1
            table = (names[0], counts[names[0]], *names[1:]) if names[0] in counts else names
            here = table
        elif key := _KEY.match(line):
            here = (*table, key[1].strip('"'))
        else:
            continue
        if len(here) > best and here == place[: len(here)]:
            best, line_found = len(here), number
    return line_found
