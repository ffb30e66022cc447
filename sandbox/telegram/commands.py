"""The bot's command lists, one per scope and language, and which of them a person sees."""

import re

from sandbox.telegram.errors import bad_request
from sandbox.telegram.shapes import is_array, is_object

COMMANDS_LIMIT = 100
DESCRIPTION_LIMIT = 256
_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"|[a-z]{2}")
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}

Command = dict[str, str]
Key = tuple[str, str]


def scope_key(scope: object) -> str:
    """A scope as one word, `chat:7`. Raises `Refused` (400)."""
    if scope is None:
        return "default"
    if not is_object(scope):
        raise bad_request("BotCommandScope must be an Object")
    kind = scope.get("type")
    if not isinstance(kind, str) or kind not in _SCOPES:
        raise bad_request("Unsupported type specified")
    return ":".join([kind, *(str(scope.get(name, "")) for name in _SCOPES[kind])])


def check_language(code: str | None) -> str:
    if _LANGUAGE.fullmatch(code or "") is None:
        raise bad_request("invalid language code specified")
    return code or ""


def check_commands(value: object) -> list[Command]:
    """Raises `Refused` (400)."""
    if not is_array(value):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    commands: list[Command] = []
    for item in value:
        if not is_object(item):
            raise bad_request("can't parse commands: expected an Object")
        command, description = item.get("command"), item.get("description")
        if not isinstance(command, str) or _COMMAND.fullmatch(command) is None:
            raise bad_request("BOT_COMMAND_INVALID")
        if not isinstance(description, str) or not 1 <= len(description) <= DESCRIPTION_LIMIT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": command.removeprefix("/"), "description": description})
    if len(commands) > COMMANDS_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return commands


class CommandBook:
    def __init__(self) -> None:
        self._lists: dict[Key, list[Command]] = {}

    def put(self, scope: str, language: str, commands: list[Command]) -> None:
        self._lists[scope, language] = commands

    def get(self, scope: str, language: str) -> list[Command]:
        return self._lists.get((scope, language), [])

    def delete(self, scope: str, language: str) -> None:
        self._lists.pop((scope, language), None)

    def seen_by(self, chat_id: int, language: str | None) -> list[Command]:
        """The menu of a private chat: the first list that is set, in BotCommandScope's order."""
        for scope in (f"chat:{chat_id}", "all_private_chats", "default"):
            for code in (language or "", ""):
                if commands := self._lists.get((scope, code)):
                    return commands
        return []
