from pathlib import Path

import pytest

from deploy.local.modes import read_mode
from deploy.local.settings import REGISTER, read_settings
from deploy.local.trouble import EX_CONFIG, CannotStart


def test_the_switches_follow_the_mode_unless_set() -> None:
    many, one = (
        read_mode({"BMMS_MODE": "bmms"}, REGISTER),
        read_mode({"BMMS_MODE": "obcms"}, REGISTER),
    )
    assert (many.multi_tenant, many.switching) == (True, True)
    assert (one.multi_tenant, one.switching) == (False, False)
    assert one.default_organization == "OOBC"


@pytest.mark.parametrize("told", ["1", "true", "True"])
def test_both_styles_of_a_switch_are_read(told: str) -> None:
    assert read_mode({"ENABLE_MULTI_TENANT": told}, REGISTER).multi_tenant


@pytest.mark.parametrize(
    ("environment", "pair"),
    [
        (
            {"BMMS_MODE": "bmms", "ENABLE_MULTI_TENANT": "0"},
            "BMMS_MODE=bmms and ENABLE_MULTI_TENANT=0",
        ),
        ({"BMMS_MODE": "bmms", "ENABLE_MULTI_TENANT": "False"}, "ENABLE_MULTI_TENANT=0"),
        (
            {"BMMS_MODE": "obcms", "ENABLE_MULTI_TENANT": "1"},
            "BMMS_MODE=obcms and ENABLE_MULTI_TENANT=1",
        ),
        (
            {"BMMS_MODE": "obcms", "ALLOW_ORGANIZATION_SWITCHING": "true"},
            "BMMS_MODE=obcms and ALLOW_ORGANIZATION_SWITCHING=1",
        ),
        (
            {"DEFAULT_ORGANIZATION_CODE": "OOBC", "DEFAULT_ORG_CODE": "MOH"},
            "DEFAULT_ORGANIZATION_CODE=OOBC and DEFAULT_ORG_CODE=MOH",
        ),
        (
            {"DEFAULT_ORGANIZATION_CODE": "OCM"},
            "DEFAULT_ORGANIZATION_CODE=OCM and OCM_ORGANIZATION_CODE=OCM",
        ),
        (
            {"BMMS_ENVIRONMENT": "production", "DEBUG": "1"},
            "BMMS_ENVIRONMENT=production and DEBUG=1",
        ),
        ({"BMMS_ENVIRONMENT": "production", "SECRET_KEY": "short"}, "SECRET_KEY of fewer than 50"),
        (
            {
                "BMMS_ENVIRONMENT": "production",
                "SECRET_KEY": "x" * 50,
                "BMMS_PUBLIC_URL": "http://bmms.example",
            },
            "BMMS_PUBLIC_URL without https",
        ),
    ],
)
def test_a_contradiction_is_refused_and_names_the_pair(
    environment: dict[str, str], pair: str
) -> None:
    with pytest.raises(CannotStart, match=pair) as refused:
        read_mode(environment, REGISTER)
    assert refused.value.exit_code == EX_CONFIG
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"BMMS_MODE": "both"},
        {"DEFAULT_ORGANIZATION_CODE": "NOBODY"},
        {"OCM_ORGANIZATION_CODE": "NOBODY"},
        {"ENABLE_MULTI_TENANT": "perhaps"},
        {"BMMS_PORT": "eighty"},
        {"BMMS_PORT": "65530"},
        {"BMMS_PUBLIC_URL": "bmms.example"},
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(CannotStart) as refused:
        read_settings({"BMMS_HOME": str(tmp_path), **environment})
    assert refused.value.exit_code == EX_CONFIG


def test_the_older_name_of_the_default_organization_is_read() -> None:
    assert read_mode({"DEFAULT_ORG_CODE": "MOH"}, REGISTER).default_organization == "MOH"
