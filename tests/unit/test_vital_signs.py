"""What is measured of the machine: read as the kernel writes it, whichever version of control groups it has."""

import os
from pathlib import Path

import pytest

from actors.upkeep.vital_signs import USUAL_LIMIT, Vitals, measure_machine, reason_of


def cgroup(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_max", ".max").replace("_limit_in_bytes", ".limit_in_bytes")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"memory_max": "536870912"}, 536_870_912),
        ({"memory_max": "max"}, USUAL_LIMIT),
        ({"memory__memory_limit_in_bytes": "268435456"}, 268_435_456),
        ({"memory__memory_limit_in_bytes": "9223372036854771712"}, USUAL_LIMIT),
        ({}, USUAL_LIMIT),
    ],
)
def test_the_limit_of_memory(tmp_path: Path, files: dict[str, str], limit: int) -> None:
    assert measure_machine(tmp_path, cgroup=cgroup(tmp_path, **files)).memory_limit == limit


def test_what_this_process_uses(tmp_path: Path) -> None:
    (tmp_path / "statm").write_text("25000 10000 3000 1 0 8000 0\n")
    assert measure_machine(tmp_path, process=tmp_path).memory == 10_000 * os.sysconf("SC_PAGE_SIZE")
    assert measure_machine(tmp_path, process=tmp_path / "gone").memory == 0
    assert 10_000_000 < measure_machine(tmp_path).memory < 10_000_000_000


def test_the_disk_as_df_counts_it(tmp_path: Path) -> None:
    vitals = measure_machine(tmp_path)
    assert 0 < vitals.disk_free <= vitals.disk
    assert 0 <= vitals.disk_share <= 1
    assert Vitals(disk=0, disk_free=0, memory_limit=1, memory=0).disk_share == 0.0


def test_the_reason_of_a_group_is_its_first_one() -> None:
    inner = ExceptionGroup("inner", [ValueError("a\nb"), KeyError("c")])
    assert reason_of(ExceptionGroup("outer", [inner])) == "ValueError: a"
