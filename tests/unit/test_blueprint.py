"""The blueprint of Render: rules that a sync applies, what Kadr itself needs, and that no variable is forgotten."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from actors.films.pollers import GRACE
from actors.settings import Settings
from actors.watchdog import SHUTDOWN_SECONDS

ROOT = Path(__file__).parents[2]
RULES = ROOT.parent / "shared" / "specs" / "render-blueprint-rules.schema.json"
DISK_GRACE_SECONDS = 30
"""Between SIGTERM and SIGKILL, for a service with a disk; it may not ask for more."""
FORBIDDEN_MOUNTS = {"/", "/opt", "/opt/render", "/opt/render/project", "/opt/render/project/src", "/home",
                    "/home/render", "/etc", "/etc/secrets"}  # fmt: skip
NOT_ON_RENDER = {
    "telegram_api_base_url",  # a Bot API server of one's own
    "stripe_api_base_url",
    "stripe_webhook_secret",  # a worker has no door for a webhook
    "database_url",  # follows DATA_DIR
    "catalogue",
    "operator_addr",  # the feed stays on loopback: Render's shell is inside
    "operator_token",
    "otel_exporter_otlp_endpoint",
    "render",  # Render sets it
}
SECRET = re.compile(r"TOKEN|KEY$|SECRET|DSN|HEARTBEAT_URL")


@pytest.fixture(scope="module")
def blueprint() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "render.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def worker(blueprint: dict[str, Any]) -> dict[str, Any]:
    [service] = blueprint["services"]
    found: dict[str, Any] = service
    return found


@pytest.fixture(scope="module")
def variables(worker: dict[str, Any]) -> dict[str, Any]:
    keys = [variable["key"] for variable in worker["envVars"]]
    assert len(keys) == len(set(keys))
    return {variable["key"]: variable for variable in worker["envVars"]}


def test_one_worker_with_a_disk(blueprint: dict[str, Any], worker: dict[str, Any]) -> None:
    assert blueprint.keys() == {"services"}
    assert (worker["type"], worker["runtime"], worker["numInstances"]) == ("worker", "python", 1)
    assert worker["plan"] != "free", "a free plan has neither workers nor disks"
    assert worker["region"], "it cannot be changed later, so it is chosen on purpose"
    assert not worker.keys() & {"scaling", "maxShutdownDelaySeconds", "healthCheckPath", "env", "autoDeploy"}
    assert "preDeployCommand" not in worker, "it cannot see the disk: migrations run at the start"
    if RULES.exists():  # the rules of a sync lie beside the checkout where Kadr is developed
        rules = jsonschema.Draft202012Validator(json.loads(RULES.read_text("utf-8")))
        rules.validate(blueprint)
        wrong = json.loads(json.dumps(blueprint))
        wrong["services"][0]["maxShutdownDelaySeconds"] = 60
        with pytest.raises(jsonschema.ValidationError):
            rules.validate(wrong)


def test_the_data_lies_on_the_disk(worker: dict[str, Any], variables: dict[str, Any]) -> None:
    disk = worker["disk"]
    assert disk["mountPath"] not in FORBIDDEN_MOUNTS
    assert disk["mountPath"].startswith("/")
    assert Path(variables["DATA_DIR"]["value"]).is_relative_to(disk["mountPath"])
    assert "DATABASE_URL" not in variables
    assert disk["sizeGB"] >= 1


def test_a_stop_fits_into_the_time_there_is() -> None:
    assert GRACE < SHUTDOWN_SECONDS < DISK_GRACE_SECONDS


def test_the_commands_install_what_is_locked_and_nothing_at_the_start(worker: dict[str, Any]) -> None:
    build, _, prune = worker["buildCommand"].partition(" && ")
    assert shlex.split(build)[:2] == ["uv", "sync"]
    assert {"--locked", "--no-dev"} <= set(shlex.split(build))
    assert prune == "uv cache prune --ci"
    assert shlex.split(worker["startCommand"]) == ["uv", "run", "--no-sync", "kadr", "run"]


def test_the_versions_are_those_of_the_project(variables: dict[str, Any]) -> None:
    python = variables["PYTHON_VERSION"]["value"]
    assert re.fullmatch(r"3\.\d+\.\d+", python), "Render wants all three numbers"
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert tuple(map(int, python.split("."))) >= tuple(map(int, needed.removeprefix(">=").split(".")))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"UV_RELEASE := {variables['UV_VERSION']['value']}\n" in makefile


def test_every_variable_is_there_and_no_other(variables: dict[str, Any]) -> None:
    known = {name.upper() for name in Settings.model_fields.keys() - NOT_ON_RENDER}
    assert variables.keys() == known | {"PYTHON_VERSION", "UV_VERSION"}


def test_no_secret_has_a_value_here(variables: dict[str, Any]) -> None:
    for name, variable in variables.items():
        assert variable.keys() in ({"key", "value"}, {"key", "sync"})
        if "sync" in variable:
            assert variable["sync"] is False
        else:
            assert isinstance(variable["value"], str), f"{name}: YAML would make it something else than a text"
            assert not SECRET.search(name)


def test_the_example_knows_every_variable() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields} - {"RENDER"}
    required = set(re.findall(r"^([A-Z][A-Z0-9_]+)=$", example, re.MULTILINE))
    assert required == {"TELEGRAM_BOT_TOKEN", "ADMIN_USER_ID", "OPENAI_API_KEY", "OPENAI_BASE_URL"}


@pytest.mark.parametrize("guide", ["deploy-render.md", "deploy-render.ru.md"])
def test_the_guide_tells_of_every_variable_that_is_asked_for(guide: str, variables: dict[str, Any]) -> None:
    text = (ROOT / "docs" / guide).read_text("utf-8")
    for name, variable in variables.items():
        assert f"`{name}`" in text or "value" in variable, name


@pytest.mark.parametrize("guide", ["deploy-render", "deploy-checklist"])
def test_both_languages_have_the_same_steps(guide: str) -> None:
    english, russian = ((ROOT / "docs" / f"{guide}{ending}").read_text("utf-8") for ending in (".md", ".ru.md"))
    for pattern in (r"^#+ ", r"^\d+\. ", r"^- \[ \] ", r"^\| ", r"^    \S"):
        counts = [len(re.findall(pattern, text, re.MULTILINE)) for text in (english, russian)]
        assert counts[0] == counts[1], pattern
    commands = [re.findall(r"^    (\S.*)$", text, re.MULTILINE) for text in (english, russian)]
    assert commands[0] == commands[1]


@pytest.mark.parametrize(
    "guide", ["deploy-render.md", "deploy-render.ru.md", "deploy-checklist.md", "deploy-checklist.ru.md"]
)
def test_the_links_lead_somewhere(guide: str) -> None:
    text = (ROOT / "docs" / guide).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("https://"):
            assert (ROOT / "docs" / target).exists(), target
