"""From words to a card, and from a card to a job."""

from actors.shop import cards, making, offers, work
from actors.shop.context import Shop
from actors.shop.offers import Choice
from protocol.catalogue import Model
from protocol.job import FilmKind
from protocol.posts import Card, Photo
from storage import backends, drafts, jobs, ledger, pictures, posts, users
from storage.drafts import Draft
from storage.jobs import Job
from storage.store import Tx
from storage.users import User


class NoLongerOpen(Exception):
    """The draft was started or closed before; `job` is what it became, if it was started."""

    def __init__(self, job: Job | None) -> None:
        super().__init__("this draft is no longer open")
        self.job = job


class SourceGone(Exception):
    """The film that this one is to be made from is no longer at its backend."""


class BackendRests(Exception):
    """The model's backend is in trouble: nothing is sold there for about `seconds`."""

    def __init__(self, model: Model, seconds: float) -> None:
        super().__init__(f"{model.id} rests for {seconds:.0f} s")
        self.model = model
        self.seconds = seconds


def slot(draft_id: int) -> str:
    return f"draft:{draft_id}"


def begin(shop: Shop, tx: Tx, person: User, prompt: str, picture_id: int | None = None) -> Draft | None:
    """A new card, with the choices the person made last time where they are still on sale; None when nothing is.

    The card of a picture that is still on its way is shown when it has come.
    """
    choice = offers.nearest(
        shop, tx, model=person.model, seconds=person.seconds, size=person.size, picture=picture_id is not None
    )
    if choice is None:
        return None
    draft = drafts.create(
        tx,
        person.id,
        prompt=prompt,
        model=choice.model.id,
        seconds=choice.seconds,
        size=choice.size,
        picture_id=picture_id,
    )
    show(shop, tx, person, draft)
    return draft


def show(shop: Shop, tx: Tx, person: User, draft: Draft) -> None:
    """Show an open draft's card as things stand now, with the nearest choice where its own is no longer on sale."""
    choice = offers.of_draft(shop, tx, draft)
    if choice is None:
        return
    if not offers.is_of(choice, draft):
        draft = _take(tx, draft, choice)
    made = making.of_draft(shop, tx, draft)
    card = cards.draft_card(
        shop.language(person),
        draft,
        choice.model,
        offers.models(shop, tx, picture=draft.picture_id is not None),
        made=made,
        price=offers.price(choice, draft),
        available=ledger.balance(tx, person.id).available,
        wait=work.expected_wait(shop, tx, choice.model, draft.seconds, draft.size),
    )
    _post(shop, tx, draft, card)


def begin_from(
    shop: Shop, tx: Tx, person: User, source: Job, kind: FilmKind, prompt: str, *, seconds: int | None = None
) -> Draft | None:
    """A card of a film made from another one; None when the backend no longer has that film, or cannot do this."""
    made = making.of_job(shop, tx, source, kind)
    if made is None:
        return None
    draft = drafts.create(
        tx,
        person.id,
        prompt=prompt,
        model=source.model,
        seconds=seconds if seconds in made.lengths else made.lengths[0],
        size=source.size,
        kind=kind,
        source_id=source.id,
    )
    show(shop, tx, person, draft)
    return draft


def _take(tx: Tx, draft: Draft, choice: Choice) -> Draft:
    return drafts.change(tx, draft.id, model=choice.model.id, seconds=choice.seconds, size=choice.size)


def _post(shop: Shop, tx: Tx, draft: Draft, card: Card) -> None:
    """The card as it is shown: with the picture the film begins from, once that has come."""
    if draft.picture_id is None:
        posts.show(tx, draft.user_id, slot(draft.id), card)
        return
    picture = pictures.get(tx, draft.picture_id)
    if picture.state == "ready":
        path = str(shop.pictures / picture.preview_name)
        posts.show(tx, draft.user_id, slot(draft.id), Photo(caption=card.html, path=path, keyboard=card.keyboard))


def choose(shop: Shop, tx: Tx, person: User, draft: Draft, kind: str, value: str) -> bool:
    """Take a choice of the settings; False when it is not on sale. The next draft starts from it."""
    now = offers.of_draft(shop, tx, draft)
    if now is None:
        return False
    model, seconds, size = now.model.id, now.seconds, now.size
    if draft.kind != "new":
        made = making.of_draft(shop, tx, draft)
        if made is None or kind != "s" or value not in map(str, made.lengths):
            return False
        show(shop, tx, person, drafts.change(tx, draft.id, seconds=int(value)))
        return True
    match kind:
        case "m" if any(m.id == value for m in offers.models(shop, tx, picture=draft.picture_id is not None)):
            model = value
        case "s" if value.isdecimal() and int(value) in now.model.seconds:
            seconds = int(value)
        case "z" if value in now.model.sizes:
            size = value
        case _:
            return False
    choice = offers.nearest(shop, tx, model=model, seconds=seconds, size=size, picture=draft.picture_id is not None)
    assert choice is not None, "the model was on sale a line ago"
    changed = _take(tx, draft, choice)
    users.change(tx, person.id, model=changed.model, seconds=changed.seconds, size=changed.size)
    show(shop, tx, person, changed)
    return True


def start(shop: Shop, tx: Tx, person: User, draft: Draft) -> Job:
    """The draft becomes a job, with its hold.

    Raises `NoLongerOpen`, `SourceGone`, `BackendRests` or `ledger.InsufficientTokens`.
    """
    if draft.state != "open":
        raise NoLongerOpen(next((j for j in jobs.of_user(tx, person.id) if j.draft_id == draft.id), None))
    model = shop.catalogue.model(draft.model)
    assert model is not None, "whoever starts a draft has looked whether it is on sale"
    state = backends.get(tx, model.backend)
    if state.on_trial and state.rests(tx.now):
        raise BackendRests(model, state.open_until - tx.now)
    if draft.kind != "new" and making.of_draft(shop, tx, draft) is None:
        raise SourceGone
    price = offers.price(Choice(model, draft.seconds, draft.size), draft)
    job = jobs.create(
        tx,
        user_id=person.id,
        draft_id=draft.id,
        prompt=draft.prompt,
        model=model.id,
        backend=model.backend,
        seconds=draft.seconds,
        size=draft.size,
        price=price,
        picture_id=draft.picture_id,
        kind=draft.kind,
        source_id=draft.source_id,
        expected_seconds=work.expected_work(tx, model, draft.seconds, draft.size),
    )
    ledger.hold(tx, job_id=job.id, user_id=person.id, amount=price)
    drafts.change(tx, draft.id, state="started", settings_open=False)
    _post(shop, tx, draft, cards.started_card(shop.language(person), job, model))
    work.show(shop, tx, job)
    refresh(shop, tx, person)
    return job


def close(shop: Shop, tx: Tx, person: User, draft: Draft) -> None:
    """The person does not want this film."""
    drafts.change(tx, draft.id, state="closed", settings_open=False)
    _post(shop, tx, draft, cards.closed_card(shop.language(person), draft))


def refresh(shop: Shop, tx: Tx, person: User) -> None:
    """The balance or the language changed: open cards must not say otherwise."""
    for draft in drafts.open_of(tx, person.id)[:5]:
        show(shop, tx, person, draft)
