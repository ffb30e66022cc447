"""Admins: they give and take tokens, look after films and payments, write to everybody, shut the shop for a while."""

from collections.abc import Callable

from tests.simulation.people import Someone, Wait

Payments = Callable[[], list[str]]
"""What a refund may be asked for by: codes of orders, and the rails' names of payments."""

GIFTS = ("GIFT", "SPRING")
"""Promo codes that admins make and others try."""


def admin(one: Someone, payments: Payments) -> Wait:
    """Tops people up and takes back, then does something else."""
    deeds: tuple[Callable[[], Wait], ...] = (
        lambda: _look_after_a_film(one),
        lambda: _look_after_a_film(one),
        lambda: _look_after_a_film(one),
        lambda: _look_around(one),
        lambda: _look_around(one),
        lambda: _for_a_while(one, f"/ban {who} because", f"/unban {who}"),
        lambda: _for_a_while(one, "/maintenance on back soon", "/maintenance off"),
        lambda: _pay_back(one, payments),
        lambda: _pay_back(one, payments),
        lambda: _write_to_everybody(one),
        lambda: _write_to_everybody(one),
        lambda: _give_away(one),
    )
    one.say("/start")
    yield 2
    while True:
        who = one.rng.choice([*one.others, 777])
        amount = one.rng.choice((40, 100, 500, 2_000, 20_000, -10, -500, -3_000, 0))
        one.say(f"/topup {who} {amount} because")
        yield one.rng.uniform(1, 30)
        yield from _decide(one, one.rng.randint(0, 3))
        yield from one.rng.choice(deeds)()
        yield one.pause()


def _decide(one: Someone, times: int) -> Wait:
    """Approve, undo or refuse what stands newest in the chat: top-ups, receipts of Kaspi, whatever asks."""
    for _ in range(times):
        one.press(one.button(one.rng.choice(("✅", "✅", "✅ ", "↩️", "❌"))))
        yield one.rng.choice((0.1, 2.0))


def _look_after_a_film(one: Someone) -> Wait:
    """Cancels, pays back, delivers again or makes anew, often pressing twice."""
    one.say(f"/job {one.rng.randint(1, 30)}")
    yield 3
    deed = one.button(one.rng.choice(("✖️", "↩️", "📤", "🔁")))
    for _ in range(one.rng.randint(1, 3)):
        one.press(deed)
        yield one.rng.choice((0.1, 2.0))
    for _ in range(one.rng.randint(0, 2)):
        one.press(one.button("✅ "))
        yield 1


def _look_around(one: Someone) -> Wait:
    who = one.rng.choice([*one.others, 777])
    one.say(one.rng.choice(("/users", "/users film", "/balance", f"/user {who}", "/jobs", "/log")))
    yield 2
    one.press(one.button(one.rng.choice(("➡️", "+50", "🎬", "🔄"))))


def _for_a_while(one: Someone, on: str, off: str) -> Wait:
    one.say(on)
    yield one.rng.uniform(5, 90)
    one.say(off)


def _pay_back(one: Someone, payments: Payments) -> Wait:
    """`/refund` of some payment, often asked for twice, confirmed where it is asked to be."""
    known = payments()
    name = one.rng.choice(known) if known else "nothing"
    for _ in range(one.rng.choice((1, 1, 2))):
        one.say(f"/refund {name}")
        yield one.rng.choice((0.1, 4.0))
    for _ in range(one.rng.randint(0, 2)):
        one.press(one.button("✅"))
        yield 1


def _write_to_everybody(one: Someone) -> Wait:
    """A broadcast, started by one press or two, and sometimes stopped."""
    one.say(f"/broadcast news {one.rng.randint(1, 10**9)} of {one.id}")
    yield 4
    start = one.button("✅")
    for _ in range(one.rng.choice((0, 1, 1, 2))):
        one.press(start)
        yield one.rng.choice((0.1, 1.0))
    if one.rng.random() < 0.2:
        one.press(one.button("✖️"))


def _give_away(one: Someone) -> Wait:
    """A promo code for one or two people."""
    one.say(f"/promo new {one.rng.choice(GIFTS)} {one.rng.choice((7, 30))} {one.rng.choice((1, 2))}")
    yield 2
    one.say(f"/promo {one.rng.choice(GIFTS)}")


def one_approving(one: Someone) -> Wait:
    """Approves one receipt: for the walk, like the next."""
    yield from one.until(lambda: one.button("✅"), 60)
    first = one.button("✅")
    one.press(first)
    yield from one.until(lambda: one.button("✅ ") not in (None, first), 30)
    one.press(one.button("✅ "))


def one_writing(one: Someone) -> Wait:
    """Writes to everybody once."""
    yield 3.0
    one.say("/broadcast news")
    yield from one.until(lambda: one.button("✅"), 30)
    one.press(one.button("✅"))
