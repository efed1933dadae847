"""Two OpenID clients that others have written complete every flow against the running system."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from tests.e2e.system import ROOT, System

CLIENTS = ROOT / "tests" / "clients"
CALLBACK = "http://127.0.0.1/callback"
AFTER_LOGOUT = "http://127.0.0.1/signed-out"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules").is_dir(),
    reason="node is not installed, or `npm ci` has not run in tests/clients",
)


class Person:
    """A person at a browser, who does what a client sends them to do."""

    def __init__(self, system: System, account: dict[str, str]) -> None:
        self._browser = httpx.Client(base_url=system.url, timeout=30, trust_env=False)
        fields = {"email": account["email"], "password": account["password"]}
        page = self._browser.get("/account/sign-in")
        assert self._send(page, "/account/sign-in", **fields).status_code == 303

    def go(self, address: str) -> dict[str, str]:
        """Go where a client sends the browser, up to the client's own address."""
        answer = self._browser.get(address)
        for _ in range(5):
            if not answer.is_redirect:
                # A page that asks again before it signs out.
                answer = self._send(answer, "/oauth2/logout")
                continue
            going = answer.headers["location"]
            if going.startswith("http://127.0.0.1/"):
                return {"callback": going}
            answer = self._browser.get(going)
        raise AssertionError(answer.text)

    def device(self, address: str) -> dict[str, str]:
        """Let a device act, on the page that it names."""
        asked = self._send(self._browser.get(address), "/device")
        answer = self._send(asked, "/device", decision="allow", organization="MOH")
        assert "The device may act for you" in answer.text, answer.text
        return {}

    def _send(self, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
        """Send the form of a page, with what stands in it already."""
        forms = re.findall(rf'<form[^>]* action="({action}[^"]*)".*?</form>', page.text, re.DOTALL)
        assert forms, page.text
        inside = page.text.split(f'action="{forms[0]}"')[1].split("</form>")[0]
        given = {}
        for tag in re.findall(r"<input[^>]*>", inside):
            told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            given[told["name"]] = unescape(told.get("value", ""))
        return self._browser.post(unescape(forms[0]), data={**given, **fields})


def a_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})


def public(key: ECKey) -> dict[str, Any]:
    named = key.as_dict(private=False)
    return {"keys": [{name: named[name] for name in ("kty", "crv", "x", "y", "kid")}]}


def wanted(names: dict[str, str], moh: str, key: ECKey, own_key: ECKey) -> list[dict[str, Any]]:
    """Return what the three clients are registered with."""
    exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    return [
        {
            "client_id": names["native"],
            "name": "An independent client",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [AFTER_LOGOUT],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": public(key),
            "grant_types": ["authorization_code", "refresh_token", exchange],
            "scopes": ["openid", "profile", "email"],
            "is_first_party": True,
            "requires_pushed_requests": True,
            "requires_dpop": True,
        },
        {
            "client_id": names["service"],
            "name": "A program of MOH",
            "redirect_uris": [],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": public(own_key),
            "grant_types": ["client_credentials"],
            "organization_id": moh,
            "permissions": ["planning.*.read"],
        },
        {
            "client_id": names["device"],
            "name": "A device",
            "redirect_uris": [],
            "token_endpoint_auth_method": "none",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
        },
    ]


@pytest.fixture(scope="module")
def registered(system: System) -> dict[str, Any]:
    """Give what three clients are told, which the platform's administrator has registered."""
    admin = system.person("platform_administrator", "OOBC")
    organizations = admin.get("/api/v1/identity/organizations", params={"limit": 100}).json()
    moh = next(each["id"] for each in organizations["items"] if each["code"] == "MOH")
    key, own_key = a_key(), a_key()
    names = {name: f"{name}-{secrets.token_hex(4)}" for name in ("native", "service", "device")}
    for body in wanted(names, moh, key, own_key):
        answer = admin.post("/api/v1/identity/clients", json=body)
        assert answer.status_code == 201, answer.text
    return {
        "issuer": system.url,
        "client_id": names["native"],
        "jwk": key.as_dict(private=True),
        "redirect_uri": CALLBACK,
        "after_logout": AFTER_LOGOUT,
        "organization": "MOH",
        "service_id": names["service"],
        "service_jwk": own_key.as_dict(private=True),
        "device_id": names["device"],
    }


def converse(script: str, told: dict[str, Any], person: Person) -> Iterator[dict[str, Any]]:
    """Run a client, do in the browser what it asks for, and yield what it has found out."""
    assert NODE is not None
    with subprocess.Popen(
        [NODE, str(CLIENTS / script)],
        cwd=CLIENTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        print(json.dumps(told), file=running.stdin, flush=True)
        for line in running.stdout:
            ((what, value),) = json.loads(line).items()
            if what == "done":
                yield value
                return
            print(
                json.dumps(person.device(value) if what == "device" else person.go(value)),
                file=running.stdin,
                flush=True,
            )
        raise AssertionError(running.stderr.read())


@pytest.mark.parametrize("package", ["openid-client", "oauth4webapi"])
def test_an_independent_client_completes_every_flow(
    system: System, registered: dict[str, Any], package: str
) -> None:
    account = system.accounts["staff@MOH"]
    found = next(converse(f"{package}.mjs", registered, Person(system, account)))
    assert found == {
        "token_type": "dpop",
        "email": account["email"],
        "me": 200,
        "refreshed": True,
        "active": [True, False],
        "switched": "MOH",
        "own": "MOH",
        "device": "MOH",
        "signed_out": f"{AFTER_LOGOUT}?state=bye",
    }
