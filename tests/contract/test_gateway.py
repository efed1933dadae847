"""The gateway by its own configuration: a real Caddy in front of services that echo."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.programs import GATEWAY_FOLDER
from deploy.local.provision import SERVICES
from deploy.local.settings import ROOT, read_settings
from tests.contract.gateways import running_gateway

TENANT_SERVICES = ("planning", "budgeting", "mana", "coordination")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


@pytest.fixture(scope="module")
def bmms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_gateway("bmms", tmp_path_factory.mktemp("a home with spaces")) as client:
        yield client


@pytest.fixture(scope="module")
def obcms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_gateway("obcms", tmp_path_factory.mktemp("obcms")) as client:
        yield client


@pytest.fixture(params=["bmms", "obcms"])
def either(request: pytest.FixtureRequest) -> httpx.Client:
    client: httpx.Client = request.getfixturevalue(request.param)
    return client


@pytest.mark.parametrize(
    ("path", "service"),
    [
        *((f"/api/v1/moa/MOH/{service}/things?limit=5", service) for service in TENANT_SERVICES),
        *((f"/api/v1/{service}/health/ready", service) for service in SERVICES),
        *((f"/api/v1/{service}/openapi.json", service) for service in SERVICES),
        ("/api/v1/moa/CSC-BARMM/identity/members", "identity"),
        ("/api/v1/identity/me", "identity"),
        ("/api/v1/identity/organizations?limit=45", "identity"),
        ("/api/v1/ocm/overview?fiscal_year=2026", "ocm"),
        ("/oauth2/jwks", "identity"),
        ("/oauth2/authorize?response_type=code&state=%2Fa%20b", "identity"),
        ("/.well-known/openid-configuration", "identity"),
        ("/account/sign-in", "identity"),
        ("/static/identity/style.css", "identity"),
    ],
)
def test_every_public_path_leads_to_its_service_unchanged(
    either: httpx.Client, path: str, service: str
) -> None:
    answer = either.get(path)
    assert (answer.status_code, answer.json()["service"]) == (200, service)
    assert answer.json()["path"] == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_every_method_is_passed_on(either: httpx.Client, method: str) -> None:
    answer = either.request(method, "/api/v1/moa/MOH/planning/strategic-plans")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/internal/anything",
        "/api/v1/planning/internal/rows",
        "/api/v1/moa/MOH/planning/internal",
        "/api/v1/nothing/here",
        "/api/v1/moa/MOH",
        "/api/v1/planningx/things",
        "/api/v1/planning/../../../metrics",
        "/nowhere",
    ],
)
def test_what_is_not_public_is_a_problem_of_our_form(either: httpx.Client, path: str) -> None:
    answer = either.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["type"]) == ("not_found", "urn:bmms:problem:not_found")
    assert re.fullmatch("[0-9a-f]{32}", told["trace_id"])
    assert set(told) == {"type", "title", "status", "detail", "code", "trace_id", "errors"}


@pytest.mark.parametrize("service", TENANT_SERVICES)
@pytest.mark.parametrize("rest", ["", "/", "/things/1?limit=5&q=%C3%B1%2F"])
def test_obcms_serves_a_path_without_organization_as_oobc(
    obcms: httpx.Client, service: str, rest: str
) -> None:
    answer = obcms.post(f"/api/v1/{service}{rest}")
    assert answer.json()["path"] == f"/api/v1/moa/OOBC/{service}{rest}"


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 301), ("HEAD", 301), ("POST", 308), ("PUT", 308), ("PATCH", 308), ("DELETE", 308)],
)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/api/v1/planning/things?a=1&b=%2F", "/api/v1/moa/OOBC/planning/things?a=1&b=%2F"),
        ("/api/v1/budgeting", "/api/v1/moa/OOBC/budgeting"),
        ("/api/v1/mana/a%2Fb", "/api/v1/moa/OOBC/mana/a%2Fb"),
        ("/planning/", "/moa/OOBC/planning/"),
        ("/communities/12?tab=map", "/moa/OOBC/communities/12?tab=map"),
        ("/dashboard/", "/moa/OOBC/dashboard/"),
        ("/coordination/x", "/moa/OOBC/coordination/x"),
        ("/mana", "/moa/OOBC/mana"),
        ("/budgeting/x", "/moa/OOBC/budgeting/x"),
    ],
)
def test_bmms_leads_a_path_without_organization_to_oobc_for_a_while(
    bmms: httpx.Client, method: str, status: int, old: str, new: str
) -> None:
    answer = bmms.request(method, old)
    assert (answer.status_code, answer.headers["location"]) == (status, new)
    assert answer.headers["cache-control"] == "max-age=300"


@pytest.mark.parametrize("path", ["//evil.example/planning/", "/planningx/", "/api/v1/ocm/budget"])
def test_nothing_else_is_redirected(bmms: httpx.Client, path: str) -> None:
    assert bmms.get(f"{bmms.base_url}{path}").status_code not in {301, 302, 307, 308}


def test_a_request_gets_an_id_and_a_trace_when_it_has_none(either: httpx.Client) -> None:
    answer = either.get("/api/v1/planning/health/live")
    sent = answer.json()["headers"]
    assert TRACEPARENT.fullmatch(sent["traceparent"])
    assert sent["x-request-id"] == answer.headers["x-request-id"]


def test_a_request_keeps_its_own_id_and_trace(either: httpx.Client) -> None:
    given = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "x-request-id": "from-the-frontend.1"}
    answer = either.get("/api/v1/planning/health/live", headers=given)
    assert {name: answer.json()["headers"][name] for name in given} == given


@pytest.mark.parametrize("nonsense", ["", "00-xyz", "a b;c", "<script>", "x" * 400])
def test_nonsense_is_not_passed_on_as_id_or_trace(either: httpx.Client, nonsense: str) -> None:
    given = {"traceparent": nonsense, "x-request-id": nonsense}
    sent = either.get("/api/v1/planning/health/live", headers=given).json()["headers"]
    assert TRACEPARENT.fullmatch(sent["traceparent"])
    assert re.fullmatch(r"[0-9a-f-]{36}", sent["x-request-id"])


def test_a_forged_forwarding_address_is_replaced(either: httpx.Client) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    sent = either.get("/api/v1/planning/health/live", headers=forged).json()["headers"]
    assert sent["x-forwarded-for"] == "127.0.0.1"
    assert "evil" not in sent["x-forwarded-host"]


def test_a_body_of_one_mebibyte_passes_and_a_larger_one_is_refused(either: httpx.Client) -> None:
    path = "/api/v1/moa/MOH/planning/strategic-plans"
    assert either.post(path, content=b"x" * (1 << 20)).json()["received"] == 1 << 20
    refused = either.post(path, content=b"x" * ((1 << 20) + 1))
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert refused.headers["content-type"] == "application/problem+json"


def test_an_endless_body_is_refused_too(either: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(32):
            yield b"x" * (1 << 16)

    refused = either.post("/api/v1/moa/MOH/planning/strategic-plans", content=endless())
    assert refused.status_code == 413


def test_an_answer_given_before_the_body_was_read_arrives_whole(bmms: httpx.Client) -> None:
    for _ in range(200):
        answer = bmms.put("/api/v1/ocm/hasty", content=b"{}")
        assert answer.json()["received"] == 0


@pytest.mark.parametrize("path", ["/api/v1/planning/health/live", "/nowhere", "/", "/api/docs"])
def test_every_answer_carries_the_security_headers(either: httpx.Client, path: str) -> None:
    headers = either.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    # Only ever over TLS: a browser remembers it for a year.
    assert "strict-transport-security" not in headers
    assert "server" not in headers
    assert "via" not in headers


def test_a_browser_is_told_to_insist_on_tls_only_when_it_came_over_tls() -> None:
    telling = [
        route["match"]
        for route in _routes(adapt("bmms", {}))
        if "Strict-Transport-Security" in json.dumps(route) and not _routes(route["handle"])
    ]
    # Once for what is served, once for what is refused.
    assert telling == [[{"protocol": "https"}]] * 2


def test_a_service_that_is_down_is_a_problem_with_a_time_to_come_back(
    tmp_path: Path,
) -> None:
    with running_gateway("bmms", tmp_path, down={"planning"}) as client:
        answer = client.get("/api/v1/planning/health/live")
    assert (answer.status_code, answer.json()["code"]) == (502, "out_of_reach")
    assert answer.headers["retry-after"] == "5"


def test_a_browser_is_refused_with_a_page_in_both_languages(either: httpx.Client) -> None:
    wish = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    refused = either.get("/nowhere", headers=wish)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in refused.headers["content-security-policy"]
    assert '<html lang="en">' in refused.text
    assert '<p lang="fil">Walang' in refused.text
    api = either.get("/api/nowhere", headers=wish)
    assert api.headers["content-type"] == "application/problem+json"


def test_nothing_of_a_query_or_a_header_is_written_to_the_access_log(tmp_path: Path) -> None:
    named = ("authorization", "cookie", "referer", "dpop", "user-agent", "x-anything-else")
    headers = {name: f"https://secret.example/?{name}=secret" for name in named}
    paths = ("/account/invitation", "/oauth2/authorize", "/api/v1/ocm/needs", "/nowhere", "/")
    with running_gateway("bmms", tmp_path, down={"ocm"}) as client:
        for path in paths:
            client.get(f"{path}?secret=secret&code=a?secret#secret", headers=headers)
    log = (tmp_path / "gateway.log").read_text()
    assert all(f'"uri":"{path}"' in log for path in paths)
    assert "secret" not in log.lower()


@pytest.mark.parametrize(
    "page", ["/", "/landing.js", "/style.css", "/api/docs", "/api/docs/docs.js"]
)
def test_the_pages_are_ours_and_name_no_other_host(either: httpx.Client, page: str) -> None:
    answer = either.get(page)
    assert answer.status_code == 200
    assert "//" not in re.sub(
        r"^\s*//.*$|https?://www\.w3\.org/", "", answer.text, flags=re.MULTILINE
    )


def test_the_merged_description_names_every_promised_operation(either: httpx.Client) -> None:
    merged = either.get("/api/openapi.json")
    assert merged.headers["content-type"].startswith("application/json")
    promised = [
        json.loads(path.read_text()) for path in (ROOT / "contracts" / "openapi").glob("*.json")
    ]
    assert set(merged.json()["paths"]) == {path for each in promised for path in each["paths"]}


@pytest.mark.parametrize(
    "file", sorted(GATEWAY_FOLDER.rglob("*addyfile")), ids=lambda file: file.name
)
def test_the_configuration_is_formatted(file: Path) -> None:
    caddy = read_settings({}).programs("caddy")
    assert subprocess.run(
        [caddy, "fmt", file], capture_output=True, check=True
    ).stdout.decode() == (file.read_text())


@pytest.mark.parametrize("mode", ["bmms", "obcms"])
def test_the_configuration_is_valid_and_says_where_everything_goes(mode: str) -> None:
    assert adapt(mode, {})["apps"]["http"]["servers"]


def test_an_unknown_mode_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        adapt("both", {})


def adapt(mode: str, environment: dict[str, str]) -> dict[str, dict[str, dict]]:
    """Return the JSON that Caddy makes of the Caddyfile."""
    command = [read_settings({}).programs("caddy"), "adapt", "--adapter", "caddyfile"]
    made = subprocess.run(
        [*command, "--config", GATEWAY_FOLDER / "Caddyfile", "--validate"],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "BMMS_MODE": mode, **environment},
        capture_output=True,
        check=True,
    )
    configuration: dict[str, dict[str, dict]] = json.loads(made.stdout)
    return configuration


def _routes(configuration: object) -> list[dict[str, object]]:
    """Return every route of a configuration, however deep it lies."""
    if isinstance(configuration, list):
        return [route for each in configuration for route in _routes(each)]
    if not isinstance(configuration, dict):
        return []
    own = [configuration] if "handle" in configuration else []
    return own + [route for each in configuration.values() for route in _routes(each)]
