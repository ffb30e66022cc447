"""What is read from receipts, and what is made of files that are none."""

import random
import zlib
from collections.abc import Sequence
from datetime import datetime

import pytest

from actors.media.apart import read_apart
from actors.media.receipt import ASTANA, MAX_BYTES, Fields, fields_of, read
from tests.media.receipt_samples import FISCAL, KAZAKH, TRANSFER, pdf


def at(*moment: int) -> float:
    return datetime(*moment, tzinfo=ASTANA).timestamp()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (FISCAL, Fields("QR17262148385", 249_100, at(2026, 11, 23, 14, 5), "ИП Кадр Студия")),
        (TRANSFER, Fields("41234567890", 1_000_050, at(2027, 3, 1, 9, 7, 30), "Данияр С.")),
        (KAZAKH, Fields("998877665544", 699_000, at(2027, 1, 5, 23, 59), "Қадыр Әлім")),
        (("Оплата", "1 000 000 ₸"), Fields(amount=100_000_000)),
        (("QR99887766", "Спасибо"), Fields(number="QR99887766")),
        (("Обед был вкусный",), Fields()),
        (("Дата 31.02.2026 14:05",), Fields()),
        (("Бонусы 12 ₸", "Итого: 300 ₸"), Fields(amount=30_000)),
        (("Комиссия 0 ₸",), Fields()),
        (("Дата 7 мая 2026 в 8:15",), Fields(paid_at=at(2026, 5, 7, 8, 15))),
        (("Дата 7 мрта 2026 в 8:15",), Fields()),
    ],
)
def test_the_fields(lines: Sequence[str], fields: Fields) -> None:
    assert read(pdf(lines)) == fields
    assert fields_of("\n".join(lines)) == fields


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2 491 ₸", 249_100),
        ("2\u00a0491\u00a0₸", 249_100),
        ("2\u202f491,00 тг", 249_100),
        ("2491.50 KZT", 249_150),
        ("Сумма перевода: 12 345 тенге", 1_234_500),
        ("5 товаров", None),
        ("2 491", None),
    ],
)
def test_sums_of_money(text: str, amount: int | None) -> None:
    assert fields_of(text).amount == amount


def test_only_the_first_pages_are_read() -> None:
    assert read(pdf(("Страница",), pages=40)) == Fields()


def bomb() -> bytes:
    """A page whose content is 400 MB of spaces, packed into a few hundred kilobytes."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b" " * 4_000_000) for _ in range(100)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(made)
    return made + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_a_pdf"),
        (b"\xff\xd8\xff\xe0 a photo", "not_a_pdf"),
        (b"%PDF-1.7\n", "unreadable"),
        (b"%PDF-1.7\n" + bytes(MAX_BYTES), "too_large"),
        (pdf(TRANSFER)[:2000], "unreadable"),
        (pdf(TRANSFER, password="tenge"), "encrypted"),
        (pdf(()), "no_text"),
    ],
    ids=["empty", "photo", "head", "large", "half", "encrypted", "blank"],
)
def test_files_that_are_no_receipts(data: bytes, problem: str) -> None:
    assert read(data) == Fields(problem=problem)


def test_a_file_damaged_anywhere_raises_nothing() -> None:
    """A hundred receipts, each with a few wrong bytes."""
    whole, rng = pdf(FISCAL), random.Random(1)
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 40)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        assert isinstance(read(bytes(damaged)), Fields)


async def test_a_process_of_its_own_reads_the_same() -> None:
    assert await read_apart(pdf(FISCAL)) == read(pdf(FISCAL))
    assert await read_apart(bytes(MAX_BYTES + 1)) == Fields(problem="too_large")


async def test_a_bomb_ends_in_a_word_and_not_in_the_loss_of_the_bot() -> None:
    data = bomb()
    assert len(data) < MAX_BYTES
    assert (await read_apart(data)).problem in ("unreadable", "no_text")
