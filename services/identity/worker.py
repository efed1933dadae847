"""Identity's other process: relays its events, delivers mails and notices, tells what is revoked.

It listens to nobody.
"""

from __future__ import annotations

from libs.chassis.database import Database
from libs.chassis.revocation_feed import broadcasting
from libs.chassis.worker import Duty, every, run_worker
from services.identity.audit_chains.usecases import link_events, sign_heads
from services.identity.authorization_requests.usecases import forget_expired_requests
from services.identity.clearances.usecases import clear_away
from services.identity.db import Base
from services.identity.deliveries.usecases import deliver_mails, post_of
from services.identity.imports.usecases import run_waiting_import
from services.identity.logouts.usecases import deliveries
from services.identity.registrations.usecases import expire_registrations
from services.identity.revocations.usecases import forget_revocations, tell_live, tell_recent
from services.identity.settings import Settings, load_settings
from services.identity.signing_keys.usecases import turn_keys

MAIL_SECONDS = 2
IMPORT_SECONDS = 2
LOGOUT_SECONDS = 2
FORGETTING_SECONDS = 60
KEY_SECONDS = 600
LINK_SECONDS = 1
EXPIRY_SECONDS = 3600
HEAD_SECONDS = 60


def duties_of(settings: Settings) -> list[Duty]:
    """Return what this process does besides relaying."""
    post = post_of(settings)

    async def deliver(database: Database) -> bool:
        return post is not None and await deliver_mails(database, post, settings)

    async def take_import(database: Database) -> bool:
        return await run_waiting_import(database, settings.issuer)

    return [
        every(MAIL_SECONDS, deliver),
        every(IMPORT_SECONDS, take_import),
        every(LOGOUT_SECONDS, deliveries(settings.issuer)),
        every(FORGETTING_SECONDS, forget_revocations),
        every(FORGETTING_SECONDS, forget_expired_requests),
        every(FORGETTING_SECONDS, clear_away),
        every(KEY_SECONDS, turn_keys),
        every(EXPIRY_SECONDS, expire_registrations),
        every(LINK_SECONDS, link_events),
        every(HEAD_SECONDS, sign_heads),
        broadcasting(settings.nats_url, tell_recent, tell_live),
    ]


if __name__ == "__main__":
    told = load_settings()
    run_worker("identity", told, Base.metadata, duties=duties_of(told))
