"""Receipts made for the tests, laid out as the bank's are, with letters of the Kazakh and the Russian alphabet."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from fpdf import FPDF

FONT = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"

FISCAL = (
    "Фискальный чек",
    "Оплата совершена",
    "2 491 ₸",
    "№ чека QR17262148385",
    "Дата и время 23.11.2026 14:05 по Астане",
    "Продавец ИП Кадр Студия",
    "ИИН/БИН продавца 850101300123",
    "ФИО покупателя Айгерім К.",
    "РНМ 600300123456",
    "ФП 1234567890",
    "ОФД Kaspi",
)
TRANSFER = (
    "Перевод успешно совершен",
    "10 000,50 ₸",
    "№ квитанции",
    "41234567890",
    "Дата и время",
    "01 марта 2027, 09:07:30",
    "Комиссия",
    "0 ₸",
    "Отправитель",
    "Борис Б.",
    "Получатель",
    "Данияр С.",
)
KAZAKH = (
    "Төлем жасалды",
    "Комиссиясы 0 ₸",
    "Сомасы 6 990 теңге",
    "Түбіртек № 998877665544",
    "Күні 05.01.2027 23:59",
    "Алушы: Қадыр Әлім",
)


def pdf(lines: Sequence[str], *, password: str = "", pages: int = 1) -> bytes:
    """A PDF with these lines, as a program would print them."""
    document = FPDF()
    document.add_font("DejaVu", fname=str(FONT))
    if password:
        document.set_encryption(owner_password=password + "!", user_password=password)
    for _ in range(pages):
        document.add_page()
        document.set_font("DejaVu", size=12)
        for line in lines:
            document.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def kaspi(*, number: str, amount: str, moment: str, recipient: str = "Данияр С.") -> bytes:
    """A receipt with these fields. `moment` as `23.11.2026 14:05`, in the time of Astana."""
    lines = (
        "Перевод успешно совершен",
        amount,
        f"№ квитанции {number}",
        f"Дата и время {moment} по Астане",
        f"Получатель {recipient}",
    )
    return pdf(lines)
