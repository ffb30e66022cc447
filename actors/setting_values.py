"""What the value of a setting may look like. Each function returns the value or raises `ValueError`, whose words follow
the variable's name in a sentence.

They look at the text alone: whether something answers at an address is found out by whoever asks there.
"""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PATH_BYTES = 1000
"""Of a folder's path; Linux takes 4096 bytes, and what lies in the folder needs some of them."""
LARGEST_USER = 2**52 - 1
"""Telegram's ids have at most 52 significant bits (core.telegram.org/bots/api#user)."""
NAME_BYTES = 255
_HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\])"
_WEB = re.compile(rf"https?://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?(?:/[!-~]*)?")
_NETWORK = re.compile(rf"(?:{_HOST}|[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*):(?P<port>[0-9]{{1,5}})")
_PORTS = 65536


def tidy(values: dict[str, Any]) -> dict[str, Any]:
    """Without the space around a pasted value; what is only space counts as empty, and so as unset."""
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: value for name, value in stripped.items() if value != ""}


def one_line(text: str) -> str:
    """Whether it can be said in a sentence, stored and sent."""
    try:
        text.encode()
    except UnicodeEncodeError:  # an environment is bytes, and Python marks those that are no UTF-8
        raise ValueError("must be text in UTF-8") from None
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("must be one line, without control characters")
    return text


def folder(path: Path) -> Path:
    one_line(str(path))
    if len(str(path).encode()) > PATH_BYTES or any(len(part.encode()) > NAME_BYTES for part in path.parts):
        raise ValueError(f"must be a path of at most {PATH_BYTES} bytes, and each name in it of {NAME_BYTES}")
    return path


def web_address(url: str) -> str:
    """An address to which paths are added; returned without a slash at its end."""
    found = _WEB.fullmatch(url)
    if found is None or "?" in url or "#" in url:
        raise ValueError("must start with http:// or https:// and name a host, without spaces, a password or a query")
    _port(found["port"])
    return url.rstrip("/")


def web_link(url: str) -> str:
    """An address as it stands, for a person or a service: it may have a query, and a key before the host."""
    found = re.fullmatch(r"(https?://)(?:[^/?#@]*@)?([^/?#@]+)(?:[/?#].*)?", url)
    found = found and _WEB.fullmatch(found[1] + found[2])
    if found is None or not re.fullmatch(r"[!-~]+", url):
        raise ValueError("must start with http:// or https:// and name a host, without spaces")
    _port(found["port"])
    return url


def _port(port: str | None) -> None:
    if port is not None and int(port) >= _PORTS:
        raise ValueError(f"must have a port below {_PORTS}")


def network_address(address: str) -> str:
    found = _NETWORK.fullmatch(address)
    if found is None or int(found["port"]) >= _PORTS:
        raise ValueError("must be host:port, like 127.0.0.1:8765")
    return address


def key(secret: SecretStr) -> SecretStr:
    """What a service gave us to send in a header of HTTP."""
    if not re.fullmatch(r"[!-~]+", secret.get_secret_value()):
        raise ValueError("must be of plain Latin letters, digits and signs, without spaces")
    return secret


def password(secret: SecretStr) -> SecretStr:
    """What somebody thought of, and travels in a header of HTTP too."""
    if not re.fullmatch(r"[ -~]+", secret.get_secret_value()):
        raise ValueError("must be of plain Latin letters, digits, signs and spaces")
    return secret


def database(url: str) -> str:
    """The address of a database, as SQLAlchemy takes it. A wrong one is not repeated: it may hold a password."""
    if not re.match(r"(sqlite:///.+|postgres(ql)?://.+)", url):
        raise ValueError("must start with sqlite:/// or postgresql://")
    url = re.sub(r"^postgres://", "postgresql://", one_line(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("must look like postgresql://name:password@host:5432/database") from None
    if parsed.port is not None and parsed.port >= _PORTS:
        raise ValueError(f"must have a port below {_PORTS}")
    if parsed.get_backend_name() == "sqlite":
        _sqlite_file(parsed.database or "", options=bool(parsed.query))
    return url


def _sqlite_file(path: str, *, options: bool) -> None:
    if path in ("", ":memory:") or options:
        raise ValueError("must be sqlite:/// and the path of a file, without options")
    file = folder(Path(path)).absolute()
    try:
        if file.is_dir():
            raise ValueError(f"must name a file, and {file} is a folder")
        there = next(above for above in file.parents if above.exists())
        if not there.is_dir():
            raise ValueError(f"must name a file in a folder, and {there} is none")
    except OSError as error:
        raise ValueError(f"must name a file that can be: {error.strerror}") from error


def user_ids(value: object) -> object:
    """Telegram user ids separated by commas; each counts once."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts or not all(re.fullmatch(r"[0-9]{1,16}", part) and 0 < int(part) <= LARGEST_USER for part in parts):
        raise ValueError("must be Telegram user ids, separated by commas")
    return tuple(dict.fromkeys(int(part) for part in parts))


UserIds = Annotated[tuple[int, ...], NoDecode, BeforeValidator(user_ids)]
Folder = Annotated[Path, AfterValidator(folder)]
WebAddress = Annotated[str, AfterValidator(web_address)]
WebLink = Annotated[str, AfterValidator(web_link)]
NetworkAddress = Annotated[str, AfterValidator(network_address)]
DatabaseAddress = Annotated[str, AfterValidator(database)]
Key = Annotated[SecretStr, AfterValidator(key)]
Password = Annotated[SecretStr, AfterValidator(password)]
OneLine = Annotated[str, AfterValidator(one_line)]
