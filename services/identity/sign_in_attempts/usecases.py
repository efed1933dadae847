"""What can be done with sign-in attempts: begin one, note a failure, forgive a success."""

from __future__ import annotations

from libs.outbox.uow import UnitOfWork
from services.identity.sign_in_attempts import queries
from services.identity.sign_in_attempts.model import ANY_ACCOUNT, account_digest


async def begin_attempt(uow: UnitOfWork, email: str, network: str) -> None:
    """Let one attempt begin, or refuse it while the wait lasts. Commit before it is tried."""
    everyone = await queries.find_attempts(uow.session, ANY_ACCOUNT, network)
    if everyone is not None:
        everyone.check_network(uow.now())
    attempts = await queries.get_attempts(uow.session, account_digest(email), network, uow.now())
    attempts.begin(uow.now())


async def note_failure(uow: UnitOfWork, network: str) -> None:
    """Count a failed attempt against its network."""
    everyone = await queries.get_attempts(uow.session, ANY_ACCOUNT, network, uow.now())
    everyone.fail(uow.now())


async def forgive(uow: UnitOfWork, email: str, network: str) -> None:
    """Forget the failures of an account after its owner has signed in."""
    attempts = await queries.find_attempts(uow.session, account_digest(email), network)
    if attempts is not None:
        await uow.session.delete(attempts)
