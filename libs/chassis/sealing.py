"""Sealer: keeps a secret in the database so that the database alone does not tell it.

For what must be read again (a private key, a one-time-password seed, a letter that carries a
link); what is only compared is stored as a digest instead.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORM = b"\x01"


class CannotUnseal(Exception):
    """The secret was sealed with another key, for another place, or was changed since."""


class UnusableKey(ValueError):
    """The sealing key of an installation is 32 bytes in base64."""


class Sealer:
    """AES-256-GCM with one key per installation; `place` binds a secret to where it stands."""

    def __init__(self, key: str) -> None:
        """Take the key as the environment gives it: 32 bytes in base64 (either alphabet)."""
        try:
            raw = base64.b64decode(key.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise UnusableKey("a sealing key is 32 bytes in base64") from error
        if len(raw) != KEY_BYTES:
            raise UnusableKey(f"a sealing key is 32 bytes in base64, not {len(raw)}")
        self._cipher = AESGCM(raw)

    @staticmethod
    def new_key() -> str:
        """Return a fresh random key for the environment."""
        return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")

    def seal(self, secret: bytes, *, place: str) -> bytes:
        """Return the sealed secret; `place` names table, column and row, and is not stored."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, secret, place.encode())

    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        """Return the secret; raises CannotUnseal for another key, place or content."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORM or len(nonce) < _NONCE_BYTES:
            raise CannotUnseal("not a sealed secret")
        try:
            return self._cipher.decrypt(nonce, text, place.encode())
        except InvalidTag:
            raise CannotUnseal("sealed with another key or for another place") from None
