"""`kill -9` around a payment in Stars, with real processes: one invoice, one credit, and books that are right."""

from typing import Any

from tests.process.machine import Bot, Buyer, StandIns, until

LONG = 600.0


async def newest(buyer: Buyer, prefix: str) -> tuple[int, str] | None:
    """The newest button that begins so: its message and its data."""
    for message in reversed(await buyer.stand_ins.history(buyer.id)):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if button["text"].startswith(prefix):
                    return message["message_id"], button["callback_data"]
    return None


async def presses(buyer: Buyer, prefix: str) -> None:
    found = await until(lambda: newest(buyer, prefix), what=f"a button {prefix}")
    await buyer.stand_ins.press(buyer.id, *found)


async def message_with(buyer: Buyer, name: str) -> list[dict[str, Any]]:
    return [message for message in await buyer.stand_ins.history(buyer.id) if name in message]


async def begins(stand_ins: StandIns) -> Buyer:
    buyer = await stand_ins.buyer()
    await buyer.says("/buy")
    await presses(buyer, "💰 100")
    await presses(buyer, "⭐")
    return buyer


async def test_killed_before_the_invoice_and_right_after_the_payment(bot: Bot, stand_ins: StandIns) -> None:
    await stand_ins.fault("telegram", "sendInvoice", "slow", seconds=LONG)
    async with bot.alive() as life:
        buyer = await begins(stand_ins)
        await stand_ins.strikes("sendInvoice")
        await life.kill()
    await stand_ins.calm()
    async with bot.alive() as life:
        [invoice] = await until(lambda: message_with(buyer, "invoice"), what="an invoice")
        await stand_ins.pay(buyer.id, invoice["message_id"])
        await until(lambda: message_with(buyer, "successful_payment"), what="a payment")
        await life.kill()
    async with bot.alive():
        await buyer.reads("+100 tokens")
        await buyer.says("/balance")
        await buyer.reads("You have 140 tokens")
    assert bot.books.balance(buyer) == 140
    assert len(await message_with(buyer, "invoice")) == 1
    assert bot.books.ask("select count(*) from transfers where kind = 'purchase'") == [1]
    assert bot.books.ask("select state from orders where user_id = ?", buyer.id) == ["paid"]
    await bot.audit()


async def test_the_audit_of_a_planted_difference(bot: Bot, stand_ins: StandIns) -> None:
    async with bot.alive():
        buyer = await begins(stand_ins)
        [invoice] = await until(lambda: message_with(buyer, "invoice"), what="an invoice")
        await stand_ins.pay(buyer.id, invoice["message_id"])
        await buyer.reads("+100 tokens")
    bot.books.spoil(f"update orders set tokens = 99 where user_id = {buyer.id}")
    code, printed, _ = await bot.tells("audit")
    assert code == 1
    assert "should have brought 99 tokens, its entries say 100" in printed
