"""Films measured, shown, recut, shrunk and split; every result is decoded again."""

import io
import struct
import threading
from pathlib import Path

import av
import pytest
from media_samples import (
    corner_film,
    corners,
    corners_of,
    decoded,
    encoded,
    film,
    frame_of,
    noise_frames,
    sound_seconds,
    tone,
)
from PIL import Image

from actors.media.film import FilmFacts, NotAFilm, TooLarge, inspect, recut, shrink, split, thumbnail

UPRIGHT = ("red", "green", "blue", "yellow")
FRAME = 1 / 24  # seconds


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than 50 MB of noise in four seconds, with a key frame every half second."""
    path = tmp_path_factory.mktemp("films") / "heavy.mp4"
    options = {"preset": "ultrafast", "qp": "1", "g": "12"}
    film(path, noise_frames(640, 360, 96), size=(640, 360), seconds=4, options=options)
    assert path.stat().st_size > 50_000_000
    return path


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def turned_matrix(path: Path) -> None:
    """Write a quarter turn clockwise into the track header, as phones do (ISO 14496-12, the matrix of `tkhd`)."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 4 + 40
    data[place : place + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


# -- measuring ---------------------------------------------------------------------------------------------------


def test_facts_of_a_film(tmp_path: Path) -> None:
    path = corner_film(tmp_path / "a.mp4", (320, 180), seconds=2)
    assert inspect(path) == FilmFacts(320, 180, 2.0, True, path.stat().st_size)
    assert not inspect(corner_film(tmp_path / "b.mp4", sound=None)).audio


def test_facts_of_other_containers(tmp_path: Path) -> None:
    webm = corner_film(tmp_path / "a.webm", codec="libvpx", sound="libopus", options={"cpu-used": "8"})
    facts = inspect(webm)
    assert (facts.width, facts.height, facts.audio) == (320, 180, True)
    assert facts.seconds == pytest.approx(2.0, abs=FRAME)

    with av.open(tmp_path / "piped.mkv", "w", options={"live": "1"}) as output:  # knows no duration
        stream = output.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(24):
            output.mux(stream.encode(frame_of(corners(320, 180))))
        output.mux(stream.encode(None))
    assert inspect(tmp_path / "piped.mkv").seconds == pytest.approx(1.0, abs=FRAME)


def test_a_film_is_measured_as_it_is_seen(tmp_path: Path) -> None:
    path = corner_film(tmp_path / "phone.mp4", (320, 180))
    turned_matrix(path)
    facts = inspect(path)
    assert (facts.width, facts.height) == (180, 320)


def truncated(path: Path, whole: Path, share: float) -> Path:
    data = whole.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def test_what_is_not_a_film(tmp_path: Path) -> None:
    def refused(path: Path) -> str:
        for work in (inspect, thumbnail):
            with pytest.raises(NotAFilm) as refusal:
                work(path)
        with pytest.raises(NotAFilm):
            recut(path, tmp_path / "out.mp4", width=320, height=320)
        with pytest.raises(NotAFilm):
            shrink(path, tmp_path / "out.mp4", max_bytes=10)
        with pytest.raises(NotAFilm):
            split(path, tmp_path, max_bytes=10)
        assert not [name for name in left_in(tmp_path) if "out" in name or "-0" in name]
        return str(refusal.value)

    def written(data: bytes) -> Path:
        (tmp_path / "bytes.mp4").write_bytes(data)
        return tmp_path / "bytes.mp4"

    whole = corner_film(tmp_path / "whole.mp4")
    fast = corner_film(tmp_path / "fast.mp4", container_options={"movflags": "+faststart"})
    assert refused(written(b"")) == "the file is empty"
    refused(truncated(tmp_path / "no_index.mp4", whole, 0.6))
    assert "cut short" in refused(truncated(tmp_path / "half.mp4", fast, 0.6))
    refused(written(b"\x13\x37" * 5000))
    refused(written(b"<!doctype html><html><head><title>504</title></head><body>Gateway Time-out</body></html>"))
    refused(written(b'{"error": {"message": "not ready"}}'))
    refused(written(encoded(corners(320, 180), "png")))
    refused(written(b"#EXTM3U\n#EXTINF:2,\nfile:///" + str(whole).encode() + b"\n#EXT-X-ENDLIST\n"))

    data = bytearray(whole.read_bytes())
    with av.open(whole) as container:
        entries = list(container.streams.video[0].index_entries)
    for entry in entries:
        data[entry.pos : entry.pos + entry.size] = bytes(entry.size)
    refused(written(bytes(data)))


def test_sound_alone_is_not_a_film(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=48_000)
        for frame in tone(48_000, 1):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(NotAFilm, match="no moving picture"):
        inspect(path)


def test_a_title_that_is_not_utf8_does_no_harm(tmp_path: Path) -> None:
    path = corner_film(tmp_path / "a.mp4")
    data = path.read_bytes()
    assert data.count(b"VideoHandler") == 1
    path.write_bytes(data.replace(b"VideoHandler", b"\xc2\xe8\xe4\xe5\xee Handle"))
    assert inspect(path).width == 320


def test_a_missing_file_is_not_blamed_on_the_film(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "nowhere.mp4")


# -- the thumbnail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "small"), [((1280, 720), (320, 180)), ((180, 320), (180, 320))])
def test_a_thumbnail_keeps_telegrams_rules(tmp_path: Path, size: tuple[int, int], small: tuple[int, int]) -> None:
    data = thumbnail(corner_film(tmp_path / "a.mp4", size, seconds=1))
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", small)
    assert len(data) < 200_000
    assert corners_of(image) == UPRIGHT


def test_a_thumbnail_of_noise_is_small_and_of_a_turned_film_upright(tmp_path: Path) -> None:
    noise = film(tmp_path / "noise.mp4", noise_frames(640, 640, 8), size=(640, 640), seconds=0.3)
    assert len(thumbnail(noise)) < 200_000
    turned = corner_film(tmp_path / "turned.mp4")
    turned_matrix(turned)
    image = Image.open(io.BytesIO(thumbnail(turned)))
    assert (image.size, corners_of(image)) == ((180, 320), ("blue", "red", "yellow", "green"))


@pytest.mark.parametrize("black_frames", [10, 30])
def test_a_thumbnail_is_not_the_black_beginning(tmp_path: Path, black_frames: int) -> None:
    black, bright = Image.new("RGB", (320, 180)), corners(320, 180)
    frames = (frame_of(black if n < black_frames else bright) for n in range(48))
    path = film(tmp_path / "fade.mp4", frames, size=(320, 180))
    assert corners_of(Image.open(io.BytesIO(thumbnail(path)))) == UPRIGHT


def test_a_black_film_has_a_black_thumbnail(tmp_path: Path) -> None:
    frames = (frame_of(Image.new("RGB", (320, 180))) for _ in range(24))
    image = Image.open(io.BytesIO(thumbnail(film(tmp_path / "night.mp4", frames, size=(320, 180)))))
    assert image.convert("L").getextrema()[1] < 10  # type: ignore[operator]


# -- another frame -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1280, 1280), (720, 1280), (1920, 1080)])
def test_recut_fills_exactly_the_frame(tmp_path: Path, size: tuple[int, int]) -> None:
    source = corner_film(tmp_path / "a.mp4", (640, 360), seconds=1)
    facts = recut(source, tmp_path / "b.mp4", width=size[0], height=size[1])
    pictures = decoded(tmp_path / "b.mp4")
    assert facts == inspect(tmp_path / "b.mp4")
    assert {picture.size for picture in pictures} == {size} == {(facts.width, facts.height)}
    assert len(pictures) == 24
    assert facts.seconds == pytest.approx(1.0, abs=FRAME)
    assert corners_of(pictures[0]) == corners_of(pictures[-1]) == UPRIGHT
    with av.open(tmp_path / "b.mp4") as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.pix_fmt) == ("h264", "yuv420p")
    data = (tmp_path / "b.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert left_in(tmp_path) == {"a.mp4", "b.mp4"}


def test_recut_keeps_the_centre(tmp_path: Path) -> None:
    still = Image.new("RGB", (640, 360), "black")
    still.paste("white", (140, 0, 500, 360))
    source = film(tmp_path / "a.mp4", (frame_of(still) for _ in range(12)), size=(640, 360), seconds=0.5)
    recut(source, tmp_path / "b.mp4", width=360, height=360)
    darkest, _ = decoded(tmp_path / "b.mp4")[3].convert("L").crop((8, 8, 352, 352)).getextrema()
    assert isinstance(darkest, int)
    assert darkest > 230


def test_recut_copies_aac_and_encodes_other_sound(tmp_path: Path) -> None:
    def packets(path: Path) -> list[bytes]:
        with av.open(path) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    source = corner_film(tmp_path / "a.mp4")
    recut(source, tmp_path / "b.mp4", width=320, height=320)
    assert packets(tmp_path / "b.mp4") == packets(source)
    assert sound_seconds(tmp_path / "b.mp4") == pytest.approx(2.0, abs=0.03)

    webm = corner_film(tmp_path / "a.webm", codec="libvpx", sound="libopus", options={"cpu-used": "8"})
    facts = recut(webm, tmp_path / "c.mp4", width=320, height=320)
    assert facts.seconds == pytest.approx(2.0, abs=FRAME)
    assert sound_seconds(tmp_path / "c.mp4") == pytest.approx(2.0, abs=0.05)
    with av.open(tmp_path / "c.mp4") as container:
        assert container.streams.audio[0].codec_context.name == "aac"

    assert not recut(corner_film(tmp_path / "d.mp4", sound=None), tmp_path / "e.mp4", width=320, height=320).audio


def test_recut_sets_a_turned_film_upright(tmp_path: Path) -> None:
    source = corner_film(tmp_path / "a.mp4")
    turned_matrix(source)
    facts = recut(source, tmp_path / "b.mp4", width=180, height=320)
    assert (facts.width, facts.height) == (180, 320)
    with av.open(tmp_path / "b.mp4") as container:
        frame = next(container.decode(video=0))
        assert (frame.rotation, frame.width, frame.height) == (0, 180, 320)
    assert corners_of(decoded(tmp_path / "b.mp4")[0]) == ("blue", "red", "yellow", "green")


@pytest.mark.parametrize(("colour_range", "matrix"), [(1, 1), (2, 1), (1, 6), (2, 6)])
def test_recut_keeps_the_colours(tmp_path: Path, colour_range: int, matrix: int) -> None:
    """Limited and full range, BT.709 and BT.601."""
    with av.open(tmp_path / "a.mp4", "w") as output:
        stream = output.add_stream("libx264", rate=24, options={"preset": "ultrafast", "qp": "2"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.color_range, stream.colorspace = colour_range, matrix
        for _ in range(6):
            frame = frame_of(corners(320, 180)).reformat(
                format="yuv420p", dst_colorspace=matrix, src_color_range=2, dst_color_range=colour_range
            )
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    recut(tmp_path / "a.mp4", tmp_path / "b.mp4", width=320, height=320)
    before, after = decoded(tmp_path / "a.mp4")[3], decoded(tmp_path / "b.mp4")[3]
    for x, y in ((80, 45), (240, 45), (80, 135), (240, 135)):
        old, new = before.getpixel((x, y)), after.getpixel((x, y * 320 // 180))
        assert isinstance(old, tuple)
        assert isinstance(new, tuple)
        assert max(abs(a - b) for a, b in zip(old, new, strict=True)) < 8


def test_recut_keeps_uneven_moments(tmp_path: Path) -> None:
    moments = [0, 40, 400, 420, 1000, 1500, 1600, 4000]  # milliseconds
    source, target = tmp_path / "a.mp4", tmp_path / "b.mp4"
    with av.open(source, "w") as output:
        stream = output.add_stream("libx264", rate=1000, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for frame, frame.pts in zip(map(frame_of, [corners(320, 180)] * len(moments)), moments, strict=True):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert recut(source, target, width=180, height=180).seconds == pytest.approx(inspect(source).seconds, abs=0.1)
    with av.open(target) as container:
        assert [round(frame.time * 1000) for frame in container.decode(video=0)] == moments


def test_recut_refuses_odd_sides_and_leaves_nothing(tmp_path: Path) -> None:
    source = corner_film(tmp_path / "a.mp4")
    with pytest.raises(ValueError, match="even"):
        recut(source, tmp_path / "b.mp4", width=321, height=320)
    (tmp_path / "b.mp4").write_bytes(b"what was here before")
    data = source.read_bytes()
    (tmp_path / "no_index.mp4").write_bytes(data[: len(data) // 2])
    with pytest.raises(NotAFilm):
        recut(tmp_path / "no_index.mp4", tmp_path / "b.mp4", width=320, height=320)
    assert (tmp_path / "b.mp4").read_bytes() == b"what was here before"
    assert left_in(tmp_path) == {"a.mp4", "b.mp4", "no_index.mp4"}


# -- fewer bytes -------------------------------------------------------------------------------------------------


def test_shrink_fits_a_heavy_film(tmp_path: Path, heavy: Path) -> None:
    facts = shrink(heavy, tmp_path / "light.mp4", max_bytes=8_000_000)
    assert facts.size_bytes == (tmp_path / "light.mp4").stat().st_size <= 8_000_000
    assert facts.size_bytes > 4_000_000  # the room is used
    assert (facts.width, facts.height, facts.audio) == (640, 360, True)
    assert facts.seconds == pytest.approx(4.0, abs=FRAME)
    assert len(decoded(tmp_path / "light.mp4")) == 96
    assert sound_seconds(tmp_path / "light.mp4") == pytest.approx(4.0, abs=0.03)
    assert left_in(tmp_path) == {"light.mp4"}


def test_shrink_takes_a_smaller_frame_where_bits_are_few_and_then_gives_up(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4", noise_frames(640, 360, 24), size=(640, 360), seconds=1)
    facts = shrink(source, tmp_path / "b.mp4", max_bytes=30_000)
    assert (facts.width, facts.height) == (320, 180)
    assert facts.size_bytes <= 30_000
    assert sound_seconds(tmp_path / "b.mp4") == pytest.approx(1.0, abs=0.03)
    for hopeless in (16_000, 5_000, 10):
        with pytest.raises(TooLarge):
            shrink(source, tmp_path / "c.mp4", max_bytes=hopeless)
    assert left_in(tmp_path) == {"a.mp4", "b.mp4"}


def test_shrink_tries_twice_when_the_first_comes_out_too_large(tmp_path: Path) -> None:
    """So small a limit that the container's own tables, about 1.5 kB, are a surprise to the first try."""
    source = film(tmp_path / "a.mp4", noise_frames(128, 128, 12), size=(128, 128), seconds=0.5, sound=None)
    facts = shrink(source, tmp_path / "b.mp4", max_bytes=8_000)
    assert (facts.width, facts.height) == (64, 64)
    assert facts.size_bytes <= 8_000
    assert left_in(tmp_path) == {"a.mp4", "b.mp4"}


def test_shrink_leaves_a_small_film_as_it_is(tmp_path: Path) -> None:
    source = corner_film(tmp_path / "a.mp4")
    facts = shrink(source, tmp_path / "b.mp4", max_bytes=source.stat().st_size)
    assert facts == inspect(source)
    assert (tmp_path / "b.mp4").read_bytes() == source.read_bytes()


# -- parts -------------------------------------------------------------------------------------------------------


def test_split_into_parts_that_play(tmp_path: Path, heavy: Path) -> None:
    parts = split(heavy, tmp_path, max_bytes=20_000_000)
    assert [part.name for part in parts] == ["heavy-01.mp4", "heavy-02.mp4", "heavy-03.mp4", "heavy-04.mp4"]
    facts = [inspect(part) for part in parts]
    assert all(fact.size_bytes <= 20_000_000 and fact.audio for fact in facts)
    assert sum(fact.seconds for fact in facts) == pytest.approx(4.0, abs=FRAME)
    assert [len(decoded(part)) for part in parts] == [24, 24, 24, 24]
    assert sum(sound_seconds(part) for part in parts) == pytest.approx(4.0, abs=0.05)
    assert left_in(tmp_path) == {part.name for part in parts}


def test_split_keeps_every_picture_of_a_film_with_b_frames(tmp_path: Path) -> None:
    options = {"preset": "medium", "g": "12", "bf": "3"}
    source = film(tmp_path / "a.mp4", noise_frames(320, 180, 60), size=(320, 180), seconds=2.5, options=options)
    turned_matrix(source)
    whole = [picture.tobytes() for picture in decoded(source)]
    (tmp_path / "parts").mkdir()
    parts = split(source, tmp_path / "parts", max_bytes=source.stat().st_size // 2)
    assert len(parts) >= 2
    assert [picture.tobytes() for part in parts for picture in decoded(part)] == whole
    assert {(inspect(part).width, inspect(part).height) for part in parts} == {(180, 320)}
    for part in parts:
        with av.open(part) as container:
            assert next(container.decode(video=0)).time < FRAME


def test_split_gives_one_part_for_a_film_that_fits(tmp_path: Path) -> None:
    source = corner_film(tmp_path / "a.mp4")
    (part,) = split(source, tmp_path, max_bytes=1_000_000)
    assert len(decoded(part)) == 48


def test_split_says_when_it_cannot(tmp_path: Path) -> None:
    single = film(tmp_path / "a.mp4", noise_frames(320, 180, 24), size=(320, 180), seconds=1)
    with pytest.raises(TooLarge, match="key frames"):
        split(single, tmp_path, max_bytes=single.stat().st_size // 2)
    vp8 = corner_film(tmp_path / "b.webm", codec="libvpx", sound=None, options={"cpu-used": "8"})
    with pytest.raises(TooLarge, match="vp8"):
        split(vp8, tmp_path, max_bytes=1_000_000)
    assert left_in(tmp_path) == {"a.mp4", "b.webm"}


# -- together ----------------------------------------------------------------------------------------------------


def test_two_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    source = corner_film(tmp_path / "a.mp4")
    results: list[FilmFacts] = []

    def work(number: int) -> None:
        results.append(recut(source, tmp_path / f"{number}.mp4", width=320, height=320))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(facts.width, facts.height) for facts in results] == [(320, 320), (320, 320)]
    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "1.mp4").read_bytes()
