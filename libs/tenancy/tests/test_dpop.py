"""Proofs of possession: one key, one request, one time, one use (RFC 9449, 4.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from libs.tenancy import dpop
from libs.tenancy.dpop import Proof, ProofRejected, UsedProofs, verify_proof

NOW = 1_800_000_000.0
URL = "https://bmms.example/api/v1/planning/plans"
KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
TOKEN = "some.access.token"
ATH = base64.urlsafe_b64encode(hashlib.sha256(TOKEN.encode()).digest()).decode().rstrip("=")


def public(key: Any, **changes: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **changes}


def a_proof(
    header: dict[str, Any] | None = None,
    *,
    key: Any = KEY,
    alg: str = "ES256",
    **changes: Any,
) -> str:
    claims = {"jti": "one", "htm": "GET", "htu": URL, "iat": NOW, "ath": ATH, **changes}
    told = {name: value for name, value in claims.items() if value is not None}
    named = {"alg": alg, "typ": "dpop+jwt", "jwk": public(KEY), **(header or {})}
    kept = {name: value for name, value in named.items() if value is not None}
    payload = json.dumps(told).encode()
    return jws.serialize_compact(kept, payload, key, algorithms=[alg])


def verified(raw: str, **changes: Any) -> Proof:
    return verify_proof(
        raw, **{"method": "GET", "url": URL, "at": NOW, "access_token": TOKEN, **changes}
    )


def test_a_good_proof_tells_its_key_and_is_good_for_a_short_while() -> None:
    proof = verified(a_proof())
    assert proof == Proof(KEY.thumbprint(), "one", NOW + 70)
    assert verified(a_proof(nbf=NOW, exp=NOW + 9)).thumbprint == KEY.thumbprint()
    assert verified(a_proof(ath=None), access_token=None).jti == "one"


@pytest.mark.parametrize(
    "htu",
    [
        f"{URL}?page=2",
        f"{URL}#top",
        URL.replace("https", "HTTPS"),
        URL.replace(".example", ".EXAMPLE"),
        URL.replace(".example", ".example:443"),
    ],
)
def test_an_address_is_the_same_without_its_query_in_any_case_and_with_the_usual_port(
    htu: str,
) -> None:
    assert verified(a_proof(htu=htu)).jti == "one"


WRONG_CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"jti": None}, "no id"),
    ({"jti": ""}, "no id"),
    ({"jti": 7}, "no id"),
    ({"jti": "j" * 256}, "no id"),
    ({"htm": "POST"}, "another method"),
    ({"htm": None}, "another method"),
    ({"htu": f"{URL}/more"}, "another address"),
    ({"htu": URL.replace("https", "http")}, "another address"),
    ({"htu": URL.replace(".example", ".example:8443")}, "another address"),
    ({"htu": None}, "another address"),
    ({"htu": 7}, "another address"),
    ({"htu": "https://bmms.example:port/"}, "no address"),
    ({"iat": None}, "iat is not an instant"),
    ({"iat": "now"}, "iat is not an instant"),
    ({"iat": True}, "iat is not an instant"),
    ({"exp": "soon"}, "exp is not an instant"),
    ({"iat": NOW - 61}, "too old"),
    ({"iat": NOW + 11}, "future"),
    ({"nbf": NOW + 60}, "not valid now"),
    ({"exp": NOW - 1}, "not valid now"),
    ({"ath": None}, "another access token"),
    ({"ath": "x"}, "another access token"),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG_CLAIMS)
def test_a_proof_for_something_else_proves_nothing(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProofRejected, match=reason):
        verified(a_proof(**changes))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"typ": "JWT"}, "not a proof"),
        ({"typ": None}, "not a proof"),
        ({"jwk": None}, "no key"),
        ({"jwk": public(ECKey.generate_key("P-384"))}, "no key"),
        ({"jwk": public(RSAKey.generate_key(2048))}, "no key|not a signed proof"),
        ({"jwk": KEY.as_dict(private=True)}, "private key"),
        ({"jwk": public(OTHER)}, "signature"),
        ({"jwk": public(KEY, y=public(OTHER)["y"])}, "not a signed proof"),
    ],
)
def test_a_proof_with_a_trick_in_its_header_proves_nothing(
    header: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ProofRejected, match=reason):
        verified(a_proof(header))


def test_only_one_algorithm_is_known() -> None:
    for key, alg in ((OctKey.generate_key(256), "HS256"), (RSAKey.generate_key(2048), "RS256")):
        with pytest.raises(ProofRejected, match="another algorithm"):
            verified(a_proof(key=key, alg=alg))


@pytest.mark.parametrize("raw", ["", "a.b.c", "é.b.c", "a" * 5000, "{}"])
def test_what_is_no_proof_is_refused(raw: str) -> None:
    with pytest.raises(ProofRejected):
        verified(raw)


def test_a_proof_is_good_once(monkeypatch: pytest.MonkeyPatch) -> None:
    used, moment = UsedProofs(), [NOW]
    monkeypatch.setattr(dpop.time, "time", lambda: moment[0])
    used.use(Proof("key", "one", NOW + 70))
    used.use(Proof("key", "two", NOW + 70))
    used.use(Proof("other", "one", NOW + 70))
    with pytest.raises(ProofRejected, match="used before"):
        used.use(Proof("key", "one", NOW + 70))
    moment[0] = NOW + 71
    used.use(Proof("key", "three", NOW + 141))
    assert len(used._seen) == 1


def test_a_flood_of_proofs_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dpop, "MOST_REMEMBERED", 3)
    monkeypatch.setattr(dpop.time, "time", lambda: NOW)
    used = UsedProofs()
    for number in range(10):
        used.use(Proof("key", str(number), NOW + 70))
    assert len(used._seen) == 3
    with pytest.raises(ProofRejected):
        used.use(Proof("key", "9", NOW + 70))
