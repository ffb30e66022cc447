"""Draws thirty days of the shop as a PNG: `python -m actors.upkeep.figures TARGET`, with the data on standard input.

A process of its own, because matplotlib takes 80 MB and a second or two: both are given back when it ends. It knows no
language and no money; every word comes with the data, and its own font has the letters of Kazakh.
"""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio

DEADLINE_SECONDS = 60.0
"""Half of a slow processor is enough; a first start also builds a list of fonts."""
WIDTH, HEIGHT, DPI = 7.0, 10.5, 140
"""Upright, one panel below the other: most admins look at a phone."""
EVERY = 5
"""Days between two dates on the axis."""
GREEN, RED, BLUE, AMBER, GREY = "#2e9e6b", "#d9534f", "#3b7dd8", "#e6a23c", "#8a8f98"
RAIL_COLOURS = (AMBER, BLUE, RED)
LEGEND: dict[str, Any] = {
    "fontsize": 10,
    "frameon": False,
    "ncols": 3,
    "loc": "lower right",
    "bbox_to_anchor": (1.01, 0.99),
    "borderpad": 0.2,
}
"""Above the panel, beside its title: inside it would cover bars."""
_ROOT = str(Path(__file__).parents[2])

Draw = Callable[[str, Path], Awaitable[None]]


class NotDrawn(Exception):
    """There is no picture; the message says why, for the log."""


async def draw_apart(data: str, target: Path) -> None:
    """Draw in another process. Raises `NotDrawn`."""
    # The fonts' list is kept beside the pictures: the home folder may not be writable.
    env = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    env |= {"PYTHONPATH": _ROOT, "MPLCONFIGDIR": str(target.parent / ".matplotlib")}
    try:
        with trio.fail_after(DEADLINE_SECONDS):
            done = await trio.run_process(
                [sys.executable, "-m", "actors.upkeep.figures", str(target)],
                stdin=data.encode(),
                stdout=subprocess.DEVNULL,
                capture_stderr=True,
                check=False,
                env=env,
            )
    except trio.TooSlowError:
        raise NotDrawn(f"not within {DEADLINE_SECONDS:g} s") from None
    except OSError as error:
        raise NotDrawn(f"the process did not start: {error.strerror}") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"the process ended with {done.returncode}: {last[:200]}")


def draw(data: str, target: Path) -> None:
    """Draw in this process, and write the PNG. Raises `KeyError` or `ValueError` for data of another shape."""
    from matplotlib.figure import Figure

    month: dict[str, Any] = json.loads(data)
    words: dict[str, str] = month["words"]
    figure: Any = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    figure.suptitle(words["title"], fontsize=16, fontweight="bold")
    panels = iter(figure.subplots(4, 1))
    places = range(len(month["days"]))

    def panel(title: str) -> Any:
        axes = next(panels)
        axes.set_title(title, fontsize=12, loc="left")
        axes.set_xticks(list(places)[::-EVERY], month["days"][::-EVERY], fontsize=10)
        axes.tick_params(axis="y", labelsize=10)
        axes.set_xlim(-0.6, len(places) - 0.4)
        axes.grid(axis="y", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    films = panel(words["films"])
    films.bar(places, month["delivered"], color=GREEN, label=words["delivered"])
    films.bar(places, month["failed"], bottom=month["delivered"], color=RED, label=words["failed"])
    films.yaxis.get_major_locator().set_params(integer=True)
    films.legend(**LEGEND)

    income = panel(words["income"])
    below = [0.0 for _ in places]
    for (rail, amounts), colour in zip(month["income"].items(), RAIL_COLOURS, strict=True):
        if not any(amounts):
            continue
        income.bar(places, amounts, bottom=below, color=colour, label=rail)
        below = [base + amount for base, amount in zip(below, amounts, strict=True)]
    if any(below):
        income.legend(**LEGEND)
    income.set_ylim(bottom=0, top=None if any(below) else 1)

    margin = panel(words["margin"])
    margin.bar(places, month["cost"], color=GREY, alpha=0.7, label=words["cost"])
    margin.plot(places, month["left"], color=GREEN, marker="o", markersize=3, label=words["left"])
    margin.legend(**LEGEND)

    waits = panel(words["waits"])
    for name, colour in (("usual", BLUE), ("long", AMBER)):
        minutes = [float("nan") if value is None else value for value in month[name]]
        waits.plot(places, minutes, color=colour, marker="o", markersize=3, label=words[name])
    waits.set_ylim(bottom=0)
    waits.legend(**LEGEND)

    figure.savefig(target, format="png")


if __name__ == "__main__":
    draw(sys.stdin.read(), Path(sys.argv[1]))
