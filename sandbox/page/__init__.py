"""The chat page of the sandbox: static files, and the two routes that serve them.

Files go out with `no-cache`, so a reload always shows what is on disk; there is no build step to forget.
"""

from sandbox.page.routes import page_routes

__all__ = ["page_routes"]
