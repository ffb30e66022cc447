"""The sound of a film that is made anew: AAC packets are passed on as they are, anything else is encoded."""

# PyAV's own types leave out the parameter of Packet: each call that touches one is "partially unknown".
# pyright: reportUnknownMemberType=false

from typing import Any

from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from actors.media.reading import Film

MAX_RATE = 48_000  # samples a second; what every player of AAC takes


class CopiedSound:
    def __init__(self, output: OutputContainer, audio: AudioStream) -> None:
        self._output = output
        self._stream = output.add_stream_from_template(audio)

    def take(self, packet: "Packet[Any]") -> None:
        if packet.dts is not None:  # the empty packet at the end would only flush a decoder
            packet.stream = self._stream
            self._output.mux(packet)

    def finish(self) -> None:
        """Copied packets are complete as they come."""


class EncodedSound:
    def __init__(self, output: OutputContainer, film: Film, audio: AudioStream, rate: int) -> None:
        self._output = output
        self._film = film
        self._stream = output.add_stream("aac", rate=min(audio.rate, MAX_RATE))
        self._stream.layout = "mono" if audio.channels == 1 else "stereo"
        self._stream.codec_context.bit_rate = rate

    def take(self, packet: "Packet[Any]") -> None:
        for frame in self._film.sounds(packet):
            self._output.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._output.mux(self._stream.encode(None))


def add_sound(output: OutputContainer, film: Film, *, copy: bool, rate: int) -> CopiedSound | EncodedSound | None:
    """A sound track for `output`: copied where that is wanted and possible, else AAC at `rate` bit/s."""
    if film.audio is None:
        return None
    if copy and film.audio.codec_context.name == "aac":
        return CopiedSound(output, film.audio)
    return EncodedSound(output, film, film.audio, rate)
