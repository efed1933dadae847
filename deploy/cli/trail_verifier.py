"""Checks an exported trail without any of our systems: `python trail_verifier.py FILE`.

A trail is one JSON object a line, as `bmms audit export` writes it. Every event carries the hash
that links it to all before it, and heads are signed statements of how far the trail had come. What
was changed, deleted, inserted, moved or cut off is told in one line with its place. Only `joserfc`
is needed beside Python, so this file can be copied to and run on any machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

HEAD_TYPE = "bmms-audit-head+jwt"
NOT_IN_AN_EVENT = ("kind", "hash")
PATIENCE = timedelta(minutes=5)
"""How long an event may wait for its link; a running system takes seconds."""


class Broken(Exception):
    """The trail is not what was signed; the message says where."""


@dataclass
class Trail:
    """What was found while reading: the hash at each place, and what stands beside the chain."""

    org_id: str
    exported_at: datetime
    hashes: list[str] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)

    @property
    def last_hash(self) -> str:
        """The hash that the next event is chained to."""
        return self.hashes[-1] if self.hashes else first_hash(self.org_id)


@dataclass(frozen=True)
class Verdict:
    """What a whole trail turned out to be."""

    org_id: str
    events: int
    heads: int
    signed_events: int
    keys_are_own: bool

    def sentence(self) -> str:
        """Return it in one line."""
        rest = self.events - self.signed_events
        whose = "given" if self.keys_are_own else "found in the file itself; give --jwks to be sure"
        return (
            f"intact: {self.events} events of {self.org_id}, {self.heads} heads,"
            f" {rest} after the last head; keys {whose}"
        )


def first_hash(org_id: str) -> str:
    """Return what the first event of a trail is chained to."""
    return hashlib.sha256(f"bmms-trail:{org_id}".encode()).hexdigest()


def chained(before: str, form: dict[str, Any]) -> str:
    """Return the hash of an event in its place."""
    return hashlib.sha256(bytes.fromhex(before) + canonical(form)).hexdigest()


def canonical(value: Any) -> bytes:
    """Return the one spelling of a JSON value (RFC 8785)."""
    return json.dumps(
        _sorted(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _sorted(value[name]) for name in names}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def verify(
    lines: Iterable[str], *, keys: dict[str, Any] | None = None, heads: Iterable[str] = ()
) -> Verdict:
    """Return what the trail is, or raise Broken; `heads` are statements that somebody kept."""
    trail = _read(_objects(lines))
    own = keys is not None
    known = KeySet.import_key_set({"keys": (keys or {}).get("keys", trail.keys)})
    signed = 0
    for statement in [*trail.statements, *heads]:
        signed = max(signed, _check_head(trail, statement, known))
    return Verdict(trail.org_id, len(trail.hashes), len(trail.statements), signed, own)


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
        except ValueError:
            raise Broken(f"line {number} is not JSON") from None
        if not isinstance(told, dict):
            raise Broken(f"line {number} is not an object")
        yield number, told


def _read(objects: Iterator[tuple[int, dict[str, Any]]]) -> Trail:
    _, first = next(objects, (1, {}))
    if first.get("kind") != "trail":
        raise Broken("line 1 does not begin a trail")
    try:
        trail = Trail(str(first["org_id"]), datetime.fromisoformat(first["exported_at"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise Broken(f"line 1 cannot be read: {fault!r}") from None
    for number, told in objects:
        try:
            _take(trail, told)
        except (KeyError, TypeError, ValueError) as fault:
            raise Broken(f"line {number} cannot be read: {fault!r}") from None
    return trail


def _take(trail: Trail, told: dict[str, Any]) -> None:
    if told["kind"] == "event":
        _link(trail, told)
    elif told["kind"] == "unlinked":
        _check_unlinked(trail, told)
    elif told["kind"] == "head":
        trail.statements.append(str(told["statement"]))
    elif told["kind"] == "key":
        trail.keys.append(told["jwk"])
    else:
        raise ValueError(f"nobody knows the kind {told['kind']}")


def _link(trail: Trail, told: dict[str, Any]) -> None:
    seq, wanted = told["seq"], len(trail.hashes) + 1
    if seq != wanted:
        what = "is missing" if seq > wanted else f"is followed by event {seq}, out of its place"
        raise Broken(f"event {wanted if seq > wanted else wanted - 1} {what}")
    if told["org_id"] != trail.org_id:
        raise Broken(f"event {seq} belongs to another trail")
    if "at" not in told:
        raise Broken(f"event {seq} ({told['id']}) was deleted")
    form = {name: value for name, value in told.items() if name not in NOT_IN_AN_EVENT}
    if chained(trail.last_hash, form) != told["hash"]:
        raise Broken(f"event {seq} ({told['id']}, {told.get('action')}) or its link was changed")
    trail.hashes.append(told["hash"])


def _check_unlinked(trail: Trail, told: dict[str, Any]) -> None:
    if trail.exported_at - datetime.fromisoformat(told["at"]) > PATIENCE:
        raise Broken(f"event {told['id']} was put beside the trail: it has no link")


def _check_head(trail: Trail, statement: str, keys: KeySet) -> int:
    """Hold one head against the trail; returns how many events it covers."""
    try:
        signed = jws.deserialize_compact(statement, keys, algorithms=["ES256"])
        head = json.loads(signed.payload)
        seq, when = int(head["seq"]), datetime.fromtimestamp(head["iat"], UTC)
        told = f"the head of {when:%Y-%m-%d %H:%M} UTC"
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise Broken(f"a head's signature is not good: {statement[:40]}… ({fault})") from None
    if signed.headers().get("typ") != HEAD_TYPE:
        raise Broken("a head is something else that the key signed")
    if head["org"] != trail.org_id:
        raise Broken(f"{told} belongs to another trail")
    if seq > len(trail.hashes):
        raise Broken(f"events after {len(trail.hashes)} were cut off: {told} covers {seq}")
    if trail.hashes[seq - 1] != head["hash"]:
        raise Broken(f"events up to {seq} are not those that {told} signed")
    return seq


def main(arguments: list[str] | None = None) -> int:
    """Verify a file; prints one line and returns 0, or 1 when the trail is broken."""
    parser = argparse.ArgumentParser(prog="trail_verifier", description=__doc__)
    parser.add_argument("file", type=Path, help="an exported trail")
    parser.add_argument("--jwks", type=Path, help="the keys that you trust, as a key set")
    parser.add_argument("--head", type=Path, action="append", default=[], help="a head you kept")
    given = parser.parse_args(arguments)
    try:
        keys = json.loads(given.jwks.read_text(encoding="utf-8")) if given.jwks else None
        heads = [path.read_text(encoding="utf-8").strip() for path in given.head]
        with given.file.open(encoding="utf-8") as lines:
            verdict = verify(lines, keys=keys, heads=heads)
    except Broken as broken:
        print(f"broken: {broken}")
        return 1
    except (OSError, ValueError, JoseError) as fault:
        print(f"cannot verify: {fault}", file=sys.stderr)
        return 2
    print(verdict.sentence())
    return 0


if __name__ == "__main__":
    sys.exit(main())
