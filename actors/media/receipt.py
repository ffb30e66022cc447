"""What a bank's receipt says, read from the text of its PDF: number, sum, time, recipient. Hints, never proof.

Anybody can make a PDF, so nothing here decides about money. The file comes from a stranger and is read by a process of
its own (`python -m actors.media.receipt`) that has little memory and little time: a thread could not be stopped. Weak
point: the words around the fields are those Kaspi prints today; where they change, fields are missing, not wrong.
"""

import json
import logging
import re
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from typing import Final

MAX_BYTES: Final = 5_000_000
"""A receipt has about 100 kB."""
MAX_PAGES: Final = 2
MAX_CHARACTERS: Final = 20_000
CPU_SECONDS: Final = 10
MEMORY_BYTES: Final = 400_000_000
"""Address space of the reading process; what it really uses is 60 MB (measured with a receipt of one page)."""
ASTANA: Final = timezone(timedelta(hours=5))
"""Receipts tell the time of Astana; all of Kazakhstan has had UTC+5 since 2024-03-01."""

_NUMBER = re.compile(
    r"(?:№\s*(?:чека|квитанции|перевода)|(?:чек|квитанция|түбіртек)\s*(?:№|нөмірі))\s*:?\s*([A-Z]{0,4}\d{6,20})\b", re.I
)
_QR_NUMBER = re.compile(r"\b(QR\d{6,20})\b")
_MONEY = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,9})(?:[.,](\d{2}))?\s*(?:₸|〒|тг\b|тенге\b|теңге\b|KZT\b|[TТ]\b)"
_AMOUNT = re.compile(_MONEY, re.I)
_LABELLED_AMOUNT = re.compile(
    r"(?:сумма|итого|төленді|сомасы|барлығы)\s*(?:платежа|перевода|оплаты)?\s*:?\s*" + _MONEY, re.I
)
_FEE = re.compile(r"(?:комиссия|комиссиясы|бонус\w*)\D{0,12}$", re.I)
_TIME = re.compile(r"\b(\d{2})\.(\d{2})\.(\d{4})\D{1,12}?(\d{1,2}):(\d{2})(?::(\d{2}))?\b")
_SPOKEN_TIME = re.compile(r"\b(\d{1,2})\s+([а-я]{3,8})\.?\s+(\d{4})\D{1,12}?(\d{1,2}):(\d{2})(?::(\d{2}))?\b", re.I)
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_RECIPIENT = re.compile(
    r"^[ \t]*(?:(?:ФИО |имя |название |наименование )?(?:получател[ья]|продавца|продавец)|кому|алушы|сатушы)"
    r"[ \t]*:?[ \t]*(?:\n[ \t]*)?(\S[^\n]{1,80})$",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True)
class Fields:
    """What could be read; what could not is empty. `amount` in tiyn (1/100 tenge), `paid_at` in epoch seconds."""

    number: str = ""
    amount: int | None = None
    paid_at: float | None = None
    recipient: str = ""
    problem: str = ""
    """Why nothing could be read: `not_a_pdf`, `encrypted`, `too_large`, `no_text` or `unreadable`."""


def read(data: bytes) -> Fields:
    """The fields of a receipt. Raises nothing: a file that cannot be read is a `problem`.

    Blocks for seconds and may need much memory for a file made to harm: call it in the process below.
    """
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # a stranger's broken file is nobody's worry
    if len(data) > MAX_BYTES:
        return Fields(problem="too_large")
    if b"%PDF-" not in data[:1024]:
        return Fields(problem="not_a_pdf")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return Fields(problem="encrypted")
        pages = [reader.pages[index] for index in range(min(MAX_PAGES, len(reader.pages)))]
        text = "\n".join(page.extract_text() for page in pages)[:MAX_CHARACTERS]
    except FileNotDecryptedError:
        return Fields(problem="encrypted")
    except (PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RecursionError):
        return Fields(problem="unreadable")
    except (ImportError, MemoryError, NotImplementedError, TypeError, ValueError):
        # A ciphered file may need a library that is not there; a broken one makes pypdf trip over its own assumptions.
        return Fields(problem="unreadable")
    return fields_of(text) if text.strip() else Fields(problem="no_text")


def fields_of(text: str) -> Fields:
    """The fields in the text of a receipt, in Russian or Kazakh."""
    number = _NUMBER.search(text) or _QR_NUMBER.search(text)
    recipient = _RECIPIENT.search(text)
    return Fields(
        number=number[1].upper() if number else "",
        amount=_amount(text),
        paid_at=_time(text),
        recipient=" ".join(recipient[1].split()) if recipient else "",
    )


def _amount(text: str) -> int | None:
    labelled = _LABELLED_AMOUNT.search(text)
    if labelled:
        return _tiyn(labelled)
    for match in _AMOUNT.finditer(text):
        if not _FEE.search(text[: match.start()][-40:]):
            return _tiyn(match)
    return None


def _tiyn(match: re.Match[str]) -> int:
    whole = re.sub(r"\D", "", match[1])
    return int(Decimal(f"{whole}.{match[2] or '00'}") * 100)


def _time(text: str) -> float | None:
    match = _TIME.search(text)
    if match:
        return _epoch(match, int(match[2]))
    match = _SPOKEN_TIME.search(text)
    if match is None:
        return None
    word = match[2].lower()
    # `ма` is May (мая): March (мар…) comes before it.
    month = next((place for place, start in enumerate(_MONTHS, 1) if word.startswith(start)), 0)
    return _epoch(match, month)


def _epoch(match: re.Match[str], month: int) -> float | None:
    try:
        local = datetime(
            int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), int(match[6] or 0), tzinfo=ASTANA
        )
    except ValueError:
        return None
    return local.timestamp()


def main() -> None:
    """Read a PDF from the standard input, write its fields as JSON to the standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    json.dump(asdict(read(sys.stdin.buffer.read(MAX_BYTES + 1))), sys.stdout)


if __name__ == "__main__":
    main()
