"""The tasks of the bot, and what starts them."""
