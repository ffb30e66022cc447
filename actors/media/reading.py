"""How a film is opened and measured.

Only MP4 and its relatives, Matroska and WebM are opened, and only from a file: FFmpeg would also follow a
playlist to other files and to the network. Weak point: a film is called whole when its first frame decodes
and its index points at bytes that exist; damage in the middle is found only by those who decode all of it.
"""

# PyAV's own types leave out the parameter of Packet: each call that touches one is "partially unknown".
# pyright: reportUnknownMemberType=false

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from actors.media.problems import NotAFilm

THREADS: Final = 1  # each further thread of a decoder or encoder keeps several more frames in memory
_OPTIONS: Final = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm", "protocol_whitelist": "file"}


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What Telegram asks about a film. Width and height in pixels as a viewer sees them, turned upright.

    `mp4` is False for Matroska and WebM, which Telegram takes for files (Bot API, sendVideo).
    """

    width: int
    height: int
    seconds: float
    audio: bool
    size_bytes: int
    mp4: bool = True


@dataclass(frozen=True, slots=True)
class Film:
    """A film that is open for reading: its container, its picture and its first sound track."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None

    def packets(self) -> "Iterator[Packet[Any]]":
        """Packets of picture and sound in the file's order; the last ones are empty and flush a decoder."""
        with film_errors():
            yield from self.container.demux(*(s for s in (self.video, self.audio) if s is not None))

    def pictures(self, packet: "Packet[Any]") -> Iterator[VideoFrame]:
        with film_errors():
            yield from self.video.decode(packet)

    def sounds(self, packet: "Packet[Any]") -> Iterator[AudioFrame]:
        if self.audio is not None:
            with film_errors():
                yield from self.audio.decode(packet)

    def seek(self, moment: int) -> None:
        """To the key frame before `moment`, in the time base of the picture."""
        try:
            self.container.seek(moment, stream=self.video)
        except FFmpegError as error:  # whatever its kind: a container answers -1, which reads as "not permitted"
            raise NotAFilm("the film's index is broken") from error

    def frames(self) -> Iterator[VideoFrame]:
        with film_errors():
            yield from self.container.decode(self.video)


@contextmanager
def film_errors() -> Generator[None]:
    """What FFmpeg says of the contents becomes `NotAFilm`; a full disk or a missing file stays an OSError."""
    try:
        yield
    except FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise NotAFilm(f"the film cannot be read: {error.strerror or error}") from error


@contextmanager
def opened(path: Path) -> Generator[Film]:
    """Raises `NotAFilm` for what has no picture track, OSError for what cannot be opened at all."""
    if path.stat().st_size == 0:
        raise NotAFilm("the file is empty")
    # An absolute path, because FFmpeg takes what stands before a colon for a protocol. Titles and the like need not
    # be UTF-8, and nobody reads them here.
    with film_errors():
        container = av.open(path.absolute(), "r", options=dict(_OPTIONS), metadata_errors="replace")
    with container:
        yield _film(container)


def inspect(path: Path) -> FilmFacts:
    """Open the film, check that it is whole as far as its index tells, and decode a frame.

    Raises `NotAFilm`, whose message is a plain sentence for the log.
    """
    with opened(path) as film:
        size = path.stat().st_size
        _check_whole(film, size)
        frame = next(film.frames(), None)
        if frame is None:
            raise NotAFilm("no frame of the film can be decoded")
        width, height = shown_size(frame, film.video)
        seconds = _seconds(film)
        mp4 = "mp4" in film.container.format.name.split(",")
        return FilmFacts(width, height, seconds, film.audio is not None, size, mp4)


def shown_size(frame: VideoFrame, video: VideoStream) -> tuple[int, int]:
    """Width and height in square pixels, after the rotation that the file asks for."""
    shape = video.sample_aspect_ratio
    width = frame.width if not shape else max(1, round(frame.width * shape))
    return (frame.height, width) if frame.rotation % 180 == 90 else (width, frame.height)


def _film(container: InputContainer) -> Film:
    # A sound file's cover is a picture track too.
    covers = Disposition.attached_pic
    pictures = [s for s in container.streams.video if _known(s) and not s.disposition & covers]
    if not pictures:
        raise NotAFilm("the file has no moving picture")
    sounds = [s for s in container.streams.audio if _known(s)]
    film = Film(container, pictures[0], sounds[0] if sounds else None)
    film.video.thread_count = THREADS
    return film


def _known(track: Stream) -> bool:
    # None where FFmpeg does not know the codec, which PyAV's types do not say.
    return track.codec_context is not None  # pyright: ignore[reportUnnecessaryComparison]


def _check_whole(film: Film, size: int) -> None:
    tracks: list[Stream] = [film.video] if film.audio is None else [film.video, film.audio]
    end = max((entry.pos + entry.size for track in tracks for entry in track.index_entries), default=0)
    if end > size:
        raise NotAFilm(f"the film is cut short: {size} of at least {end} bytes are there")


def _seconds(film: Film) -> float:
    if film.video.duration is not None and film.video.time_base is not None:
        return float(film.video.duration * film.video.time_base)
    if film.container.duration is not None:
        return film.container.duration / 1_000_000  # AV_TIME_BASE
    # A WebM that was written to a pipe does not know its own length.
    ends = (p.pts + (p.duration or 0) for p in film.packets() if p.stream is film.video and p.pts is not None)
    length = float(max(ends, default=0) * (film.video.time_base or 0))
    if length <= 0:
        raise NotAFilm("the film has no duration")
    return length
