"""Bytes from memory with HTTP ranges (RFC 9110 §14), which browsers need to seek. One range at a time."""

import re

from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged(data: bytes, media_type: str, wanted: str | None) -> Response:
    """200 with everything, 206 with a part, or 416. Several ranges, or words nobody knows, get everything."""
    headers = {"accept-ranges": "bytes", "cache-control": "private, max-age=3600"}
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if found is None or found[0] == "bytes=-":
        return Response(data, media_type=media_type, headers=headers)
    first, last = _bounds(found[1], found[2], len(data))
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], status_code=206, media_type=media_type, headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Inclusive; `first > last` where nothing can be given."""
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) > 0 else (1, 0)
    return int(first), min(int(last), size - 1) if last else size - 1
