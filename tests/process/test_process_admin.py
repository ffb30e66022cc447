"""`kadr admin` beside a running bot: the bot does what it is asked, and the person hears of it at once."""

from tests.process.machine import Bot, StandIns


async def test_a_running_bot_is_asked(bot: Bot, stand_ins: StandIns) -> None:
    buyer = await stand_ins.buyer()
    async with bot.alive():
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        code, printed, said = await bot.tells("admin", "topup", str(buyer.id), "60", "--reason", "a gift")
        assert (code, said) == (0, "")
        assert printed == f"Kate ({buyer.id}): +60 tokens. Balance: 100 tokens.\nReason: a gift\n"
        await buyer.reads("Balance: 100 tokens")
        await bot.tells("admin", "maintenance", "on", "Back at 15:00")
        await buyer.orders("a clerk waits")
        await buyer.reads("Back at 15:00")
        assert bot.books.state("a clerk waits") == ""
        code, printed, said = await bot.tells("admin", "topup", str(buyer.id), "-101")
        assert (code, printed, said) == (1, "", "Kate has 100 tokens free: that is less than you want to take.\n")
        assert await bot.tells("admin", "topup", "@nobody", "5") == (
            1,
            "",
            "I have not met @nobody: they have to write to me first.\n",
        )
    code, printed, _ = await bot.tells("admin", "log")
    assert code == 0
    assert f"kadr admin · topup user:{buyer.id} · 40 → 100" in printed
    assert bot.books.balance(buyer) == 100
    await bot.audit()


async def test_without_a_bot_its_settings_are_needed(bot: Bot) -> None:
    """The data folder alone does not say who the admins are and what is sold."""
    code, printed, said = await bot.tells("admin", "users")
    assert (code, printed) == (2, "")
    assert said.startswith("DATA_DIR: ")
    (bot.folder / "data").mkdir()
    code, printed, said = await bot.tells("admin", "users", ADMIN_USER_ID="")
    assert (code, printed, said) == (2, "", "ADMIN_USER_ID is required and not set.\n")
