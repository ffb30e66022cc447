"""What posts show: cards, captions and their buttons, in the person's language."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from actors.shop import progress
from actors.shop.making import Making, whole_seconds
from actors.shop.words import bar, duration, excerpt, tokens
from protocol import posts
from protocol.catalogue import LANGUAGES, Language, Model, frame
from protocol.job import Failure, FilmKind, JobState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage.drafts import Draft
from storage.jobs import Job

CHOICES_IN_A_ROW = 3
MODERATED = (Failure.MODERATION, Failure.MODERATION_PICTURE)
"""The same again would be refused again: only another text or picture helps."""
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


def _rows(buttons: list[Button], width: int = CHOICES_IN_A_ROW) -> Keyboard:
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def _choice(text: str, data: str, *, chosen: bool) -> Button:
    return Button(text=f"• {text}" if chosen else text, data=data)


def draft_card(
    language: Language,
    draft: Draft,
    model: Model,
    offered: Sequence[Model],
    *,
    price: int,
    available: int,
    wait: float,
    made: Making | None = None,
) -> Card:
    """An open draft: what it would be, cost and take, with its settings when they are open.

    `made` is how the film is made from another one, where it is.
    """
    missing = price - available
    added = made is not None and draft.kind == "extend"
    shared = {
        "prompt": excerpt(draft.prompt),
        "model": model.label.in_(language),
        "note": model.note.in_(language),
        "seconds": whole_seconds(made.source) + draft.seconds if made and added else draft.seconds,
        "size": draft.size,
        "shape": say(language, f"shape-{_shape(draft.size)}"),
        "price": tokens(language, price),
        "wait": duration(language, wait),
    }
    if missing > 0:
        body = say(
            language,
            "card-short",
            balance=tokens(language, available),
            missing=tokens(language, missing),
            **shared,
        )
    else:
        body = say(language, "card", after=tokens(language, available - price), **shared)
    if made is not None:
        kind = say(language, f"card-{draft.kind}", number=made.source.id, seconds=draft.seconds)
        body = Html(f"{kind}\n{body}")
    choices = Choices(() if made else offered, made.lengths if made else model.seconds, () if made else model.sizes)
    return Card(html=body, keyboard=_draft_keyboard(language, draft, choices, price=price, short=missing > 0))


def _shape(size: str) -> str:
    """How the film lies on a screen: 720x1280 and 1280x720 are easily taken for each other."""
    width, height = frame(size)
    return "square" if width == height else "wide" if width > height else "tall"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a draft's settings offer."""

    models: Sequence[Model]
    seconds: Collection[int]
    sizes: Collection[str]


def _draft_keyboard(language: Language, draft: Draft, choices: Choices, *, price: int, short: bool) -> Keyboard:
    def button(text: str, action: str) -> Button:
        return Button(text=text, data=f"d:{draft.id}:{action}")

    settings: Keyboard = ()
    if draft.settings_open:
        models = [_choice(m.id, f"d:{draft.id}:m:{m.id}", chosen=m.id == draft.model) for m in choices.models]
        seconds = [
            _choice(plain(language, "choice-seconds", seconds=n), f"d:{draft.id}:s:{n}", chosen=n == draft.seconds)
            for n in choices.seconds
        ]
        sizes = [_choice(size, f"d:{draft.id}:z:{size}", chosen=size == draft.size) for size in choices.sizes]
        settings = (*_rows(models, 2), *_rows(seconds, 5), *_rows(sizes))
    toggle = "button-settings-close" if draft.settings_open else "button-settings"
    start = button(plain(language, "button-start", price=tokens(language, price)), f"go:{price}")
    buy: Keyboard = ((Button(text=plain(language, "button-buy"), data=f"buy:{draft.id}"),),) if short else ()
    edit = button(plain(language, "button-edit"), "edit")
    # A remix keeps everything but its words: nothing is left to be set.
    change = (edit,) if draft.kind == "remix" else (button(plain(language, toggle), "set"), edit)
    return (
        *settings,
        (start,),
        *buy,
        change,
        (button(plain(language, "button-cancel"), "no"),),
    )


def started_card(language: Language, job: Job, model: Model) -> Card:
    """A draft that became a job: what exactly was ordered, and for how much."""
    body = say(
        language,
        "card-started",
        prompt=excerpt(job.prompt),
        number=job.id,
        model=model.label.in_(language),
        seconds=job.seconds,
        size=job.size,
        price=tokens(language, job.price),
    )
    return Card(html=body)


def closed_card(language: Language, draft: Draft) -> Card:
    """A draft that was cancelled."""
    return Card(html=say(language, "card-closed", prompt=excerpt(draft.prompt)))


