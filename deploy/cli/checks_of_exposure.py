"""Checks of what a stranger meets: cookies, forgery, headers, private addresses, TLS, secrets."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import asdict
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.cli.checking import Check, Finding, Subject, judge
from deploy.cli.token import SIGN_IN
from deploy.local.passwords import SECRETS, Passwords

PRIVATE = ("/metrics", "/internal", "/api/v1/planning/internal/x", "/docs", "/redoc")
"""What helps to find faults, and must not be there for everybody."""

ASKED_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "frame-ancestors 'none'",
}
SHORTEST_SECRET = 32
"""In characters: 192 random bits in base64, as every generated one has at the least."""

LEAST_CERTIFICATE_DAYS = 30
DAY_SECONDS = 86_400


def exposure(subject: Subject) -> Finding:
    """Look at the sign-in page as a stranger, and at the secrets as their owner."""
    site = subject.gateway.anyone
    faults = [*site_faults(site), *secret_faults(subject.settings.home, subject.passwords)]
    address = urlsplit(str(site.base_url))
    if address.scheme == "https":
        days = certificate_days(str(address.hostname), address.port or 443)
        if days < LEAST_CERTIFICATE_DAYS:
            faults.append(f"the certificate ends in {days:.0f} days")
        over = f"TLS for {days:.0f} more days"
    else:
        over = f"no TLS at {site.base_url}, which this machine alone reaches"
    return judge(faults, f"cookies, forms, headers and secrets are guarded; {over}")


def site_faults(site: httpx.Client) -> list[str]:
    """Return what a stranger could use."""
    page = site.get(SIGN_IN)
    forged = site.post(SIGN_IN, data={"email": "nobody@forged.example", "password": "x"})
    faults = [
        *cookie_faults(page),
        *(
            f"{name} is {page.headers.get(name)!r} without {asked!r}"
            for name, asked in ASKED_HEADERS.items()
            if asked not in page.headers.get(name, "")
        ),
    ]
    if forged.status_code != httpx.codes.FORBIDDEN:
        faults.append(f"a form from elsewhere is answered {forged.status_code}, not 403")
    if site.base_url.scheme == "https" and "strict-transport-security" not in page.headers:
        faults.append("browsers are not told to insist on TLS")
    for address in PRIVATE:
        answer = site.get(address)
        if answer.status_code != httpx.codes.NOT_FOUND:
            faults.append(f"{address} answers {answer.status_code}, not 404")
    fault = site.get("/api/v1/identity/no-such-thing")
    if "Traceback" in fault.text or "x-powered-by" in fault.headers or "server" in fault.headers:
        faults.append("a refusal tells what runs here")
    return faults


def cookie_faults(page: httpx.Response) -> Iterator[str]:
    """Tell what is wrong with the cookies that a page sets."""
    is_secure = page.url.scheme == "https"
    told = page.headers.get_list("set-cookie")
    if not told:
        yield f"{SIGN_IN} answers {page.status_code} and sets no cookie for its form"
    for line in told:
        for name, cookie in SimpleCookie(line).items():
            if not cookie["httponly"]:
                yield f"scripts can read {name}"
            if cookie["samesite"].lower() not in ("lax", "strict"):
                yield f"{name} goes along from other sites"
            if is_secure and not (cookie["secure"] and name.startswith("__Host-")):
                yield f"{name} may travel in the clear"


def secret_faults(home: Path, passwords: Passwords) -> list[str]:
    """Return which files of secrets others may read, and which secrets are weak or shared."""
    faults = [
        f"{name} can be read by others ({path.stat().st_mode & 0o777:o})"
        for name in (SECRETS, "demo-accounts.json")
        if (path := home / name).exists() and path.stat().st_mode & 0o077
    ]
    owners: dict[str, str] = {}
    for kind, kept in asdict(passwords).items():
        for name, secret in kept.items():
            if len(secret) < SHORTEST_SECRET:
                faults.append(f"the secret of {kind} {name} has {len(secret)} characters")
            if secret in owners:
                faults.append(f"{kind} {name} has the secret of {owners[secret]}")
            owners[secret] = f"{kind} {name}"
    return faults


def certificate_days(host: str, port: int) -> float:
    """Return for how many days the certificate of an address is good; raises when it is not."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        told = secured.getpeercert() or {}
    until = ssl.cert_time_to_seconds(str(told["notAfter"]))
    return (until - time.time()) / DAY_SECONDS


CHECKS = (Check("V09", "nothing is left open", exposure),)
