"""Films made anew: another frame, or fewer bytes. One thread and a fast preset, for a machine of 512 MB.

Weak point: every frame is decoded and encoded, about half a second of processor time for a second of film at
1280x1280. On half a processor the film takes as long as it lasts.
"""

# PyAV's own types leave out the parameter of Packet: each call that touches one is "partially unknown".
# pyright: reportUnknownMemberType=false

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from actors.media.problems import NotAFilm, TooLarge
from actors.media.reading import THREADS, Film, FilmFacts, film_errors, inspect, opened, shown_size
from actors.media.sound import add_sound
from actors.media.writing import written

PRESET: Final = "superfast"  # half the time of veryfast and 40 MB less, for a file larger by a seventh
CRF: Final = "18"  # x264's scale: hardly to be told from the source
COPIED_SOUND: Final = 160_000  # bit/s; above this a film that must shrink gets its sound encoded again
SHRUNK_SOUND: Final = 96_000  # bit/s
RECUT_SOUND: Final = 160_000  # bit/s, where the source's sound is not AAC
LEAST_PICTURE: Final = 30_000  # bit/s; below this no film is worth trying
STARVED: Final = 0.02  # bits for a pixel; with fewer, half the frame looks better than the whole
TRIES: Final = ((Fraction(1), 0.95), (Fraction(1, 2), 0.8))  # of the sides, and of the bytes to aim at
BUFFER_SECONDS: Final = 0.5  # how far x264 may run ahead of the rate it was given
_OVERHEAD: Final = 0.98  # what is left beside the container's tables
_UNNAMED: Final = 2  # AVCOL_SPC_UNSPECIFIED


@dataclass(frozen=True, slots=True)
class _Plan:
    width: int
    height: int
    picture_rate: int | None  # bit/s, at most; None: as many as the quality needs
    sound_rate: int  # bit/s, when the sound is encoded
    copy_sound: bool
    max_bytes: int | None = None
    bits_per_pixel: float = 0.0  # that `picture_rate` leaves, when there is one


def recut(source: Path, target: Path, *, width: int, height: int) -> FilmFacts:
    """The film's centre, scaled to exactly `width` x `height` pixels (even); sound and duration are kept.

    H.264 in MP4; `target` appears when it is complete. Raises `NotAFilm`, and ValueError for an odd size.
    """
    if width < 2 or height < 2 or width % 2 or height % 2:
        raise ValueError(f"H.264 needs even sides, not {width}x{height}")
    inspect(source)  # refuses at once what would break off after minutes of work
    _encode(source, target, _Plan(width, height, None, RECUT_SOUND, copy_sound=True))
    return inspect(target)


def shrink(source: Path, target: Path, *, max_bytes: int) -> FilmFacts:
    """The film in at most `max_bytes`: at its own size first, then (at once where bits are few) at half.

    A film that is small enough already is copied. Raises `NotAFilm`, and `TooLarge` when neither try fits.
    """
    facts = inspect(source)
    if facts.size_bytes <= max_bytes:
        shutil.copyfile(source, target)
        return facts
    whole, half = (_fitting(source, facts, max_bytes, scale, share) for scale, share in TRIES)
    if whole.bits_per_pixel < STARVED:
        _encode(source, target, half)
    else:
        try:
            _encode(source, target, whole)
        except TooLarge:
            _encode(source, target, half)
    return inspect(target)


def _fitting(source: Path, facts: FilmFacts, max_bytes: int, scale: Fraction, share: float) -> _Plan:
    with opened(source) as film:
        copy, sound = _sound_cost(film.audio)
        frames = film.video.average_rate or Fraction(24)
        heard = max(facts.seconds, (film.container.duration or 0) / 1_000_000)  # sound can be longer
    budget = max_bytes * 8 * _OVERHEAD * share - sound * heard
    rate = int(budget / (facts.seconds + BUFFER_SECONDS))
    if rate < LEAST_PICTURE:
        raise TooLarge(f"{facts.seconds:.0f} s of film do not fit into {max_bytes} bytes")
    width, height = (max(2, round(side * scale / 2) * 2) for side in (facts.width, facts.height))
    return _Plan(width, height, rate, SHRUNK_SOUND, copy, max_bytes, rate / float(width * height * frames))


