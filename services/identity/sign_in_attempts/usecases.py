"""What can be done with sign-in attempts: begin one, note a failure, forgive a success."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.sign_in_attempts import queries
from services.identity.sign_in_attempts.model import ANY_ACCOUNT, ANY_NETWORK, account_digest


async def begin_attempt(uow: UnitOfWork, account: str, bucket: str, *, network: str | None) -> None:
    """Let one attempt begin, or refuse it while the wait lasts. Commit before it is tried.

    `bucket` is the network it comes from, or a device that the account's owner has used before:
    that one counts for itself, so that no stranger's failures stand in its way.
    """
    if network is not None:
        await check_network(uow, network)
    attempts = await queries.get_attempts(uow.session, account_digest(account), bucket, uow.now())
    attempts.begin(uow.now())


async def check_network(uow: UnitOfWork, network: str) -> None:
    """Refuse a network from which too much has failed within the hour."""
    everyone = await queries.find_attempts(uow.session, ANY_ACCOUNT, network)
    if everyone is not None:
        everyone.check_network(uow.now())


async def note_failure(uow: UnitOfWork, network: str) -> None:
    """Count a failed attempt against its network."""
    everyone = await queries.get_attempts(uow.session, ANY_ACCOUNT, network, uow.now())
    everyone.fail(uow.now())


async def is_alarming(uow: UnitOfWork, account: str) -> bool:
    """Count a failure of an account from wherever; True when ten fell into one hour.

    Signing in forgives nothing here: whose account it is does not know of the guesses. Accounts
    that nobody has are counted as well, so that both take as long.
    """
    digest = account_digest(f"alarm {account}")
    attempts = await queries.get_attempts(uow.session, digest, ANY_NETWORK, uow.now())
    return attempts.is_telling(uow.now())


async def forgive(uow: UnitOfWork, account: str, bucket: str) -> None:
    """Forget the failures of an account after its owner has signed in."""
    await queries.delete_attempts(uow.session, account_digest(account), bucket)
