"""A soak: the bot and the stand-ins as processes, under load, with SIGKILL, SIGTERM, SIGSTOP and faults at random.

    python -m benchmarks.soak --minutes 5 --buyers 6 --payers 3 --seed 1

Afterwards everything is calm, the bot may finish, and the promises are checked from the outside: each order was made at
the backend at most once, each delivered job shows its film, each other one was paid back, each payment in Stars and at
Stripe was credited once, no update is left, and `kadr audit` finds the books right. Real time and real processes: a
seed repeats the plan, not the outcome.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import trio
import typer

from benchmarks import soak_payments as payments
from benchmarks.soak_payments import Till, approves, buys, not_credited, paid
from sandbox.bank import PAY_URL, PHONE, RECIPIENT
from tests.process.machine import Bot, Buyer, StandIns, until

FAULTS = (
    (
        "videos",
        "create",
        ("rate_limit", "server_error", "slow", "lose_request", "lose_answer", "refuse", "fail_halfway"),
    ),
    ("videos", "retrieve", ("server_error", "slow", "lose_answer", "malformed")),
    ("videos", "content", ("server_error", "slow", "lose_answer", "malformed")),
    ("telegram", "sendMessage", ("rate_limit", "server_error", "slow", "lose_request", "lose_answer")),
    ("telegram", "editMessageText", ("rate_limit", "server_error", "lose_answer", "malformed")),
    ("telegram", "sendVideo", ("rate_limit", "server_error", "slow", "lose_answer")),
    ("telegram", "getUpdates", ("conflict", "server_error", "lose_answer", "malformed", "slow")),
    ("telegram", "answerCallbackQuery", ("server_error", "lose_answer")),
    ("telegram", "sendInvoice", ("rate_limit", "server_error", "slow", "lose_request", "lose_answer")),
    ("telegram", "answerPreCheckoutQuery", ("server_error", "lose_request", "lose_answer")),
    ("stripe", "sessions.create", ("server_error", "lose_request", "lose_answer", "kept_error", "locked")),
    ("stripe", "sessions.retrieve", ("server_error", "slow", "lose_answer", "rate_limit")),
    ("stripe", "sessions.list", ("server_error", "lose_answer")),
    ("stripe", "events.list", ("server_error", "lose_answer", "slow")),
)
ENDS = ("delivered", "failed", "cancelled")


@dataclass(slots=True)
class Tally:
    """What happened, for the table at the end."""

    signals: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    orders: list[tuple[Buyer, str]] = field(default_factory=list[tuple[Buyer, str]])
    unanswered: int = 0
    slowest_stop: float = 0.0


async def buy(buyer: Buyer, chance: random.Random, tally: Tally, end: float) -> None:
    """One buyer orders again and again, sometimes pressing twice."""
    number = 0
    while trio.current_time() < end:
        number += 1
        prompt = f"soak {buyer.id} take {number}"
        tally.orders.append((buyer, prompt))
        try:
            await buyer.orders(prompt)
            if chance.random() < 0.3:
                await buyer.says("/balance")
        except AssertionError:
            tally.unanswered += 1  # the bot was dead for longer than this buyer waits; the words are not lost for that
        await trio.sleep(chance.uniform(2, 8))


async def give(stand_ins: StandIns, buyers: list[Buyer], end: float) -> None:
    """The admin keeps everybody rich."""
    while trio.current_time() < end:
        for buyer in buyers:
            await stand_ins.say(stand_ins.admin, f"/topup {buyer.id} 60 soak")
            await trio.sleep(1)
        await trio.sleep(10)


async def trouble(stand_ins: StandIns, chance: random.Random, tally: Tally, end: float) -> None:
    """Faults, one at a time."""
    while trio.current_time() < end:
        service, operation, kinds = chance.choice(FAULTS)
        kind = chance.choice(kinds)
        await stand_ins.fault(service, operation, kind, seconds=chance.uniform(0.5, 3))
        tally.faults[f"{operation} {kind}"] += 1
        await trio.sleep(chance.uniform(0.3, 1.5))


async def lives(bot: Bot, chance: random.Random, tally: Tally, end: float) -> None:
    """One life of the bot after another, each ended by a signal."""
    while trio.current_time() < end:
        async with bot.started() as life:
            await life.until_logged("bot.started")
            await trio.sleep(chance.uniform(1, 12))
            ending = chance.choice(("SIGKILL", "SIGKILL", "SIGTERM", "SIGSTOP"))
            tally.signals[ending] += 1
            if ending == "SIGSTOP":
                life.process.send_signal(signal.SIGSTOP)
                await trio.sleep(chance.uniform(1, 6))
                life.process.send_signal(signal.SIGCONT)
                await trio.sleep(chance.uniform(0, 3))
                ending = "SIGTERM"
            if ending == "SIGTERM":
                started = trio.current_time()
                code = await life.stop()
                tally.slowest_stop = max(tally.slowest_stop, trio.current_time() - started)
                if code != 0:
                    raise SystemExit(f"SIGTERM ended with {code}:\n{life.said[-3000:]}")
            else:
                await life.kill()


async def violations(bot: Bot, stand_ins: StandIns, tally: Tally) -> tuple[list[str], Counter[str]]:
    """What was promised and does not hold; and how many films each end shows, repeats apart."""
    books, found, counts = bot.books, [], Counter[str]()
    for count, what in (
        (books.ask("select count(*) from inbox where state = 'new'")[0], "updates not handled"),
        (books.ask("select count(*) from posts where state = 'due'")[0], "posts not shown"),
        (books.ask("select count(*) from answers")[0], "buttons not answered"),
    ):
        if count:
            found.append(f"{count} {what}")
    failed = Counter(books.ask("select error from inbox where state = 'failed'"))
    found += [f"{number} updates failed: {error}" for error, number in failed.most_common()]
    shown: dict[int, list[str]] = {}
    for buyer, prompt in tally.orders:
        if buyer.id not in shown:
            shown[buyer.id] = [film["caption"] for film in await buyer.films()]
        states = books.ask("select state from jobs where prompt = ?", prompt)
        films = sum(1 for caption in shown[buyer.id] if f"{prompt}\n" in caption)
        if len(states) > 1:
            found.append(f"{prompt}: {len(states)} jobs for one card")
        state = states[0] if states else "never started"
        counts[state] += 1
        counts["repeated films"] += max(0, films - 1)
        if (state == "delivered") != (films > 0):
            found.append(f"{prompt}: {state}, and the chat shows {films} films")
        if await stand_ins.ordered(prompt) > 1:
            found.append(f"{prompt}: made more than once")
    return found, counts


async def soak(minutes: float, buyer_count: int, payer_count: int, seed: int) -> int:
    chance = random.Random(seed)
    tally, till = Tally(), Till()
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--speed", "30", "--seed", str(seed)]
    with (
        tempfile.TemporaryDirectory(prefix="kadr-soak-") as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served,  # noqa: ASYNC220  # nothing runs yet
    ):
        try:
            assert served.stdout is not None
            environment = json.loads(served.stdout.readline())
            kaspi = {"KASPI_PAY_URL": PAY_URL, "KASPI_PHONE": PHONE, "KASPI_RECIPIENT": RECIPIENT}
            bot = Bot(Path(folder), {**environment, **kaspi})
            async with StandIns(environment) as stand_ins:
                buyers = [await stand_ins.buyer(f"Buyer {number}") for number in range(buyer_count)]
                payers = [await stand_ins.buyer(f"Payer {number}") for number in range(payer_count)]
                end = trio.current_time() + minutes * 60
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(lives, bot, random.Random(chance.random()), tally, end)
                    nursery.start_soon(trouble, stand_ins, random.Random(chance.random()), tally, end)
                    nursery.start_soon(give, stand_ins, buyers, end)
                    nursery.start_soon(approves, stand_ins, random.Random(chance.random()), end)
                    for buyer in buyers:
                        nursery.start_soon(buy, buyer, random.Random(chance.random()), tally, end)
                    for payer in payers:
                        nursery.start_soon(buys, payer, random.Random(chance.random()), till, end)
                await stand_ins.calm()
                open_jobs = f"select count(*) from jobs where state not in {ENDS}"
                waiting = "select count(*) from posts where state = 'due'"
                async with bot.started() as life:
                    await life.until_logged("bot.started")
                    await until(lambda: bot.books.ask(open_jobs)[0] == 0, within=600, what="every job to end")
                    real = await paid(payers, till)
                    await until(lambda: not not_credited(bot.books, real), within=300, what="every payment's credit")
                    await until(lambda: bot.books.ask(waiting)[0] == 0, within=120, what="every post to be shown")
                    await trio.sleep(2)
                    found, counts = await violations(bot, stand_ins, tally)
                    found += payments.violations(bot.books, await paid(payers, till))
                    credited = bot.books.ask("select rail from orders where paid_at is not null")
                    await life.stop()
                await bot.audit()
        finally:
            served.terminate()
    print(f"{minutes:g} minutes, {buyer_count} buyers, {payer_count} payers, seed {seed}")
    print(f"  signals: {dict(tally.signals)}; slowest stop {tally.slowest_stop:.1f} s")
    print(f"  faults injected: {tally.faults.total()}")
    print(f"  orders: {len(tally.orders)}; buyers who waited in vain for a card: {tally.unanswered}")
    print(f"  ends: {dict(counts)}")
    print(f"  purchases begun: {dict(till.begun)}; credited: {dict(Counter(credited))}")
    print("  kadr audit: the books are right")
    for violation in found:
        print(f"  VIOLATION {violation}")
    print(f"  violations: {len(found)}")
    return 1 if found else 0


def main(minutes: float = 5.0, buyers: int = 6, payers: int = 3, seed: int = 1) -> None:
    raise typer.Exit(trio.run(soak, minutes, buyers, payers, seed))


if __name__ == "__main__":
    typer.run(main)
