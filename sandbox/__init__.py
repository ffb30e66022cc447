"""Stand-ins for the services Kadr talks to, and a chat page: the whole bot with no key."""
