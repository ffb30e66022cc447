"""Telegram's Bot API, as much of it as Kadr speaks."""