def _sound_cost(audio: AudioStream | None) -> tuple[bool, int]:
    """Whether the sound may be copied, and what it takes, in bit/s."""
    if audio is None:
        return False, 0
    rate = audio.codec_context.bit_rate or 0
    if audio.codec_context.name == "aac" and 0 < rate <= COPIED_SOUND:
        return True, rate
    return False, SHRUNK_SOUND


def _encode(source: Path, target: Path, plan: _Plan) -> None:
    # Errors of the writing side too: what makes the muxer give up is a moment that broken packets brought along.
    with film_errors(), opened(source) as film, written(target, max_bytes=plan.max_bytes) as output:
        video = _add_video(output, film, plan)
        sound = add_sound(output, film, copy=plan.copy_sound, rate=plan.sound_rate)
        canvas = _Canvas(film, plan)
        for packet in film.packets():
            if packet.stream is film.video:
                for frame in film.pictures(packet):
                    output.mux(video.encode(canvas.paint(frame)))
            elif sound is not None:
                sound.take(packet)
        if not canvas.painted:
            raise NotAFilm("no frame of the film can be decoded")
        output.mux(video.encode(None))
        if sound is not None:
            sound.finish()


def _add_video(output: OutputContainer, film: Film, plan: _Plan) -> VideoStream:
    options = {"preset": PRESET, "crf": CRF}
    if plan.picture_rate is not None:
        options |= {
            "maxrate": str(plan.picture_rate),
            "bufsize": str(int(plan.picture_rate * BUFFER_SECONDS)),
        }
    rate = film.video.average_rate or film.video.guessed_rate or Fraction(24)
    if film.video.average_rate != film.video.base_rate:
        # An MP4 tells its length by decoding times, which end early where uneven frames are reordered.
        options["bf"] = "0"
    video = output.add_stream("libx264", rate=rate, options=options)
    video.width, video.height, video.pix_fmt = plan.width, plan.height, "yuv420p"
    video.thread_count = THREADS
    video.gop_size = max(1, round(rate * 2))  # a key frame every two seconds: quick to seek, easy to split
    video.codec_context.flags |= Flags.frame_duration  # else each lasts 1 / rate, the last one of an uneven film too
    if film.video.time_base is not None:
        video.codec_context.time_base = film.video.time_base  # frames keep their own moments, evenly spaced or not
    video.color_range = ColorRange.MPEG
    if (film.video.pix_fmt or "").startswith("yuv"):
        video.color_primaries = film.video.color_primaries
        video.color_trc = film.video.color_trc
        video.colorspace = film.video.colorspace
    return video


_UPRIGHT: Final = {  # filters for the degrees, counterclockwise, that a file asks its viewer to turn it by
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}


class _Canvas:
    """Turns, crops and scales frames, through an FFmpeg graph that is built from the first of them."""

    def __init__(self, film: Film, plan: _Plan) -> None:
        self._film = film
        self._plan = plan
        self._shape: tuple[object, ...] | None = None
        self._graph = Graph()
        self.painted = 0

    def paint(self, frame: VideoFrame) -> VideoFrame:
        shape = (frame.width, frame.height, frame.format.name, frame.rotation)
        if shape != self._shape:
            self._shape, self._graph = shape, self._built(frame)
        # The graph's source is declared without a colour matrix, so a frame that names one would be converted
        # away from it; unnamed, the colours pass as they are, and the new film is labelled like the old.
        frame.colorspace = _UNNAMED
        self._graph.vpush(frame)
        self.painted += 1
        return self._graph.vpull()

    def _built(self, frame: VideoFrame) -> Graph:
        width, height = self._plan.width, self._plan.height
        shown_width, shown_height = shown_size(frame, self._film.video)
        steps = list(_UPRIGHT.get(round(frame.rotation) % 360, ()))
        if self._film.video.sample_aspect_ratio not in (None, 0, 1):
            steps.append(("scale", f"{shown_width}:{shown_height}"))
        cover = min(Fraction(shown_width, width), Fraction(shown_height, height))
        steps += [
            ("crop", f"{round(width * cover)}:{round(height * cover)}"),
            ("scale", f"{width}:{height}:flags=lanczos+accurate_rnd:out_range=tv"),
            ("setsar", "1"),
            ("format", "yuv420p"),
        ]
        graph = Graph()
        graph.threads = THREADS
        first = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
        graph.link_nodes(first, *(graph.add(name, arguments) for name, arguments in steps), graph.add("buffersink"))
        graph.configure()
        return graph
