"""A film cut into parts that each play on their own, at key frames and without encoding anything again.

Weak point: a part is never shorter than the distance between two key frames, so a film with a single key
frame cannot be split, however long it is; it must be shrunk.
"""

# PyAV's own types leave out the parameter of Packet: each call that touches one is "partially unknown".
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from av.packet import Packet

from actors.media.problems import TooLarge
from actors.media.reading import Film, film_errors, inspect, opened
from actors.media.writing import written

_HEADER: Final = 4_096  # bytes of an MP4 besides its packets and their tables
_PER_PACKET: Final = 40  # bytes that one packet takes in the tables, at the very most


@dataclass(slots=True)
class _Stretch:
    """From one key frame to the next: where it starts, in seconds, and what it takes, in bytes."""

    start: Fraction
    cost: int


def split(source: Path, folder: Path, *, max_bytes: int) -> list[Path]:
    """Parts in order, `<name>-01.mp4` and so on in `folder` (which must exist), each of at most `max_bytes`.

    Raises `TooLarge` when some key frame's stretch is larger than that or the codec does not go into an MP4,
    and `NotAFilm`. After a failure no part is left.
    """
    inspect(source)
    parts: list[Path] = []
    try:
        starts = _starts(_stretches(source), max_bytes)
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), 1):
            part = folder / f"{source.stem}-{number:02}.mp4"
            _copy(source, part, start, end, max_bytes)
            parts.append(part)
    except BaseException:
        for part in parts:
            part.unlink(missing_ok=True)
        raise
    return parts


def _moment(packet: "Packet[Any]") -> Fraction | None:
    return None if packet.pts is None else packet.pts * packet.time_base


def _stretches(source: Path) -> list[_Stretch]:
    """Sound belongs to the stretch that its moment falls into, wherever its packets stand in the file."""
    stretches: list[_Stretch] = []
    sounds: list[tuple[Fraction, int]] = []
    with opened(source) as film:
        for packet in film.packets():
            moment = _moment(packet)
            if moment is None:
                continue
            cost = packet.size + _PER_PACKET
            if packet.stream is not film.video:
                sounds.append((moment, cost))
            elif packet.is_keyframe or not stretches:
                stretches.append(_Stretch(moment, cost))
            else:
                stretches[-1].cost += cost
    index = 0
    for moment, cost in sorted(sounds):
        while index + 1 < len(stretches) and moment >= stretches[index + 1].start:
            index += 1
        stretches[index].cost += cost
    return stretches


def _starts(stretches: list[_Stretch], max_bytes: int) -> list[Fraction]:
    """As many stretches in each part as fit."""
    starts: list[Fraction] = []
    room = 0
    for stretch in stretches:
        if stretch.cost + _HEADER > max_bytes:
            raise TooLarge(f"between two key frames lie {stretch.cost} bytes, too many for parts of {max_bytes}")
        if stretch.cost > room:
            starts.append(stretch.start)
            room = max_bytes - _HEADER
        room -= stretch.cost
    return starts


def _copy(source: Path, part: Path, start: Fraction, end: Fraction | None, max_bytes: int) -> None:
    """Packets from `start` up to `end`, moved to begin at zero."""
    with film_errors(), opened(source) as film, written(part, max_bytes=max_bytes) as output:
        try:
            tracks = {s.index: output.add_stream_from_template(s) for s in (film.video, film.audio) if s}
        except ValueError as error:
            raise TooLarge(f"a film in {film.video.codec_context.name} cannot be split without encoding") from error
        _seek(film, start)
        inside = False  # the packets of the picture are in decoding order: from one key frame up to another
        for packet in film.packets():
            moment = _moment(packet)
            if moment is None or packet.dts is None:
                continue
            if packet.stream is film.video:
                if packet.is_keyframe:
                    inside = start <= moment and (end is None or moment < end)
                belongs = inside and moment >= start  # what leads an open group needs frames of the part before
            else:
                belongs = start <= moment and (end is None or moment < end)
            if belongs:
                shift = round(start / packet.time_base)
                packet.pts, packet.dts = (packet.pts or 0) - shift, packet.dts - shift
                packet.stream = tracks[packet.stream.index]
                output.mux(packet)


def _seek(film: Film, start: Fraction) -> None:
    """Somewhere before the key frame: some containers seek by the time of decoding, not of showing."""
    if film.video.time_base is not None and start > 1:
        film.seek(int((start - 1) / film.video.time_base))
