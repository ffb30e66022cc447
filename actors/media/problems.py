"""What can be wrong with a film or a picture, apart from the code that needs the codecs to find out."""

from enum import StrEnum


class NotAFilm(Exception):
    """The file is not a film that can be shown; the message says what is wrong with it."""


class TooLarge(Exception):
    """A film cannot be made to fit into the limit."""


EXIT_REFUSED = 3
"""How a process that works on pictures says that it refuses one; it prints the problem."""


class ImageProblem(StrEnum):
    """Why a picture is refused; a key of the texts shown to the buyer."""

    NOT_AN_IMAGE = "not_an_image"
    ANIMATED = "animated"
    TOO_SMALL = "too_small"
    TOO_LARGE_FILE = "too_large_file"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"  # it begins like a picture, and then ends early or makes no sense
    UNSUPPORTED = "unsupported"


class ImageRefused(Exception):
    """A picture cannot be used."""

    def __init__(self, reason: ImageProblem) -> None:
        super().__init__(f"the picture is refused: {reason}")
        self.reason = reason
