"""People who pay: in Stars, with a card, by Kaspi. Some pay twice, late, or not at all; some want their money back."""

from typing import Any

from sandbox.stripe.objects import Payment, Session
from sandbox.stripe.refusal import Refusal
from sandbox.stripe.world import StripeWorld
from sandbox.telegram.state import PersonCannot, buttons
from tests.simulation.admins import GIFTS
from tests.simulation.people import Someone, Wait

DECLINED, LEFT = 0.1, 0.2
"""How often a bank says no, and how often somebody leaves Stripe's page without paying."""


def star_buyer(one: Someone) -> Wait:
    """Buys in Stars, and sometimes presses Pay again."""
    while True:
        yield from _choose(one, "⭐")
        for _ in range(one.rng.choice((0, 1, 1, 1, 2))):
            _pay_in_stars(one)
            yield one.rng.choice((0.1, 5.0, 60.0))
        yield from _afterwards(one)


def card_buyer(one: Someone, stripe: StripeWorld) -> Wait:
    """Pays at Stripe's page, if at all; some ask for their money back through the merchant or through their bank."""
    while True:
        yield from _choose(one, "💳")
        yield from one.until(lambda: _page(one) is not None, 60)
        session = _session(stripe, _page(one))
        if one.rng.random() < 0.3:  # has a look at another way meanwhile: the page stays open in the browser
            one.press(one.button("↩️") or one.button("✖️"))
            yield one.rng.uniform(0, 10)
        yield one.rng.choice((2.0, 30.0, 400.0))
        payment = _at_the_page(one, stripe, session)
        if one.rng.random() < 0.4:
            one.press(one.button("🔄"))
        yield from _afterwards(one)
        if payment is not None and one.rng.random() < 0.4:
            yield one.rng.choice((1.0, 60.0, 900.0))
            yield from _money_back(one, stripe, payment)


def kaspi_buyer(one: Someone) -> Wait:
    """Sends receipts, some of them twice, and asks how it stands."""
    number = 0
    while True:
        yield from _choose(one, "🏦")
        for _ in range(one.rng.choice((0, 1, 1, 2))):
            number += one.rng.choice((0, 1, 1))
            _send_receipt(one, number)
            yield one.rng.choice((0.5, 20.0))
        one.press(one.button("🔄"))
        yield one.rng.choice((5.0, 120.0))
        yield from _afterwards(one)


def one_in_stars(one: Someone) -> Wait:
    """One purchase: for the walk, like the next two."""
    yield from _to_the_rail(one, "⭐")
    yield from one.until(lambda: _pay_in_stars(one), 60)


def one_by_card(one: Someone, stripe: StripeWorld) -> Wait:
    yield from _to_the_rail(one, "💳")
    yield from one.until(lambda: _page(one), 60)
    session = _session(stripe, _page(one))
    if session is not None:
        stripe.pay(session.id)
    yield 1.0
    one.press(one.button("🔄"))


def one_by_kaspi(one: Someone) -> Wait:
    yield from _to_the_rail(one, "🏦")
    yield from one.until(lambda: one.button("🔄"), 60)
    _send_receipt(one, 1)


def _to_the_rail(one: Someone, sign: str) -> Wait:
    one.say("/buy")
    yield from one.until(one.packages, 60)
    one.press(next(iter(one.packages()), None))
    yield from one.until(lambda: one.button(sign), 60)
    one.press(one.button(sign))


def promo_hunter(one: Someone) -> Wait:
    """Tries every code again and again, by command and by link, also before there is one."""
    while True:
        for _ in range(one.rng.randint(1, 4)):
            code = one.rng.choice((*GIFTS, *GIFTS, "nothing"))
            one.say(one.rng.choice((f"/promo {code}", f"/start promo_{code}")))
            yield one.rng.choice((0.1, 5.0))
        if one.rng.random() < 0.5:
            yield from one.order()
        yield one.pause() / 3


def _choose(one: Someone, sign: str) -> Wait:
    """From /buy to the chosen way to pay, now and then with second thoughts."""
    before = one.packages()
    one.say("/buy")
    yield from one.until(lambda: one.packages()[:1] != before[:1], 60)
    packages = one.packages()
    one.press(one.rng.choice(packages[:3]) if packages else None)
    yield from one.until(lambda: one.button(sign), 60)
    for _ in range(one.rng.choice((1, 1, 1, 2))):
        one.press(one.button(sign))
    yield one.rng.choice((1.0, 4.0))


def _afterwards(one: Someone) -> Wait:
    roll = one.rng.random()
    if roll < 0.2:
        one.press(one.button("✖️"))
    elif roll < 0.5:
        yield from one.order()
    elif roll < 0.7:
        one.say(one.rng.choice(("/balance", "/paysupport", "/videos")))
    yield one.pause()


def _pay_in_stars(one: Someone) -> bool:
    if one.telegram.people[one.id].blocked:
        return False
    try:
        one.telegram.stars.pay_newest(one.id)
    except (LookupError, PersonCannot):
        return False  # no invoice has come, or this one is paid: the person sees that and goes on
    return True


def _page(one: Someone) -> str | None:
    """Where the newest link of the chat leads."""
    for message in reversed(one.telegram.history(one.id)):
        for button in buttons(message):
            if button.get("url") and button["text"].startswith("💳"):
                return str(button["url"])
    return None


def _session(stripe: StripeWorld, url: str | None) -> Session | None:
    return next((session for session in stripe.sessions.values() if session.url == url), None)


def _at_the_page(one: Someone, stripe: StripeWorld, session: Session | None) -> Payment | None:
    roll = one.rng.random()
    if session is None or roll < LEFT:
        return None
    if roll < LEFT + DECLINED:
        stripe.decline(session.id)
        return None
    try:
        return stripe.pay(session.id)
    except Refusal:
        return None  # the page says that it has expired, or was paid before


def _money_back(one: Someone, stripe: StripeWorld, payment: Payment) -> Wait:
    """In the Dashboard, whole or in part, or as a dispute that is won or lost."""
    roll = one.rng.random()
    try:
        if roll < 0.3:
            stripe.refund(payment)
        elif roll < 0.5:
            stripe.refund(payment, payment.amount // 3)
            yield 30
            stripe.refund(payment, payment.amount // 4)
        else:
            dispute = stripe.dispute(payment)
            yield one.rng.choice((5.0, 300.0))
            stripe.close_dispute(dispute, "won" if roll < 0.75 else "lost")
    except Refusal:
        return  # an admin or the bank was quicker


def _send_receipt(one: Someone, number: int) -> None:
    pdf = b"%PDF-1.4 receipt " + str(number).encode()
    _send(one, pdf)


def _send(one: Someone, data: bytes, **more: Any) -> None:
    try:
        one.telegram.send_document(one.id, data, "receipt.pdf", "application/pdf", **more)
    except PersonCannot:
        return  # they have blocked the bot
