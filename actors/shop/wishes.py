"""What people wish for: words and pictures become the draft of a film."""

from dataclasses import replace

from actors.shop import drafts, offers
from actors.shop.said import Said
from actors.shop.words import visible
from protocol.posts import Card
from protocol.telegram.types import Message
from protocol.texts import say
from storage import drafts as draft_rows
from storage import jobs, pictures, posts, users
from storage.drafts import Draft

PICTURE_BYTES = 20 * 1024 * 1024
"""The largest file a bot can fetch (Bot API, getFile)."""


def prompt(said: Said) -> None:
    """Words alone: the text of a new film, or the new text of one that is being edited."""
    text = said.words.strip()
    if not visible(text):
        said.reply(say(said.language, "not-text"))
        return
    limit = max(model.prompt_limit for model in said.shop.catalogue.models)
    if len(text) > limit:
        model = said.shop.catalogue.models[0].label.in_(said.language)
        said.reply(say(said.language, "prompt-too-long", length=len(text), limit=limit, model=model))
        return
    picture_id, edited = _asked_for(said)
    if edited is not None and edited.source_id is not None:
        source = jobs.get(said.tx, edited.source_id)
        made = (source, edited.kind, text)
        if drafts.begin_from(said.shop, said.tx, said.person, *made, seconds=edited.seconds) is None:
            said.reply(say(said.language, "answer-source-gone"))
    elif drafts.begin(said.shop, said.tx, said.person, text, picture_id) is None:
        said.reply(say(said.language, "nothing-on-sale"))


def _asked_for(said: Said) -> tuple[int | None, Draft | None]:
    """What these words were asked for: the text of a picture (its id), or a new text of a card (the draft)."""
    verb, _, number = (said.person.asked or "").partition(":")
    if verb == "receipt":
        users.change(said.tx, said.person.id, asked=None)  # they write of a film instead
    if verb not in ("picture", "edit") or not number.isdecimal():
        return None, None
    users.change(said.tx, said.person.id, asked=None)
    if verb == "picture":
        return int(number), None
    draft = draft_rows.get(said.tx, int(number), user_id=said.person.id)
    if draft is None:
        return None, None
    if draft.state == "open":
        # The new text stands at the end of the chat, so the card moves there: the old one is closed.
        draft_rows.change(said.tx, draft.id, state="closed")
        posts.retire(said.tx, said.person.id, drafts.slot(draft.id))
    return draft.picture_id, draft


def picture(said: Said, file_id: str, size_bytes: int) -> None:
    """A picture, the first frame of a film; its caption is the prompt, else the next words are."""
    if not offers.models(said.shop, said.tx, picture=True):
        said.reply(say(said.language, "not-photo"))
    elif size_bytes > PICTURE_BYTES:
        said.reply(say(said.language, "picture-too_large_file"))
    else:
        wanted = pictures.want(said.tx, said.person.id, file_id)
        users.change(said.tx, said.person.id, asked=f"picture:{wanted.id}")
        if visible(said.words):
            _words_of_picture(said)
        else:
            said.reply(say(said.language, "picture-words"))


def later_of_album(said: Said, message: Message) -> bool:
    """Whether this is a picture of an album whose first one is taken already; then only its caption counts.

    An album comes as a message for each of its pictures (Bot API, Message.media_group_id), with nothing to tell how
    many there will be.
    """
    if message.media_group_id is None or not (message.photo or message.document):
        return False
    slot = f"album:{message.media_group_id}"
    if posts.current(said.tx, said.person.id, slot) is None:
        posts.show(said.tx, said.person.id, slot, Card(html=say(said.language, "picture-album")))
        return False
    if visible(said.words) and (said.person.asked or "").startswith("picture:"):
        _words_of_picture(said)
    return True


def _words_of_picture(said: Said) -> None:
    """A picture's caption is the text that it was kept for."""
    person = users.get(said.tx, said.person.id)
    assert person is not None
    prompt(replace(said, person=person))
