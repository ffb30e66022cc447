"""What can be wrong with a film, apart from the code that needs the codecs to find out."""


class NotAFilm(Exception):
    """The file is not a film that can be shown; the message says what is wrong with it."""


class TooLarge(Exception):
    """A film cannot be made to fit into the limit."""
