"""A made-up receipt of a bank, as a PDF of one page: so that Kaspi can be played through in the sandbox.

Written by hand, because the project has no other use for a library that writes PDF. The letters are those of the font
that matplotlib brings along, cut down to the ones used; each is named by its glyph, with a table back to its meaning.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

ASTANA = timezone(timedelta(hours=5))
PAGE = (298, 420)
"""A6 in points."""
TITLE, BODY = 13, 10
"""Points."""


def kaspi_receipt(*, tenge: int, number: str, moment: float, recipient: str, payer: str) -> bytes:
    """What Kaspi gives a person who has made a transfer. `moment` in epoch seconds."""
    when = datetime.fromtimestamp(moment, ASTANA)
    lines = (
        "Перевод успешно совершен",
        f"{tenge:,} ₸".replace(",", " "),
        f"№ квитанции {number}",
        f"Дата и время {when:%d.%m.%Y %H:%M} по Астане",
        "Комиссия 0 ₸",
        f"Отправитель {payer}",
        f"Получатель {recipient}",
        "Сделано в песочнице, это не документ",
    )
    return pdf(lines)


def pdf(lines: Sequence[str]) -> bytes:
    """One page with these lines, the first as its title."""
    font, file = _font("".join(lines))
    glyphs: dict[int, str] = font.getBestCmap()
    ids = {code: int(font.getGlyphID(name)) for code, name in glyphs.items()}
    em, advances = int(font["head"].unitsPerEm), font["hmtx"]
    widths = " ".join(f"{id} [{1000 * int(advances[glyphs[code]][0]) // em}]" for code, id in ids.items())
    words = [(BODY if row else TITLE, line) for row, line in enumerate(lines)]
    text = "".join(f"/F {size} Tf <{_hex(line, ids)}> Tj 0 -28 Td\n" for size, line in words)
    content = f"BT 24 {PAGE[1] - 48} Td\n{text}ET".encode()
    pairs = "".join(f"<{id:04X}> <{_utf16(chr(code))}>\n" for code, id in sorted(ids.items()))
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(ids)} beginbfchar\n{pairs}endbfchar endcmap end end"
    ).encode()
    metrics = f"/FontBBox [-1000 -500 2000 1500] /Ascent {font['hhea'].ascent} /Descent {font['hhea'].descent}"
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}] /Contents 4 0 R "
            "/Resources << /Font << /F 5 0 R >> >> >>".encode(),
            _stream(content),
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Letters /Encoding /Identity-H /DescendantFonts [6 0 R] "
            b"/ToUnicode 8 0 R >>",
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Letters /CIDToGIDMap /Identity /FontDescriptor 7 0 R "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [{widths}] >>".encode(),
            "<< /Type /FontDescriptor /FontName /Letters /Flags 4 /ItalicAngle 0 /StemV 80 /CapHeight 700 "
            f"{metrics} /FontFile2 9 0 R >>".encode(),
            _stream(to_unicode),
            _stream(file),
        ]
    )


def _font(letters: str) -> tuple[Any, bytes]:
    """The font with only these letters in it, as fontTools (which has no types) reads it, and its file."""
    ttlib, subset = import_module("fontTools.ttLib"), import_module("fontTools.subset")
    found = find_spec("matplotlib")
    assert found is not None, "matplotlib is a dependency"
    assert found.origin is not None, "and not a namespace"
    font = ttlib.TTFont(Path(found.origin).parent / "mpl-data/fonts/ttf/DejaVuSans.ttf")
    cutter = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=True, drop_tables=["FFTM", "GPOS"]))
    cutter.populate(text=letters)
    cutter.subset(font)
    made = BytesIO()
    font.save(made)
    made.seek(0)
    return ttlib.TTFont(made), made.getvalue()


def _hex(line: str, ids: dict[int, int]) -> str:
    return "".join(f"{ids.get(ord(letter), 0):04X}" for letter in line)


def _utf16(letter: str) -> str:
    return letter.encode("utf-16-be").hex().upper()


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    head = b"<< /Length %d /Length1 %d /Filter /FlateDecode >>" % (len(packed), len(data))
    return head + b"\nstream\n" + packed + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    """The objects with the table that says where each begins (ISO 32000-1, 7.5)."""
    made = b"%PDF-1.7\n"
    places: list[int] = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end
