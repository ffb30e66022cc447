"""What may be chosen for a film: models on sale today that suit it, and the nearest choice where one is not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from actors.shop.context import Shop
from actors.shop.making import of_draft as of_source
from protocol.catalogue import Model
from storage.drafts import Draft
from storage.store import Tx


@dataclass(frozen=True, slots=True)
class Choice:
    """One complete choice."""

    model: Model
    seconds: int
    size: str


def today(tx: Tx) -> date:
    return datetime.fromtimestamp(tx.now, UTC).date()


def models(shop: Shop, tx: Tx, *, picture: bool) -> list[Model]:
    """Models on sale that can make a film with, or without, a picture to begin from."""
    unsuited = "none" if picture else "required"
    return [m for m in shop.catalogue.models if m.is_sold(today(tx)) and m.image.use != unsuited]


def nearest(
    shop: Shop, tx: Tx, *, model: str | None, seconds: int | None, size: str | None, picture: bool
) -> Choice | None:
    """What is on sale and nearest to these wishes; None when nothing suits."""
    offered = models(shop, tx, picture=picture)
    if not offered:
        return None
    chosen = next((m for m in offered if m.id == model), offered[0])
    wanted = seconds or chosen.seconds[0]
    length = min(chosen.seconds, key=lambda n: (abs(n - wanted), n))
    return Choice(chosen, length, size if size in chosen.sizes else next(iter(chosen.sizes)))


def of_draft(shop: Shop, tx: Tx, draft: Draft) -> Choice | None:
    """The draft's own choice if it is still on sale, else the nearest one.

    A film made from another has its model and size; None when it cannot be made any more.
    """
    if draft.kind != "new":
        making = of_source(shop, tx, draft)
        if making is None:
            return None
        length = min(making.lengths, key=lambda n: (abs(n - draft.seconds), n))
        return Choice(making.model, length, making.source.size)
    return nearest(
        shop,
        tx,
        model=draft.model,
        seconds=draft.seconds,
        size=draft.size,
        picture=draft.picture_id is not None,
    )


def price(choice: Choice, draft: Draft) -> int:
    """What the film of this draft costs with this choice, in tokens."""
    with_picture = draft.picture_id is not None
    return choice.model.price(size=choice.size, seconds=choice.seconds, picture=with_picture, kind=draft.kind)


def is_of(choice: Choice, draft: Draft) -> bool:
    """Whether this is exactly what the draft says."""
    return (choice.model.id, choice.seconds, choice.size) == (draft.model, draft.seconds, draft.size)
