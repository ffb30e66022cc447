"""The watchdog ends a process whose loops stopped, and lets one live that only slept."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from actors.heartbeat import Pulse
from actors.mounts import kind_of_mount, on_a_mounted_disk, require_mounted_disk
from actors.settings import Settings, SettingsError
from actors.watchdog import STALE_EXIT, Ticks, watching

TICK = 5.0


def test_a_loop_that_beats_is_never_stale() -> None:
    pulse = Pulse("polls", limit=20.0)
    ticks = Ticks([pulse], TICK)
    for _ in range(100):
        pulse.beat()
        assert ticks.tick() is None


def test_a_loop_that_stopped_is_found_when_its_limit_is_over() -> None:
    polls, store = Pulse("polls", limit=20.0), Pulse("store", limit=10.0)
    ticks = Ticks([polls, store], TICK)
    found = []
    for _ in range(3):
        polls.beat()
        found.append(ticks.tick())
    assert found == [None, store, store]
    store.beat()
    assert [ticks.tick() for _ in range(3)] == [None, None, store]


def test_each_loop_has_its_own_time() -> None:
    pulse = Pulse("polls", limit=20.0)
    ticks = Ticks([pulse], TICK)
    assert [ticks.tick() for _ in range(4)] == [None, None, None, pulse]


def test_a_loop_at_rest_may_take_longer() -> None:
    """Telegram asked for half an hour of patience, or the disk is full."""
    pulse = Pulse("polls", limit=10.0)
    ticks = Ticks([pulse], TICK)
    with pulse.at_rest():
        assert [ticks.tick() for _ in range(400)] == [None] * 400
    assert [ticks.tick(), ticks.tick()] == [None, None]
    assert ticks.tick() is pulse


def test_a_machine_that_slept_is_not_a_loop_that_stopped() -> None:
    """A night costs one tick, because the watchdog slept too."""
    pulse = Pulse("polls", limit=10.0)
    ticks = Ticks([pulse], TICK)
    pulse.beat()
    ticks.tick()
    assert ticks.tick() is None  # eight hours later by any clock
    pulse.beat()
    assert ticks.tick() is None


def test_it_says_so_and_ends_the_process() -> None:
    ended, codes, said = threading.Event(), [], []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    pulses = [Pulse("getUpdates", limit=0.03)]
    with (
        capture_logs() as lines,
        watching(pulses, last_words=lambda: said.append("fail"), end=end, tick_seconds=0.01),
    ):
        assert ended.wait(10)
    assert codes == [STALE_EXIT] == [1]
    assert said == ["fail"]
    [line] = [line for line in lines if line["event"] == "watchdog.stale"]
    assert "getUpdates" in str(line)


HANGS = """
import time
from actors.heartbeat import Pulse
from actors.logs import configure
from actors.watchdog import watching
configure(json=True)
with watching([Pulse("store", limit=0.2)], tick_seconds=0.05):
    time.sleep(60)
"""


def test_a_process_that_hangs_ends_with_code_1_and_one_line() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert json.loads(line)["event"] == "watchdog.stale"
    assert json.loads(line)["loop"] == "store"


def test_a_log_that_hangs_does_not_save_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.watchdog.LAST_WORDS_SECONDS", 0.05)
    ended, never = threading.Event(), threading.Event()
    with watching(
        [Pulse("store", limit=0.02)], last_words=lambda: never.wait(30) and None, end=lambda _: ended.set(),
        tick_seconds=0.01,
    ):  # fmt: skip
        assert ended.wait(10)
    never.set()


def test_after_the_end_nobody_is_watched() -> None:
    ended = threading.Event()
    before = threading.active_count()
    with watching([Pulse("store", limit=1000.0)], end=lambda _: ended.set(), tick_seconds=0.01):
        pass
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(10)
    assert threading.active_count() <= before
    assert not ended.is_set()


# The disk, on Render.


def settings(render: str, folder: Path, url: str = "") -> Settings:
    return Settings.model_construct(render=render, data_dir=folder, database_url=url or f"sqlite:///{folder}/bot.db")


def test_on_render_the_database_must_lie_on_a_disk(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^DATA_DIR: on Render .* mounted disk.*\.$") as refused:
        require_mounted_disk(settings("true", tmp_path), on_disk=lambda _: False)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) in str(refused.value)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: on Render "):
        require_mounted_disk(settings("true", tmp_path, "sqlite:////elsewhere/bot.db"), on_disk=lambda _: False)


def test_on_a_disk_elsewhere_and_with_a_server_it_starts(tmp_path: Path) -> None:
    asked: list[Path] = []
    require_mounted_disk(settings("true", tmp_path), on_disk=lambda folder: bool(asked.append(folder)) or True)
    assert asked == [tmp_path]
    require_mounted_disk(settings("", tmp_path), on_disk=lambda _: False)
    require_mounted_disk(settings("true", tmp_path, "postgresql://u@h/kadr"), on_disk=lambda _: False)


def test_memory_and_the_root_are_no_disks_that_are_kept() -> None:
    assert not on_a_mounted_disk(Path("/"))
    assert not on_a_mounted_disk(Path("/no/such/folder"))
    if Path("/dev/shm").is_mount():
        assert not on_a_mounted_disk(Path("/dev/shm/data"))


def test_the_kind_of_a_mount_is_read_as_the_kernel_writes_it(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw\n"
        "23 22 8:1 / /var/data rw - tmpfs tmpfs rw\n"
        "24 22 8:1 / /var/data rw,noatime shared:2 master:3 - ext4 /dev/sda1 rw\n"
        "25 22 8:2 / /var/my\\040disk rw - xfs /dev/sdb1 rw\n"
    )
    kinds = {point: kind_of_mount(Path(point), table) for point in ("/", "/var/data", "/var/my disk", "/nowhere")}
    assert kinds == {"/": "overlay", "/var/data": "ext4", "/var/my disk": "xfs", "/nowhere": ""}
    assert kind_of_mount(Path("/"), tmp_path / "none") == ""
