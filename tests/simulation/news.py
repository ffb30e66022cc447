"""What an admin wrote to everybody, against what the chats show."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World


def unheard(world: "World") -> list[str]:
    """Broadcasts that somebody is still to hear."""
    rows = world.ask(
        "select distinct broadcasts.id from broadcasts join broadcast_people on broadcast_id = broadcasts.id "
        "where broadcasts.state in ('waiting', 'sending') or broadcast_people.state = 'posted'"
    )
    return [f"broadcast {id} is under way" for (id,) in rows]


def differences(world: "World") -> list[str]:
    """One sentence for each person whose chat shows something else than the record says."""
    found: list[str] = []
    rows = world.ask(
        "select broadcast_id, user_id, broadcast_people.state, broadcasts.content, broadcasts.state "
        "from broadcast_people join broadcasts on broadcasts.id = broadcast_id"
    )
    for number, person, state, content, ended in rows:
        text = json.loads(content)["text"]
        history = world.telegram.history(person)
        seen = sum(message.get("text") == text and message["from"]["is_bot"] for message in history)
        if state == "sent" and not seen:
            found.append(f"{person} is said to have heard broadcast {number}, and the chat does not show it")
        elif state == "due" and ended == "done":
            found.append(f"{person} was forgotten by broadcast {number}")
    return found
