import pytest

from libs.chassis.sealing import CannotUnseal, Sealer, UnusableKey


def test_a_sealed_secret_is_read_again_and_never_looks_the_same_twice() -> None:
    sealer = Sealer(Sealer.new_key())
    once, again = (sealer.seal(b"the seed", place="factors.secret:1") for _ in range(2))
    assert once != again
    assert b"the seed" not in once
    assert sealer.unseal(once, place="factors.secret:1") == b"the seed"


def test_a_secret_moved_to_another_place_or_changed_or_under_another_key_is_refused() -> None:
    sealer = Sealer(Sealer.new_key())
    sealed = sealer.seal(b"the seed", place="factors.secret:1")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for cipher, text, place in (
        (sealer, sealed, "factors.secret:2"),
        (sealer, changed, "factors.secret:1"),
        (sealer, b"\x01short", "factors.secret:1"),
        (sealer, b"\x02" + sealed[1:], "factors.secret:1"),
        (Sealer(Sealer.new_key()), sealed, "factors.secret:1"),
    ):
        with pytest.raises(CannotUnseal):
            cipher.unseal(text, place=place)


@pytest.mark.parametrize("key", ["", "short", "*" * 44, "AAAA"])
def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(UnusableKey):
        Sealer(key)
