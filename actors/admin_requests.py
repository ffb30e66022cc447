"""What `kadr admin` asks for, done in one transaction: by the running bot, or on the spot when none runs.

The deeds are those of the chat (`actors/shop/admin`), in English and without buttons.
"""

import html
import re
import time
from collections.abc import Callable
from functools import partial

from actors.requests import Answer, Refused, Request
from actors.shop import stats
from actors.shop.admin import deeds, doors, films, log, people, prices, topups
from actors.shop.admin.desk import Desk, No
from actors.shop.context import Shop
from protocol.texts import Html
from storage.jobs import Job
from storage.store import Tx

KIND = "admin"


def plain_text(sentence: Html) -> str:
    """What the chat would show, for a terminal."""
    return html.unescape(re.sub("<[^>]+>", "", sentence))


def perform(shop: Shop, tx: Tx, request: Request) -> Answer:
    """Do what the command line asks for. Raises `Refused` with the sentence the chat would have said."""
    shop.shelf.renew(tx)
    desk = Desk(shop, tx, None, "en")
    asked = request.arguments
    deed = DEEDS.get(str(asked.get("do")))
    if deed is None:
        raise Refused(f"There is no such deed: {asked.get('do')}.", 2)
    try:
        said = deed(desk, str(asked.get("words", "")))
    except No as no:
        raise Refused(plain_text(no.sentence)) from None
    return {"text": plain_text(said)}


def _topup(desk: Desk, words: str, *, sure: bool) -> Html:
    person, amount, reason = topups.understood(desk, words)
    if abs(amount) > topups.AT_ONCE and not sure:
        raise Refused(f"More than {topups.AT_ONCE} tokens: look again, and add --yes.", 2)
    return topups.told(desk, topups.begin(desk, person, amount, reason, sure=True))


def _user(desk: Desk, words: str) -> Html:
    return people.about(desk, desk.person(words.strip()))


def _users(desk: Desk, words: str) -> Html:
    page, _, search = words.partition(" ")
    return Html(people.users_page(desk, search, "all", max(0, int(page) - 1)).html)


def _jobs(desk: Desk, words: str) -> Html:
    page, _, group = words.partition(" ")
    name = group if group in films.NAMES else "all"
    return Html(films.jobs_page(desk, name, max(0, int(page) - 1), None).html)


def _job(desk: Desk, words: str) -> Html:
    return films.about(desk, films.job_of(desk, words))


def _stats(desk: Desk, _words: str) -> Html:
    return stats.in_words(desk.tx, desk.shop, desk.language)


def _to_job(deed: Callable[[Desk, Job], object], desk: Desk, words: str) -> Html:
    """Something done to a job, and how it stands then."""
    deed(desk, films.job_of(desk, words))
    return _job(desk, words)


DEEDS: dict[str, Callable[[Desk, str], Html]] = {
    "topup": partial(_topup, sure=False),
    "topup-sure": partial(_topup, sure=True),
    "user": _user,
    "users": _users,
    "jobs": _jobs,
    "job": _job,
    "cancel-job": partial(_to_job, deeds.cancel),
    "refund-job": partial(_to_job, deeds.refund),
    "retry-job": partial(_to_job, deeds.retry),
    "deliver-job": partial(_to_job, deeds.deliver_again),
    "ban": doors.ban_words,
    "unban": doors.unban_words,
    "maintenance": doors.maintenance_words,
    "price": prices.price_words,
    "package": prices.package_words,
    "stats": _stats,
    "log": log.log_words,
}


def on_the_spot(request: Request) -> Answer:
    """The same without a bot; whoever calls holds the lock. Raises `SettingsError` or `Refused`."""
    from actors.database import open_newest
    from actors.settings import load_shop_settings

    settings = load_shop_settings()
    catalogue = settings.read_catalogue()
    shop = Shop(catalogue, settings.admin_user_id, settings.default_language, settings.data_dir / "pictures")
    engine, _ = open_newest(settings.database_url)
    try:
        # Nobody is there to be told: a bot that starts reads everything from the store.
        with engine.connect() as conn, conn.begin():
            return perform(shop, Tx(conn, time.time()), request)
    finally:
        engine.dispose()
