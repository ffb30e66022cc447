"""Pictures people sent as the first frame of a film: wanted, then ready on our disk and later forgotten,
or refused.
"""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from protocol.messages import PictureWanted
from storage.store import Tx
from storage.tables import pictures


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `problem` says why it was refused."""

    id: int
    user_id: int
    file_id: str
    state: str
    problem: str | None
    attempts: int
    not_before: float
    created_at: float

    @property
    def file_name(self) -> str:
        return f"{self.id}.picture"

    @property
    def preview_name(self) -> str:
        return f"{self.id}.preview.jpg"


def want(tx: Tx, user_id: int, file_id: str) -> Picture:
    """A picture to fetch from Telegram."""
    row = tx.conn.execute(
        insert(pictures).values(user_id=user_id, file_id=file_id, state="wanted", created_at=tx.now).returning(pictures)
    ).one()
    tx.tell(PictureWanted(row.id))
    return Picture(*row)


def get(tx: Tx, picture_id: int) -> Picture:
    """The picture of that id. Raises sqlalchemy's `NoResultFound` when there is none."""
    return Picture(*tx.conn.execute(select(pictures).where(pictures.c.id == picture_id)).one())


def wanted(tx: Tx) -> list[Picture]:
    """Pictures to fetch, oldest first."""
    query = select(pictures).where(pictures.c.state == "wanted").order_by(pictures.c.id)
    return [Picture(*row) for row in tx.conn.execute(query)]


def want_again(tx: Tx, picture_id: int) -> None:
    """If its file was thrown away meanwhile, fetch it once more."""
    again = (pictures.c.id == picture_id) & (pictures.c.state == "forgotten")
    if tx.conn.execute(update(pictures).where(again).values(state="wanted", attempts=0, not_before=0.0)).rowcount:
        tx.tell(PictureWanted(picture_id))


def ready(tx: Tx, picture_id: int) -> None:
    """It lies on our disk, and is a picture."""
    tx.conn.execute(update(pictures).where(pictures.c.id == picture_id).values(state="ready"))


def refused(tx: Tx, picture_id: int, problem: str) -> None:
    """It cannot be used."""
    tx.conn.execute(update(pictures).where(pictures.c.id == picture_id).values(state="refused", problem=problem))


def tried(tx: Tx, picture_id: int, delay: float) -> None:
    """It could not be fetched now; try again in `delay` seconds."""
    values = {"attempts": pictures.c.attempts + 1, "not_before": tx.now + delay}
    tx.conn.execute(update(pictures).where(pictures.c.id == picture_id).values(values))


def put_off(tx: Tx, picture_id: int, delay: float) -> None:
    """It could not be kept, which is not its fault: try again in `delay` seconds."""
    tx.conn.execute(update(pictures).where(pictures.c.id == picture_id).values(not_before=tx.now + delay))


def forget(tx: Tx, moment: float) -> list[Picture]:
    """Pictures that came before `moment` (epoch seconds) are no longer kept; those that were."""
    old = (pictures.c.created_at < moment) & (pictures.c.state == "ready")
    rows = tx.conn.execute(update(pictures).where(old).values(state="forgotten").returning(pictures))
    return [Picture(*row) for row in rows]
