"""From words to a card, and from a card to a job."""

from actors.shop import cards, work
from actors.shop.context import Shop
from protocol.catalogue import Model
from storage import backends, drafts, jobs, ledger, posts, users
from storage.drafts import Draft
from storage.jobs import Job
from storage.store import Tx
from storage.users import User


class NoLongerOpen(Exception):
    """The draft was started or closed before; `job` is what it became, if it was started."""

    def __init__(self, job: Job | None) -> None:
        super().__init__("this draft is no longer open")
        self.job = job


class BackendRests(Exception):
    """The model's backend is in trouble: nothing is sold there for about `seconds`."""

    def __init__(self, model: Model, seconds: float) -> None:
        super().__init__(f"{model.id} rests for {seconds:.0f} s")
        self.model = model
        self.seconds = seconds


def slot(draft_id: int) -> str:
    return f"draft:{draft_id}"


def begin(shop: Shop, tx: Tx, person: User, prompt: str) -> Draft:
    """A new card, with the choices the person made last time where they are still on sale."""
    model, seconds, size = _on_sale(shop, person.model, person.seconds, person.size)
    draft = drafts.create(tx, person.id, prompt=prompt, model=model.id, seconds=seconds, size=size)
    show(shop, tx, person, draft)
    return draft


def _on_sale(shop: Shop, model_id: str | None, seconds: int | None, size: str | None) -> tuple[Model, int, str]:
    model = (shop.catalogue.model(model_id) if model_id else None) or shop.catalogue.models[0]
    wanted = seconds or model.seconds[0]
    nearest = min(model.seconds, key=lambda offered: (abs(offered - wanted), offered))
    return model, nearest, size if size in model.sizes else next(iter(model.sizes))


def show(shop: Shop, tx: Tx, person: User, draft: Draft) -> None:
    """Show an open draft's card as things stand now."""
    model = shop.catalogue.model(draft.model)
    if model is None or draft.seconds not in model.seconds or draft.size not in model.sizes:
        draft = mend(shop, tx, draft)
        model = shop.catalogue.model(draft.model)
        assert model is not None
    card = cards.draft_card(
        shop.language(person),
        draft,
        model,
        shop.catalogue,
        available=ledger.balance(tx, person.id).available,
        wait=work.expected_wait(shop, tx, model, draft.seconds, draft.size),
    )
    posts.show(tx, person.id, slot(draft.id), card)


def mend(shop: Shop, tx: Tx, draft: Draft) -> Draft:
    """Replace choices that are no longer on sale by the nearest ones."""
    model, seconds, size = _on_sale(shop, draft.model, draft.seconds, draft.size)
    return drafts.change(tx, draft.id, model=model.id, seconds=seconds, size=size)


def choose(shop: Shop, tx: Tx, person: User, draft: Draft, kind: str, value: str) -> bool:
    """Take a choice of the settings; False when it is not on sale. The next draft starts from it."""
    model = shop.catalogue.model(draft.model) or shop.catalogue.models[0]
    wanted_model, wanted_seconds, wanted_size = model.id, draft.seconds, draft.size
    match kind:
        case "m" if shop.catalogue.model(value) is not None:
            wanted_model = value
        case "s" if value.isdecimal() and int(value) in model.seconds:
            wanted_seconds = int(value)
        case "z" if value in model.sizes:
            wanted_size = value
        case _:
            return False
    chosen, seconds, size = _on_sale(shop, wanted_model, wanted_seconds, wanted_size)
    changed = drafts.change(tx, draft.id, model=chosen.id, seconds=seconds, size=size)
    users.change(tx, person.id, model=chosen.id, seconds=seconds, size=size)
    show(shop, tx, person, changed)
    return True


def start(shop: Shop, tx: Tx, person: User, draft: Draft) -> Job:
    """The draft becomes a job, with its hold. Raises `NoLongerOpen`, `BackendRests` or `ledger.InsufficientTokens`."""
    if draft.state != "open":
        raise NoLongerOpen(next((j for j in jobs.of_user(tx, person.id) if j.draft_id == draft.id), None))
    model = shop.catalogue.model(draft.model)
    assert model is not None, "show() and choose() keep a draft on sale"
    state = backends.get(tx, model.backend)
    if state.on_trial and state.rests(tx.now):
        raise BackendRests(model, state.open_until - tx.now)
    price = model.price(size=draft.size, seconds=draft.seconds)
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
        expected_seconds=work.expected_work(tx, model, draft.seconds, draft.size),
    )
    ledger.hold(tx, job_id=job.id, user_id=person.id, amount=price)
    drafts.change(tx, draft.id, state="started", settings_open=False)
    posts.show(tx, person.id, slot(draft.id), cards.started_card(shop.language(person), job))
    work.show(shop, tx, job)
    refresh(shop, tx, person)
    return job


def close(shop: Shop, tx: Tx, person: User, draft: Draft) -> None:
    """The person does not want this film."""
    drafts.change(tx, draft.id, state="closed", settings_open=False)
    posts.show(tx, person.id, slot(draft.id), cards.closed_card(shop.language(person), draft))


def refresh(shop: Shop, tx: Tx, person: User) -> None:
    """The balance or the language changed: open cards must not say otherwise."""
    for draft in drafts.open_of(tx, person.id)[:5]:
        show(shop, tx, person, draft)
