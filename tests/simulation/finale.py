"""How a simulation ends: nothing goes wrong any more, the bot comes to rest, all ask once more, and all is checked."""

import math
from collections.abc import Callable

from tests.simulation.invariants import Invariants
from tests.simulation.scheduling import waiting_tasks
from tests.simulation.world import World

CALM_SECONDS = 4 * 3600.0
"""How long the bot may take to become quiet once nothing goes wrong any more: its longest deadlines are an hour."""
LOOK_SECONDS = 15.0
ANSWER_SECONDS = 30.0
"""Within this a bot at rest has answered everybody."""
ACTORS = frozenset(
    f"kadr/{name}"
    for name in (
        "outbox",
        "broadcaster",
        "progress",
        "pollers",
        "dispatcher",
        "receipts",
        "orders",
        "stars",
        "stripe",
        "conversation",
        "housekeeping",
        "audit",
        "intake",
    )
)


class Finale:
    """Steps of the world's agenda. `running` tells whether a process is up; `finish` ends the simulation."""

    def __init__(
        self, world: World, invariants: Invariants, *, running: Callable[[], bool], finish: Callable[[], None]
    ) -> None:
        self._world = world
        self._invariants = invariants
        self._running = running
        self._finish = finish
        self._calm_since = math.inf
        self._questions: list[str] = []

    def calm(self) -> None:
        """From here on nothing goes wrong, nobody wants anything new, and everybody is there to hear."""
        world = self._world
        world.note("calm")
        world.closing = True
        self._calm_since = world.clock.now()
        world.faults.clear()
        world.mischief.clear()
        world.free_disk()
        if world.fuse is not None:
            world.fuse.disarm()
        for person in world.someones:
            world.telegram.unblock(person)
        world.after(LOOK_SECONDS, self._until_quiet)

    def _until_quiet(self) -> None:
        unquiet = self._invariants.unquiet()
        if not unquiet and self._running():
            self._ask()
        elif self._world.clock.now() > self._calm_since + CALM_SECONDS:
            waiting = "; ".join(waiting_tasks()) if self._running() else "no process"
            self._invariants.broken(f"not quiet: {unquiet[:5]}; tasks: {waiting}")
        else:
            self._world.after(LOOK_SECONDS, self._until_quiet)

    def _ask(self) -> None:
        """Everybody asks for the balance and presses a button that is no more."""
        telegram = self._world.telegram
        self._questions = []
        for person in self._world.someones:
            telegram.say(person, "/balance")
            self._questions.append(telegram.press(person, 1, "d:999999:go", forged=True))
        self._world.after(ANSWER_SECONDS, self._hear)

    def _hear(self) -> None:
        if not self._running():
            self._world.after(LOOK_SECONDS, self._until_quiet)
            return
        self._check_answers()
        running = {line.partition(":")[0] for line in waiting_tasks()}
        for name in sorted(ACTORS - running):
            self._invariants.broken(f"{name} is dead")
        self._finish()

    def _check_answers(self) -> None:
        telegram = self._world.telegram
        for query_id in self._questions:
            if telegram.queries[query_id].answer is None:
                self._invariants.broken(f"the press {query_id} was not answered within {ANSWER_SECONDS:g} s")
        banned = {id for (id,) in self._world.ask("select user_id from bans")}
        for person in set(self._world.someones) - banned:
            account = self._world.ask("select posted - held from accounts where name = ?", f"user:{person}")
            free = account[0][0] if account else 0
            said = next(m for m in reversed(telegram.history(person)) if "text" in m and m["from"]["is_bot"])
            if str(free) not in said["text"].replace("\u00a0", ""):
                self._invariants.broken(f"{person} has {free} and reads {said['text']!r}")
