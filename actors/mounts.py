"""Whether a folder lies on a disk of its own. On Render everything else is thrown away with each deploy.

What it cannot see is whether a mounted disk is kept: it knows the kinds of file systems that never are.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from actors.settings import DataSettings, Settings, SettingsError

FLEETING = frozenset({"overlay", "aufs", "tmpfs", "ramfs"})
"""File systems of containers and of memory: gone with the process."""
MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


def require_mounted_disk(settings: Settings, *, on_disk: Callable[[Path], bool] | None = None) -> None:
    """Refuse a database on Render that the next deploy would throw away. Raises `SettingsError`."""
    folder = folder_of(settings)
    if not settings.render or folder is None or (on_disk or on_a_mounted_disk)(folder):
        return
    name = "DATA_DIR" if settings.data_dir.absolute() == folder else "DATABASE_URL"
    raise SettingsError(
        f"{name}: on Render the database must lie on a mounted disk, and {folder} does not, so the next deploy would "
        f"throw away every balance and film; add a disk to the service and let {name} name a place on it."
    )


def folder_of(settings: DataSettings) -> Path | None:
    """Where the database's file lies; None for a database elsewhere."""
    if not settings.database_url.startswith("sqlite:///"):
        return None
    path = unquote(settings.database_url.removeprefix("sqlite:///").partition("?")[0])
    return Path(path).absolute().parent


def on_a_mounted_disk(folder: Path) -> bool:
    """Whether the folder, or where it will be made, is on something mounted that is kept."""
    there = folder.resolve()
    while not there.exists():
        there = there.parent
    while not there.is_mount():
        there = there.parent
    return there != Path(there.anchor) and kind_of_mount(there) not in FLEETING


def kind_of_mount(point: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system mounted there (proc(5), mountinfo); empty where the system does not tell."""
    try:
        lines = mounts.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kind = ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        # Spaces in a path are written as octal escapes. The last mount on a point hides those before it.
        if len(fields) > 4 and _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4]) == str(point):
            kind = after.split()[0] if after else ""
    return kind
