"""What a Bot API request carries: JSON, or a form with files that are read only while they are sent."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a method: where it lies on our disk or what it holds, the name and type Telegram sees."""

    path: Path | bytes
    name: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body. `length` in bytes; `chunks` may be asked for again, should a request be repeated."""

    content_type: str
    length: int
    parts: tuple[bytes | Path, ...]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces. Raises `OSError` when a file cannot be read or has changed its size."""
        sent = 0
        for part in self.parts:
            # Files are read from the loop: a thread for each chunk would cost more than the read.
            for chunk in (part,) if isinstance(part, bytes) else _file_chunks(part):
                sent += len(chunk)
                if sent > self.length:
                    break
                yield chunk
        if sent != self.length:
            raise OSError("the file changed while it was sent")


NO_BODY = Body("", 0, (b"",))
"""Of a request that carries nothing."""


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(FILE_CHUNK_BYTES):
            yield chunk


def as_json(parameters: Mapping[str, Any]) -> Body:
    """Parameters as JSON."""
    body = json.dumps(parameters, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Body("application/json", len(body), (body,))


def as_form(parameters: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Body:
    """Parameters and files as multipart/form-data (RFC 7578). Raises `OSError` when a file cannot be read."""
    boundary = secrets.token_hex(16)
    parts: list[bytes | Path] = []
    length = 0
    text = ""
    for name, value in parameters.items():
        text += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_form_value(value)}\r\n'
    for name, upload in uploads.items():
        text += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{_quoted(upload.name)}"\r\n'
            f"Content-Type: {upload.mime_type}\r\n\r\n"
        )
        parts += [text.encode(), upload.path]
        if isinstance(upload.path, Path):
            length += upload.path.stat().st_size  # bytes are counted below
        text = "\r\n"
    parts.append(f"{text}--{boundary}--\r\n".encode())
    length += sum(len(part) for part in parts if isinstance(part, bytes))
    return Body(f"multipart/form-data; boundary={boundary}", length, tuple(parts))


def _quoted(file_name: str) -> str:
    """A file's name inside a header (WHATWG, multipart/form-data encoding algorithm)."""
    return file_name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _form_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
