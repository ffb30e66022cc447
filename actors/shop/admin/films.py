"""Jobs for the admins: `/jobs` in pages, and a card of each with its history, what it cost, and what can be done.

What an admin does to a job is written in the log; how often it was, is the version that the buttons carry.
"""

from collections.abc import Callable

from actors.shop import margin, work
from actors.shop.admin import deeds
from actors.shop.admin.desk import Desk, No, clock_time, name_of
from actors.shop.commands import SIGNS
from actors.shop.margin import Margin, dollars
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from actors.shop.words import excerpt
from protocol.job import FINAL, JobState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import audit_log, films, jobs, people, users
from storage.films import GROUPS
from storage.jobs import Job
from storage.sql import row_id

PAGE = 8
NAMES = tuple(GROUPS)
SURE = {"cancel": "button-job-cancel-yes", "stop": "button-job-stop-yes", "refund": "button-job-refund-yes"}
"""Deeds that are asked about once more, because they cannot be taken back."""

DEEDS: dict[str, Callable[[Desk, Job], object]] = {
    "cancel-yes": deeds.cancel,
    "stop-yes": deeds.cancel,
    "refund-yes": deeds.refund,
    "deliver": deeds.deliver_again,
    "retry": deeds.retry,
}
"""What buttons do to a job."""


def list_jobs(said: Said) -> None:
    """`/jobs [state]`."""
    desk, word = Desk.of(said), said.words.strip().lower()
    group = next((name for name in NAMES if word in (name, plain(desk.language, f"jobs-filter-{name}").lower())), "all")
    page = jobs_page(desk, group, 0, None)
    said.reply(Html(page.html), page.keyboard)


def jobs_page(desk: Desk, group: str, page: int, user_id: int | None) -> Card:
    """One page of jobs with what they cost and earned, and buttons to each, to other states and pages."""
    kinds = films.kinds(desk.tx, group, user_id)
    total = sum(kind.count for kind in kinds)
    lines = [_totals(desk, kinds, user_id)] if total else [say(desk.language, "jobs-none")]
    found = films.page(desk.tx, group, user_id, limit=PAGE, offset=page * PAGE)
    lines += [_line(desk, job) for job in found]

    def button(text: str, number: int, name: str) -> Button:
        return Button(text=text, data=f"a:js:{number}:{NAMES.index(name)}:{user_id or ''}")

    keys = [Button(text=f"{SIGNS[job.stands]} {job.id}", data=f"a:j:{job.id}:open") for job in found]
    keyboard = [tuple(keys[start : start + 4]) for start in range(0, len(keys), 4)]
    filters = [
        button(f"{'• ' if name == group else ''}{plain(desk.language, f'jobs-filter-{name}')}", 0, name)
        for name in NAMES
    ]
    keyboard += [tuple(filters[:3]), tuple(filters[3:])]
    arrows: list[Button] = []
    if page > 0:
        arrows.append(button("⬅️", page - 1, group))
    if (page + 1) * PAGE < total:
        arrows.append(button("➡️", page + 1, group))
    if arrows:
        keyboard.append(tuple(arrows))
    return Card(html=Html("\n".join(lines)), keyboard=tuple(keyboard))


def _totals(desk: Desk, kinds: list[films.Kind], user_id: int | None) -> Html:
    """How many there are, and what they earned and cost; a film that was paid back earned nothing."""
    sold = [kind for kind in kinds if kind.state is JobState.DELIVERED]
    earned = sum(kind.price for kind in sold) - (people.refunded(desk.tx, user_id) if sold else 0)
    cost = sum(
        kind.made * margin.cost_of(desk.shop.catalogue, kind.model, kind.size, kind.seconds, kind.kind)
        for kind in kinds
    )
    worth = Margin(earned * desk.shop.catalogue.token_usd, cost)
    return say(
        desk.language,
        "jobs-title",
        total=sum(kind.count for kind in kinds),
        earned=desk.tokens(earned),
        cost=dollars(worth.cost),
        margin=dollars(worth.left),
    )


def _line(desk: Desk, job: Job) -> Html:
    return say(
        desk.language,
        "jobs-line",
        sign=SIGNS[job.stands],
        number=job.id,
        name=_name(desk, job),
        model=job.model,
        seconds=job.seconds,
        price=desk.tokens(job.price),
        ago=desk.ago(job.created_at),
    )


def _name(desk: Desk, job: Job) -> str:
    person = users.get(desk.tx, job.user_id)
    return person.first_name if person else str(job.user_id)


def job(said: Said) -> None:
    """`/job <id>`. Raises `No`."""
    desk = Desk.of(said)
    card = job_card(desk, job_of(desk, said.words))
    said.reply(Html(card.html), card.keyboard)


def job_of(desk: Desk, words: str) -> Job:
    """The job with the number these words are. Raises `No`."""
    number = row_id(words.strip().lstrip("#№ "))
    if number is None:
        raise No(say(desk.language, "job-usage"))
    found = films.get(desk.tx, number)
    if found is None:
        raise No(say(desk.language, "job-unknown", number=str(number)))
    return found


def job_card(desk: Desk, job: Job) -> Card:
    return Card(html=about(desk, job), keyboard=_keyboard(desk, job))


