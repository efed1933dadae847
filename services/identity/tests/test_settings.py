"""The mode of an installation, and the settings that cannot both be meant."""

from __future__ import annotations

from typing import Any

import pytest

from libs.chassis.sealing import Sealer
from libs.chassis.testing import SEALING_KEY
from services.identity.settings import Settings, load_settings

NEEDED = {
    "IDENTITY_DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1/nothing",
    "IDENTITY_ISSUER": "http://localhost:8080",
    "IDENTITY_JWKS_URL": "http://127.0.0.1:8081/oauth2/jwks",
    "IDENTITY_SEALING_KEY": SEALING_KEY,
}
OURS = (
    "BMMS_MODE",
    "BMMS_HOME",
    "DEFAULT_ORGANIZATION_CODE",
    "DEFAULT_ORG_CODE",
    "ENABLE_MULTI_TENANT",
    "ALLOW_ORGANIZATION_SWITCHING",
    "OCM_ORGANIZATION_CODE",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)

    def tell(**values: str) -> None:
        for name, value in {**NEEDED, **values}.items():
            monkeypatch.setenv(name, value)

    return tell


def test_without_a_word_the_installation_serves_one_organization(environment: Any) -> None:
    environment()
    settings = load_settings()
    assert (settings.only_organization, settings.allows_choice) == ("OOBC", False)


def test_in_bmms_mode_everyone_may_sign_in_and_choose(environment: Any) -> None:
    environment(BMMS_MODE="bmms", ENABLE_MULTI_TENANT="True", DEFAULT_ORGANIZATION_CODE="")
    settings = load_settings()
    assert (settings.only_organization, settings.allows_choice) == (None, True)
    assert settings.audience == "http://localhost:8080/api"


@pytest.mark.parametrize("name", ["DEFAULT_ORGANIZATION_CODE", "DEFAULT_ORG_CODE"])
def test_both_names_of_the_default_organization_are_known(environment: Any, name: str) -> None:
    environment(**{name: "MOH"})
    assert load_settings().only_organization == "MOH"


@pytest.mark.parametrize(
    ("values", "pair"),
    [
        (
            {"BMMS_MODE": "bmms", "ENABLE_MULTI_TENANT": "0"},
            "BMMS_MODE=bmms and ENABLE_MULTI_TENANT=0",
        ),
        (
            {"BMMS_MODE": "obcms", "ENABLE_MULTI_TENANT": "1"},
            "BMMS_MODE=obcms and ENABLE_MULTI_TENANT=1",
        ),
        (
            {"ALLOW_ORGANIZATION_SWITCHING": "true"},
            "BMMS_MODE=obcms and ALLOW_ORGANIZATION_SWITCHING=1",
        ),
        (
            {"DEFAULT_ORGANIZATION_CODE": "MOH", "DEFAULT_ORG_CODE": "MOLE"},
            "DEFAULT_ORGANIZATION_CODE and DEFAULT_ORG_CODE",
        ),
        (
            {"DEFAULT_ORGANIZATION_CODE": "OCM"},
            "DEFAULT_ORGANIZATION_CODE and OCM_ORGANIZATION_CODE",
        ),
        ({"IDENTITY_SEALING_KEY": ""}, "IDENTITY_SEALING_KEY is missing"),
        ({"IDENTITY_SEALING_KEY": "c2hvcnQ="}, "IDENTITY_SEALING_KEY cannot be used"),
        ({"IDENTITY_ISSUER": "http://bmms.example"}, "IDENTITY_ISSUER=http://bmms.example and"),
    ],
)
def test_a_contradiction_or_a_lack_ends_the_start_with_78_and_one_line(
    environment: Any, capsys: pytest.CaptureFixture[str], values: dict[str, str], pair: str
) -> None:
    environment(**values)
    with pytest.raises(SystemExit) as end:
        load_settings()
    assert end.value.code == 78
    told = capsys.readouterr().err
    assert pair in told
    assert told.count("\n") == 1


def test_the_sealing_key_goes_with_every_session_and_into_no_log(environment: Any) -> None:
    environment()
    settings = load_settings()
    assert isinstance(settings.session_info()["sealer"], Sealer)
    assert SEALING_KEY not in repr(settings)


def test_settings_cannot_be_changed_later(environment: Any) -> None:
    environment()
    with pytest.raises(ValueError, match="frozen"):
        Settings().mode = "bmms"  # type: ignore[misc]