def again_button(language: Language, job: Job) -> Button:
    return Button(text=plain(language, "button-again"), data=f"j:{job.id}:re")


def job_card(language: Language, job: Job, *, place: int, waiting: int, now: float) -> Card:
    """Where a job stands. `place` counts from 1 among `waiting` queued jobs."""
    shared = {"number": job.id, "prompt": excerpt(job.prompt, 80)}
    match job.stands:
        case JobState.QUEUED:
            cancel = Button(text=plain(language, "button-cancel"), data=f"j:{job.id}:no")
            html = say(language, "job-queued", place=place, all=waiting, **shared)
            return Card(html=html, keyboard=((cancel,),), place=place)
        case JobState.SUBMITTING:
            return Card(html=say(language, "job-submitting", **shared), place=1)  # it may have to wait once more
        case JobState.UNKNOWN:
            return Card(html=say(language, "job-checking", **shared))
        case JobState.PROCESSING:
            return Card(html=_processing(language, job, shared, now))
        case JobState.READY:
            return Card(html=say(language, "job-sending", bar=bar(100), **shared))
        case JobState.DELIVERED:
            return Card(html=say(language, "job-done", **shared))
        case JobState.FAILED | JobState.CANCELLED:
            return Card(html=say(language, "job-failed", **shared))


def _processing(language: Language, job: Job, shared: Mapping[str, object], now: float) -> Html:
    state = progress.of(job, now)
    shared = {**shared, "bar": bar(state.percent), "percent": state.percent}
    if state.left is None:
        return say(language, "job-late", **shared)
    key = "job-processing-estimate" if state.estimated else "job-processing"
    return say(language, key, left=duration(language, state.left), **shared)


def cancelled_card(language: Language, job: Job, *, refund: int, available: int) -> Card:
    """A job that was cancelled while queued."""
    body = say(
        language,
        "job-cancelled",
        number=job.id,
        refund=tokens(language, refund),
        balance=tokens(language, available),
    )
    return Card(html=body, keyboard=((again_button(language, job),),))


def failed_card(language: Language, job: Job, failure: Failure, *, refund: int, available: int) -> Card:
    """Why a film did not come, what came back, and what can be done."""
    body = say(
        language,
        "failed",
        number=job.id,
        reason=say(language, f"failure-{failure}"),
        prompt=excerpt(job.prompt),
        refund=tokens(language, refund),
        balance=tokens(language, available),
    )
    edit = Button(text=plain(language, "button-edit"), data=f"j:{job.id}:ed")
    again = again_button(language, job)
    return Card(html=body, keyboard=((edit, again) if failure not in MODERATED else (edit,),))


def films_button(language: Language) -> Button:
    """The way to `/videos`."""
    return Button(text=plain(language, "button-films-mine"), data="films")


def film_posts(
    language: Language, job: Job, film: posts.Film, *, available: int, kinds: Collection[FilmKind] = ()
) -> list[posts.Film]:
    """The film itself, with what it cost and what is left: one post, or one for each part; the last has the buttons.

    `kinds` of films can be made from it.
    """
    shared = {
        "prompt": excerpt(job.prompt),
        "price": tokens(language, job.price),
        "balance": tokens(language, available),
    }
    variation = Button(text=plain(language, "button-variation"), data=f"j:{job.id}:va")
    makers = {"remix": ("button-change", "mx"), "extend": ("button-extend", "xt")}
    made = tuple(
        Button(text=plain(language, text), data=f"j:{job.id}:{action}")
        for kind, (text, action) in makers.items()
        if kind in kinds
    )
    others = (Button(text=plain(language, "button-file"), data=f"j:{job.id}:file"), films_button(language))
    keys: Keyboard = ((again_button(language, job), variation), *([made] if made else []), others)
    if not film.parts:
        return [film.model_copy(update={"caption": say(language, "film-caption", **shared), "keyboard": keys})]
    all, last = len(film.parts), len(film.parts) - 1
    return [
        piece.model_copy(
            update={
                "caption": say(language, "film-caption-part", part=number + 1, all=all, **shared),
                "keyboard": keys if number == last else (),
            }
        )
        for number, piece in enumerate(film.parts)
    ]


def language_card(language: Language) -> Card:
    """The choice of /lang."""
    order = sorted(LANGUAGES, key=lambda code: list(LANGUAGE_NAMES).index(code))
    buttons = [_choice(LANGUAGE_NAMES[code], f"l:{code}", chosen=code == language) for code in order]
    return Card(html=say(language, "lang-choose"), keyboard=(tuple(buttons),))
