"""The sandbox as its visitor meets it: a real browser, the real bot, and a film that plays."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.chat import ADMIN, OpenChat, Sandbox

pytestmark = pytest.mark.browser

WATCH_PERCENTS = """
() => {
  window.percents = [];
  const look = () => {
    for (const el of document.querySelectorAll("[data-testid=message]")) {
      const found = /(\\d+)\\s%/.exec(el.textContent);
      if (found && window.percents.at(-1) !== Number(found[1])) window.percents.push(Number(found[1]));
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}
"""
TEN_CLICKS = """
button => {
  let left = 10;
  const clicking = setInterval(() => {
    if (button.isConnected) button.click(); // does nothing while the button spins, as in Telegram
    if (--left === 0) clearInterval(clicking);
  }, 40);
}
"""
PRESS = "**/sandbox/api/press"
PLAYS = "film => film.readyState >= 2 && film.currentTime > 0.2 && !film.error"


def test_a_film_is_bought(sandbox: Sandbox, open_chat: OpenChat) -> None:
    """Too dear at first; the admin helps out; the card follows by itself; the film comes and plays."""
    emma = sandbox.newcomer("Emma")
    chat = open_chat(emma)
    chat.start("You have 40 tokens")
    chat.say("A golden eagle over the peaks above Almaty")
    chat.answer("Price: 20 tokens")
    chat.button("⚙️").click()
    chat.choose("1280x720")
    chat.choose("sora-2-pro")
    chat.answer("20 tokens short")
    chat.button("▶️").click()
    expect(chat.page.get_by_test_id("alert")).to_contain_text("20 tokens short")
    chat.page.keyboard.press("Escape")

    chat.be(ADMIN)
    chat.say(f"/topup {emma} 60 a gift")
    chat.answer(f"Emma ({emma}): +60 токенов. Баланс: 100 токенов.")

    chat.be(emma)
    chat.answer("You have been given 60 tokens. Balance: 100 tokens.")
    chat.answer("Balance after: 40 tokens")
    chat.page.evaluate(WATCH_PERCENTS)
    chat.button("▶️").click()
    chat.told("is ordered")
    caption = chat.answer("Balance: 40 tokens").filter(has=chat.films())
    expect(caption).to_contain_text("Price: 60 tokens")
    percents = chat.page.evaluate("window.percents")
    assert percents
    assert percents == sorted(percents)

    film = chat.films()
    chat.page.get_by_role("button", name=re.compile("Play the video")).click()
    expect(film).to_have_js_property("videoWidth", 1280)
    expect(film).to_have_js_property("videoHeight", 720)
    chat.page.wait_for_function(f"() => ({PLAYS})(document.querySelector('video'))")
    assert film.evaluate("film => film.duration") == pytest.approx(4, abs=0.2)
    chat.say("/balance")
    chat.answer("You have 40 tokens.")


def test_twenty_quick_clicks_are_one_film(sandbox: Sandbox, open_chat: OpenChat) -> None:
    """Ten clicks at the desk and ten on the phone; the first press of each waits for the other's."""
    timur = sandbox.newcomer("Timur", "ru")
    desk = open_chat(timur)
    desk.say("Беркут над Алматы")
    desk.answer("Цена: 20 токенов")
    phone = open_chat(timur, width=390, height=844)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) == 2:
            for each in held:
                each.continue_()

    for chat in (desk, phone):
        expect(chat.button("▶️")).to_be_visible()
        chat.page.route(PRESS, hold, times=1)
        with chat.page.expect_request(PRESS):
            chat.button("▶️").evaluate(TEN_CLICKS)
    for chat in (desk, phone):
        expect(chat.films()).to_have_count(1)
        expect(chat.page.locator(".busy")).to_have_count(0)
    assert len(held) == 2
    desk.say("/videos")
    list_of_films = desk.answer("✅ №")
    expect(list_of_films).to_contain_text("Беркут над Алматы")
    assert list_of_films.inner_text().count("№") == 1
    desk.say("/balance")
    desk.answer("У вас 20 токенов.")


def test_a_refused_film_costs_nothing(sandbox: Sandbox, open_chat: OpenChat) -> None:
    chat = open_chat(sandbox.newcomer("Zoe"))
    chat.start()
    chat.say("Something forbidden")
    chat.button("▶️").click()
    refusal = chat.answer("did not work out")
    expect(refusal).to_contain_text("other words")
    expect(refusal).to_contain_text("Returned: 20 tokens. Balance: 40 tokens.")
    expect(chat.button("✏️")).to_be_visible()
    expect(chat.films()).to_have_count(0)


def test_a_person_is_added_on_the_page(open_chat: OpenChat) -> None:
    chat = open_chat(ADMIN)
    chat.page.get_by_test_id("add-person").click()
    chat.page.get_by_test_id("person-name").fill("Ерлан")
    chat.page.get_by_test_id("person-language").select_option("kk")
    chat.page.get_by_test_id("person-add").click()
    chat.start("Сәлеметсіз бе, Ерлан!")


@pytest.mark.parametrize(("language", "price"), [("kk", "Бағасы:"), ("ru", "Цена:"), ("en", "Price:")])
def test_nothing_is_cut_off_on_a_phone(sandbox: Sandbox, open_chat: OpenChat, language: str, price: str) -> None:
    chat = open_chat(sandbox.newcomer("A buyer", language), width=360, height=740)
    chat.start("40 ")
    chat.say("Қыран" if language == "kk" else "An eagle")
    chat.answer(price)
    if language == "ru":  # the longest words under a film; one film is enough
        chat.button("▶️").click()
        expect(chat.films()).to_have_count(1)
        chat.button("🎲").click()
        chat.answer("Новый вариант")
        chat.say("Ещё один")
        chat.answer("Ещё один")
    chat.button("⚙️").click()
    chat.choose("sora-2-pro")
    chat.button("💰").click()
    chat.button("💰 1000").click()
    chat.button("🏦").click()
    expect(chat.button("🔄")).to_be_visible()
    labels = chat.page.locator(".key-text")
    assert labels.count() > 20
    cut = "labels => labels.filter(el => el.scrollWidth > el.clientWidth).map(el => el.textContent)"
    assert labels.evaluate_all(cut) == []
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
