"""What was really paid and paid back, as the stand-ins of Telegram and Stripe saw it, against the bot's orders.

The bot learns of some things only by its rounds (15 minutes at Stripe, an hour at Telegram), so a difference is a
violation only when everything is quiet and it stays.
"""

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.stripe.objects import Payment

if TYPE_CHECKING:
    from tests.simulation.world import World


def differences(world: "World") -> list[str]:
    """One sentence for each payment that orders and services see differently."""
    return [*_of_stars(world), *_of_stripe(world)]


def figures(world: "World") -> Counter[str]:
    """How much was paid and paid back, by rail."""
    charges = list(world.telegram.stars.charges.values())
    payments = list(world.stripe.payments.values())
    kaspi = world.ask("select count(*) from orders where rail = 'kaspi' and paid_at is not null")
    return Counter(
        {
            "paid in Stars": len(charges),
            "paid at Stripe": len(payments),
            "paid by Kaspi": kaspi[0][0],
            "paid back": sum(charge.refunded for charge in charges) + sum(payment.refunded > 0 for payment in payments),
            "disputed": len(world.stripe.disputes),
        }
    )


def gifts(world: "World") -> list[str]:
    """A promo code is worth something once to each person, and to no more people than it was made for."""
    found: list[str] = []
    rows = world.ask(
        "select transfers.memo, entries.account, count(*) from transfers "
        "join entries on entries.transfer_id = transfers.id and entries.account like 'user:%' "
        "where transfers.kind = 'promo' group by 1, 2"
    )
    for code, account, number in rows:
        if number > 1:
            found.append(f"{account} was given {code} {number} times")
    for code, most in world.ask("select code, most_uses from promo_codes where most_uses is not null"):
        given = sum(row[0] == code for row in rows)
        if given > most:
            found.append(f"{code} was given to {given} people, and was made for {most}")
    return found


def _of_stars(world: "World") -> list[str]:
    found: list[str] = []
    orders = dict(world.ask("select external_id, state from orders where rail = 'stars' and paid_at is not null"))
    for charge in world.telegram.stars.charges.values():
        state = orders.pop(charge.id, None)
        if charge.refunded and state not in (None, "refunded"):
            found.append(f"Stars payment {charge.id} went back, and its order is {state}")
        elif not charge.refunded and state != "paid":
            found.append(f"Stars payment {charge.id} stands, and its order is {state}")
    return found + [f"an order was credited for {id}, which nobody paid" for id in orders]


def _of_stripe(world: "World") -> list[str]:
    found: list[str] = []
    rows = world.ask(
        "select external_id, state, refunded_amount from orders where rail = 'stripe' and paid_at is not null"
    )
    orders = {id: (state, refunded) for id, state, refunded in rows}
    for payment in world.stripe.payments.values():
        seen, expected = orders.pop(payment.session, None), _expected(world, payment)
        if seen != expected:
            found.append(f"Stripe payment {payment.id} should be {expected}, its order is {seen}")
    return found + [f"an order was credited for {id}, which nobody paid" for id in orders]


def _expected(world: "World", payment: Payment) -> tuple[str, int]:
    """The state of its order, and how much of it went back."""
    disputes = [dispute for dispute in world.stripe.disputes.values() if dispute.payment_intent == payment.id]
    if any(dispute.status == "lost" for dispute in disputes):
        return "refunded", payment.amount
    if any(dispute.status == "needs_response" for dispute in disputes):
        return "disputed", payment.refunded
    return ("refunded" if payment.refunded == payment.amount else "paid"), payment.refunded


def credited_again(world: "World") -> list[str]:
    """Each order has one credit, save that an admin may undo one and approve again."""
    credits = Counter(
        dict(world.ask("select memo, count(*) from transfers where kind = 'purchase' group by memo"))
    ) - Counter(dict(world.ask("select memo, count(*) from transfers where kind = 'undo' group by memo")))
    return [f"order {code} was credited {number} times" for code, number in credits.items() if number > 1]
