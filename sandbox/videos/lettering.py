"""Words on a picture: a font that has the letters of three languages, and text that fits its box.

Pillow's own font has no Cyrillic. Where the machine has no better one, words are spelled with Latin letters.
"""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

NEEDED = "Жщәғқңөұүһі"  # a font with these has the rest of Russian and Kazakh
CANDIDATES = (
    "DejaVuSans-Bold.ttf",  # Debian, and most of Linux
    "LiberationSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "Arial Bold.ttf",  # macOS
    "arialbd.ttf",  # Windows
    "DejaVuSans.ttf",
    "Arial.ttf",
)
LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэіәғқңөұүһ", "abvgdeziiklmnoprstufyeiagqnouuh", strict=True))
    | {"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": ""}
    | {"ю": "yu", "я": "ya", "—": "-", "–": "-", "…": "...", "“": '"', "”": '"'}
)


@lru_cache(maxsize=1)
def font_path() -> str | None:
    """The first font of this machine that can spell Kazakh; None if there is none."""
    for name in CANDIDATES:
        try:
            font = ImageFont.truetype(name, 20)
        except OSError:
            continue
        if all(_has(font, letter) for letter in NEEDED):
            return name
    return None


@lru_cache(maxsize=64)
def font_of(size: int) -> Font:
    """A font of `size` pixels."""
    path = font_path()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def spelled(text: str) -> str:
    """The text in letters the font has; what it cannot show, an emoji say, is left out."""
    font = font_of(20)
    return "".join(letter for letter in (text if font_path() else latin(text)) if _has(font, letter))


def latin(text: str) -> str:
    """Russian and Kazakh spelled with Latin letters."""
    return "".join(
        letter.lower().translate(LATIN).capitalize() if letter.isupper() else letter.translate(LATIN) for letter in text
    )


def _has(font: Font, letter: str) -> bool:
    return letter.isspace() or _drawn(font, letter) != _drawn(font, "\uffff")  # which no font has


@lru_cache(maxsize=1024)
def _drawn(font: Font, letter: str) -> bytes:
    mask = Image.new("L", (40, 40))
    ImageDraw.Draw(mask).text((5, 5), letter, font=font, fill=255)
    return mask.tobytes()


def width_of(text: str, font: Font) -> float:
    return font.getlength(text)


def wrapped(text: str, font: Font, width: int) -> list[str]:
    """The text in lines of at most `width` pixels; a word that is wider is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and width_of(f"{line} {word}", font) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        while len(word) > 1 and width_of(word, font) > width:
            fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or width_of(word[:n], font) <= width)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line]


def fitted(text: str, width: int, height: int, *, largest: int, smallest: int) -> tuple[list[str], Font, int]:
    """Lines, font and line height (pixels) of the largest text that fits, or a cut one in the smallest."""
    text = spelled(text)
    for size in range(largest, smallest, -max(1, largest // 12)):
        lines, step = wrapped(text, font_of(size), width), round(size * 1.28)
        if len(lines) * step <= height:
            return lines, font_of(size), step
    font, step = font_of(smallest), round(smallest * 1.28)
    lines = wrapped(text, font, width)
    room = max(1, height // step)
    if len(lines) > room:
        last = lines[room - 1]
        while last and width_of(f"{last} …", font) > width:
            last = last[:-1]
        lines = [*lines[: room - 1], f"{last} …" if font_path() else f"{last}..."]
    return lines, font, step


def draw_lines(mask: Image.Image, lines: list[str], font: Font, *, top: int, step: int) -> None:
    """Draw centred lines into a mask of mode L."""
    draw = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        left = (mask.width - width_of(line, font)) / 2
        draw.text((left, top + number * step), line, font=font, fill=255)
