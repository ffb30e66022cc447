"""Files that passed through the chats: their bytes, identifiers, measures and download links.

Everything is kept in memory for as long as the world lives. Films are not looked into: width, height and
duration are what the sender said, and 0 where nothing was said.
"""

import random as random_module
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from sandbox.telegram.errors import bad_request

LINK_SECONDS = 3600.0  # "the link will be valid for at least 1 hour": here for exactly one
DOWNLOAD_LIMIT = 20 << 20  # getFile: 20 MB
UPLOAD_LIMIT = 50_000_000  # 50 MB; whether 10^6 or 2^20 is not established, this is the stricter reading
PHOTO_LIMIT = 10 << 20
PHOTO_SIDES = (90, 320, 800, 1280)  # the longest sides of the sizes Telegram makes of a photo
PHOTO_SUM_LIMIT = 10_000  # width + height
PHOTO_RATIO_LIMIT = 20
THUMBNAIL_LIMIT = 200_000
THUMBNAIL_SIDE = 320

_FOLDERS = {"photo": "photos", "video": "videos", "document": "documents", "thumbnail": "thumbnails"}
_SUFFIXES = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "image/png": ".png", "application/pdf": ".pdf"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived in a request."""

    data: bytes
    file_name: str | None = None
    content_type: str | None = None

    def __repr__(self) -> str:
        return f"Upload({self.file_name!r}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`kind` is photo, video, document or thumbnail. Sides are pixels, `duration` is seconds."""

    file_id: str
    file_unique_id: str
    kind: str
    data: bytes
    mime_type: str
    path: str
    file_name: str | None = None
    width: int = 0
    height: int = 0
    duration: int = 0
    supports_streaming: bool = False
    thumbnail: "StoredFile | None" = None

    def __repr__(self) -> str:
        return f"StoredFile({self.path!r}, {len(self.data)} bytes)"

    def photo_size(self) -> dict[str, Any]:
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "file_size": len(self.data),
            "width": self.width,
            "height": self.height,
        }

    def to_json(self) -> dict[str, Any]:
        """The Bot API's Video or Document."""
        body: dict[str, Any] = {"file_id": self.file_id, "file_unique_id": self.file_unique_id}
        if self.kind == "video":
            body |= {"width": self.width, "height": self.height, "duration": self.duration}
        if self.file_name is not None:
            body["file_name"] = self.file_name
        body |= {"mime_type": self.mime_type, "file_size": len(self.data)}
        if self.thumbnail is not None:
            body["thumbnail"] = self.thumbnail.photo_size()
        return body


@lru_cache(maxsize=32)
def photo_sizes(data: bytes) -> tuple[tuple[int, int, bytes], ...]:
    """(width, height, JPEG) from small to large. Raises `Refused` (400) for what is no photo."""
    try:
        with Image.open(BytesIO(data)) as opened:
            wide, high = opened.size
            if wide + high > PHOTO_SUM_LIMIT or max(wide, high) > PHOTO_RATIO_LIMIT * min(wide, high):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    sizes: list[tuple[int, int, bytes]] = []
    for side in PHOTO_SIDES:
        scaled = picture if max(picture.size) <= side else ImageOps.contain(picture, (side, side))
        encoded = BytesIO()
        scaled.save(encoded, "JPEG", quality=87)
        sizes.append((*scaled.size, encoded.getvalue()))
        if scaled is picture:
            break
    return tuple(sizes)


def is_mp4(data: bytes) -> bool:
    """Telegram plays MPEG4 only; "other formats may be sent as Document"."""
    return data[4:8] == b"ftyp"


class FileStore:
    def __init__(self, now: Callable[[], float], random: random_module.Random) -> None:
        self._now = now
        self._random = random
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._albums: dict[str, list[StoredFile]] = {}
        self._links: dict[str, float] = {}

    def get(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def photo(self, file_id: str) -> list[StoredFile]:
        """All sizes of the photo one of whose sizes is `file_id`, from small to large."""
        return self._albums[file_id]

    def add_photo(self, data: bytes) -> list[StoredFile]:
        """All sizes, from small to large. Raises `Refused` (400)."""
        if len(data) > PHOTO_LIMIT:
            limit = f"the maximum size is {PHOTO_LIMIT} bytes"
            raise bad_request(f"file of size {len(data)} bytes is too big for a photo; {limit}")
        sizes = [
            self.add("photo", encoded, mime_type="image/jpeg", width=width, height=height)
            for width, height, encoded in photo_sizes(data)
        ]
        for size in sizes:
            self._albums[size.file_id] = sizes
        return sizes

    def add_thumbnail(self, data: bytes, *, strict: bool) -> StoredFile | None:
        """None where Telegram would ignore the thumbnail; `strict` raises `Refused` (400) instead."""
        try:
            with Image.open(BytesIO(data)) as picture:
                fits = picture.format == "JPEG" and max(picture.size) <= THUMBNAIL_SIDE
                width, height = picture.size
        except (OSError, SyntaxError, ValueError):
            fits, width, height = False, 0, 0
        if fits and len(data) < THUMBNAIL_LIMIT:
            return self.add("thumbnail", data, mime_type="image/jpeg", width=width, height=height)
        if strict:
            raise bad_request("thumbnail must be a JPEG of less than 200 kB, at most 320 pixels a side")
        return None

    def add(
        self,
        kind: str,
        data: bytes,
        *,
        mime_type: str,
        file_name: str | None = None,
        width: int = 0,
        height: int = 0,
        duration: int = 0,
        supports_streaming: bool = False,
        thumbnail: StoredFile | None = None,
    ) -> StoredFile:
        number = len(self._files)
        suffix = _SUFFIXES.get(mime_type, "")
        if file_name and "." in file_name:
            suffix = "." + file_name.rpartition(".")[2]
        prefix = {"photo": "AgAC", "video": "BAAC", "thumbnail": "AAMC"}.get(kind, "BQAC")
        stored = StoredFile(
            file_id=f"{prefix}{number:04d}{self._random.getrandbits(160):040x}",
            file_unique_id=f"AQAD{self._random.getrandbits(44):011x}",
            kind=kind,
            data=data,
            mime_type=mime_type,
            path=f"{_FOLDERS[kind]}/file_{number}{suffix}",
            file_name=file_name,
            width=width,
            height=height,
            duration=duration,
            supports_streaming=supports_streaming,
            thumbnail=thumbnail,
        )
        self._files[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def link(self, file_id: str) -> dict[str, Any]:
        """The Bot API's File, with a path that can be downloaded for an hour. Raises `Refused` (400)."""
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.data) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        self._links[stored.path] = self._now() + LINK_SECONDS
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.file_unique_id,
            "file_size": len(stored.data),
            "file_path": stored.path,
        }

    def download(self, path: str) -> StoredFile | None:
        """The file behind a path that `link` gave less than an hour ago."""
        return self._by_path.get(path) if self._links.get(path, 0.0) > self._now() else None
