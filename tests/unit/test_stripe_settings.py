"""The settings of Stripe, and that a shop without it does not even import the SDK."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from pydantic import SecretStr
from trio.testing import MockClock

from actors.commandline.examination import look_at_stripe
from actors.rails.stripe_account import stripe_of
from actors.settings import Settings, SettingsError, load_settings
from protocol.stripe.client import StripeClient
from tests.unit.test_stripe_client import Counter

REQUIRED = {"TELEGRAM_BOT_TOKEN": "1:abc", "OPENAI_API_KEY": "k", "ADMIN_USER_ID": "1"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours and no `.env`."""
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("key", ["sk_live_abc", "sk_test_51Ab_c", "rk_live_abc", "rk_test_abc"])
def test_keys_that_are_taken(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    settings = load_settings()
    assert settings.stripe_secret_key is not None
    assert settings.stripe_secret_key.get_secret_value() == key
    assert key in settings.secrets
    assert key not in repr(settings)


@pytest.mark.parametrize("key", ["pk_live_abc", "sk_abc", "sk__abc", "whsec_abc", "abc", "sk_live_a b"])
def test_keys_that_are_none(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(SettingsError, match=r"^STRIPE_SECRET_KEY must be a secret or restricted key") as refused:
        load_settings()
    assert key not in str(refused.value)


def test_the_webhook_s_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_abc")
    assert "whsec_abc" in load_settings().secrets
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "we_abc")
    with pytest.raises(SettingsError, match=r"^STRIPE_WEBHOOK_SECRET must be the signing secret"):
        load_settings()


def test_a_wrong_key_ends_the_start(tmp_path: Path) -> None:
    kadr = Path(sys.executable).with_name("kadr")
    environment = {**os.environ, "STRIPE_SECRET_KEY": "pk_live_oops"}
    ended = subprocess.run([kadr, "run"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("STRIPE_SECRET_KEY must be")
    assert len(ended.stderr.splitlines()) == 1


def test_without_a_key_the_sdk_is_not_imported() -> None:
    code = "import sys, actors.process, actors.bot; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], timeout=60).returncode == 0


async def test_the_client_is_made_from_the_settings() -> None:
    async with stripe_of(Settings.model_construct(stripe_secret_key=None)) as nobody:
        assert nobody is None
    live = Settings.model_construct(
        stripe_secret_key=SecretStr("rk_live_x"), stripe_webhook_secret=SecretStr("whsec_x")
    )
    with trio.fail_after(5):
        async with stripe_of(live) as client:
            assert isinstance(client, StripeClient)
            assert client.livemode
            assert client.hears


# The doctor


async def test_the_doctor_finds_a_live_key_right(autojump_clock: MockClock) -> None:
    (found,) = await look_at_stripe(Counter("rk_live_x").client)
    assert (found.mend, "live mode" in found.said) == ("", True)


async def test_the_doctor_says_that_test_money_is_none(autojump_clock: MockClock) -> None:
    (found,) = await look_at_stripe(Counter("sk_test_x").client)
    assert "test mode" in found.said


@pytest.mark.parametrize("operation", ["sessions.list", "events.list"])
async def test_the_doctor_names_what_a_key_lacks(autojump_clock: MockClock, operation: str) -> None:
    counter = Counter()
    counter.world.forbidden.add(operation)
    (found,) = await look_at_stripe(counter.client)
    assert "permissions" in found.said
    assert "STRIPE_SECRET_KEY" in found.mend
