"""Which films stay on the disk after their delivery, and which go."""

from hypothesis import given
from hypothesis import strategies as st

from actors.upkeep.housekeeping import MOST_FILM_BYTES, SHARE_OF_FREE, Kept, to_remove

MB = 1_000_000
PLENTY = 100_000 * MB

disks = st.integers(0, PLENTY)
sizes = st.lists(st.integers(0, 60 * MB), max_size=40)


def ended(count: int) -> tuple[tuple[str, ...], ...]:
    """The films that have ended, the newest first, each with its still."""
    return tuple((f"{number}.mp4", f"{number}.jpg") for number in range(count, 0, -1))


def test_what_nobody_needs_goes() -> None:
    kept = Kept({"9.mp4"}, {12}, (("3.mp4", "3.jpg"),))
    there = dict.fromkeys(("9.mp4", "12.mp4", ".12.mp4.part", "3.mp4", "3.jpg", "2.mp4", ".2.mp4.part"), MB)
    assert sorted(to_remove(kept, there, PLENTY)) == [".2.mp4.part", "2.mp4"]


def test_the_oldest_go_when_they_take_too_much() -> None:
    there = {name: 50 * MB for number in range(1, 11) for name in (f"{number}.mp4",)}
    gone = to_remove(Kept(set(), set(), ended(10)), there, PLENTY)
    assert gone == ["1.mp4", "2.mp4", "3.mp4", "4.mp4"]  # six of 50 MB are the 300


def test_a_small_disk_keeps_few() -> None:
    there = {f"{number}.mp4": 10 * MB for number in range(1, 11)}
    assert to_remove(Kept(set(), set(), ended(10)), there, 100 * MB) == [f"{number}.mp4" for number in range(1, 7)]
    assert sorted(to_remove(Kept(set(), set(), ended(10)), there, 0)) == sorted(
        f"{number}.mp4" for number in range(1, 9)
    )


def test_a_film_that_is_wanted_stays_on_a_full_disk() -> None:
    there = {"1.mp4": 50 * MB, "2.mp4": 50 * MB}
    assert to_remove(Kept({"1.mp4"}, {2}, (("1.mp4",),)), there, 0) == []


@given(sizes, disks)
def test_never_more_than_allowed_and_never_a_newer_one_before_an_older(bytes_of: list[int], free: int) -> None:
    there = {f"{number}.mp4": size for number, size in enumerate(bytes_of, start=1)}
    gone = set(to_remove(Kept(set(), set(), ended(len(bytes_of))), there, free))
    stay = [number for number in range(1, len(bytes_of) + 1) if f"{number}.mp4" not in gone]
    room = min(MOST_FILM_BYTES, (free + sum(bytes_of)) // SHARE_OF_FREE)
    assert sum(bytes_of[number - 1] for number in stay) <= room
    assert stay == list(range(len(bytes_of) - len(stay) + 1, len(bytes_of) + 1))
