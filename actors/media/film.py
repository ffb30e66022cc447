"""What the bot does with films: measure, show, recut, shrink and split them.

All of it is slow and takes memory (the figures are in the modules): one film at a time, in a worker thread.
"""

from actors.media.encoding import recut, shrink
from actors.media.problems import NotAFilm, TooLarge
from actors.media.reading import FilmFacts, inspect
from actors.media.splitting import split
from actors.media.still import thumbnail

__all__ = ["FilmFacts", "NotAFilm", "TooLarge", "inspect", "recut", "shrink", "split", "thumbnail"]
