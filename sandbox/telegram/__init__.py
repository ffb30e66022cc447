"""A stand-in for the Bot API server: a world of people and chats, the bot's side of it and the people's."""

from sandbox.telegram.api import create_app
from sandbox.telegram.people import people_routes
from sandbox.telegram.state import PersonCannot, TelegramWorld

__all__ = ["PersonCannot", "TelegramWorld", "create_app", "people_routes"]