def about(desk: Desk, job: Job) -> Html:
    """Where the job stands, how it came there, what it costs and earns."""
    language, person = desk.language, users.get(desk.tx, job.user_id)
    paid_back = films.is_refunded(desk.tx, job.id)
    lines = [
        say(
            language,
            "job-card",
            number=job.id,
            state=say(language, f"job-state-{job.state}"),
            prompt=excerpt(job.prompt, 300),
            name=name_of(person) if person else "—",
            id=str(job.user_id),
            model=job.model,
            seconds=job.seconds,
            size=job.size,
            price=desk.tokens(job.price),
            backend=job.backend,
            backend_id=excerpt(job.backend_id or "—", 250),
        )
    ]
    cost = margin.cost_of(desk.shop.catalogue, job.model, job.size, job.seconds, job.kind)
    if job.stands is JobState.DELIVERED:
        worth = Margin(0.0 if paid_back else job.price * desk.shop.catalogue.token_usd, cost)
        lines.append(say(language, "job-margin", cost=dollars(worth.cost), margin=dollars(worth.left)))
    elif job.stands not in FINAL:
        lines.append(say(language, "job-cost", cost=dollars(cost)))
    lines += [Html(""), say(language, "job-history")]
    moments = (
        ("ordered", job.created_at),
        ("submitted", job.submitted_at),
        ("accepted", job.accepted_at),
        ("ready", job.ready_at),
        ("ended", job.ended_at),
    )
    for name, at in moments:
        if at is not None:
            what = say(language, f"job-state-{job.state}") if name == "ended" else say(language, f"job-at-{name}")
            lines.append(say(language, "job-moment", time=clock_time(at), what=what))
    if job.stands is JobState.PROCESSING and job.progress is not None:
        lines.append(say(language, "job-progress", percent=job.progress))
    if job.failure:
        detail = excerpt(job.failure_detail or "—", 500)
        lines.append(say(language, "job-error", failure=job.failure, detail=detail))
    if paid_back:
        lines.append(say(language, "job-refunded", price=desk.tokens(job.price)))
    for entry in reversed(audit_log.latest(desk.tx, limit=5, subject=f"job:{job.id}")):
        lines.append(say(language, "job-deed", time=clock_time(entry.at), what=entry.what, detail=entry.detail or "—"))
    return Html("\n".join(lines))


def _keyboard(desk: Desk, job: Job, sure: str = "") -> Keyboard:
    version = audit_log.version(desk.tx, f"job:{job.id}")

    def button(key: str, action: str) -> Button:
        return Button(text=plain(desk.language, key), data=f"a:j:{job.id}:{action}:{version}")

    if sure:
        return ((button(SURE[sure], f"{sure}-yes"), button("button-topup-no", "show")),)
    deeds: list[Button] = []
    match job.stands:
        case JobState.QUEUED:
            deeds.append(button("button-job-cancel", "cancel"))
        case JobState.UNKNOWN | JobState.PROCESSING:
            deeds.append(button("button-job-stop", "stop"))
        case JobState.DELIVERED:
            if job.price and not films.is_refunded(desk.tx, job.id):
                deeds.append(button("button-job-refund", "refund"))
            if work.film_of(job) is not None:
                deeds.append(button("button-job-deliver", "deliver"))
            deeds.append(button("button-job-retry", "retry"))
        case JobState.FAILED | JobState.CANCELLED:
            deeds.append(button("button-job-retry", "retry"))
        case JobState.SUBMITTING | JobState.READY:
            pass
    buyer = Button(text=plain(desk.language, "button-job-person"), data=f"a:u:{job.user_id}:open")
    return (*((deed,) for deed in deeds), (buyer, button("button-refresh", "show")))


def press(pressed: Pressed, job_id: int, action: str, version: str) -> None:
    """A button of a job's card. Raises `No`."""
    desk = Desk.of(pressed.said)
    job = films.get(desk.tx, job_id)
    if job is None:
        pressed.answer("answer-stale")
        return
    if action not in ("open", "show") and version != str(audit_log.version(desk.tx, f"job:{job_id}")):
        # Something was done since the card was drawn: it must be seen before more is done.
        pressed.change(job_card(desk, job))
        pressed.answer("answer-stale")
        return
    match action:
        case "open":
            card = job_card(desk, job)
            pressed.said.reply(Html(card.html), card.keyboard)
            pressed.answer()
            return
        case "show":
            pass
        case "cancel" | "stop" | "refund":
            pressed.change(Card(html=about(desk, job), keyboard=_keyboard(desk, job, sure=action)))
            pressed.answer()
            return
        case _ if action in DEEDS:
            try:
                DEEDS[action](desk, job)
            except No:
                pressed.change(job_card(desk, job))  # what was offered on the card cannot be any more
                raise
        case _:
            pressed.answer("answer-stale")
            return
    pressed.change(job_card(desk, jobs.get(desk.tx, job_id)))
    pressed.answer("" if action == "show" else "answer-done")


def press_page(pressed: Pressed, page: int, group: int, user: str) -> None:
    """Another page, or other states, of `/jobs`."""
    name = NAMES[group] if group < len(NAMES) else "all"
    pressed.change(jobs_page(Desk.of(pressed.said), name, page, row_id(user)))
    pressed.answer()
