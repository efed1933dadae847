"""Identity over HTTP: the composition root names the slices."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from libs.chassis.http import install
from libs.refusals import Forbidden
from libs.tenancy.denials import DenySet
from services.identity.access_reviews import routes as access_reviews
from services.identity.accounts import routes as accounts
from services.identity.allowed_clients import routes as allowed_clients
from services.identity.approvals import routes as approvals
from services.identity.audit_chains import routes as audit_chains
from services.identity.audit_events import routes as audit_events
from services.identity.authorization_requests import routes as authorization_requests
from services.identity.authorizations import routes as authorizations
from services.identity.clients import routes as clients
from services.identity.consents import routes as consents
from services.identity.db import Base
from services.identity.delegations import routes as delegations
from services.identity.device_authorizations import routes as device_authorizations
from services.identity.factors import routes as factors
from services.identity.focal_designations import routes as focal_designations
from services.identity.grants import routes as grants
from services.identity.imports import routes as imports
from services.identity.invitations import routes as invitations
from services.identity.logout_requests import routes as logout_requests
from services.identity.memberships import routes as memberships
from services.identity.organizations import routes as organizations
from services.identity.password_resets import routes as password_resets
from services.identity.register import routes as register
from services.identity.registrations import routes as registrations
from services.identity.revocations.usecases import checking
from services.identity.rights import routes as rights
from services.identity.role_permissions import routes as role_permissions
from services.identity.roles import routes as roles
from services.identity.settings import Settings, load_settings
from services.identity.sign_ins import routes as sign_ins
from services.identity.signing_keys import routes as signing_keys
from services.identity.system_grants import routes as system_grants
from services.identity.token_requests import routes as token_requests
from services.identity.user_accounts import routes as user_accounts
from services.identity.userinfo import routes as userinfo
from services.identity.wave_boards import routes as wave_boards
from services.identity.waves import routes as waves
from services.identity.welcomes import routes as welcomes

MOST_FORM_BYTES = 64 * 1024
"""What a sign-in form or a token request can need at the most."""


APIS = (
    register,
    organizations,
    waves,
    wave_boards,
    clients,
    consents,
    memberships,
    invitations,
    imports,
    audit_events,
    audit_chains,
    roles,
    role_permissions,
    delegations,
    grants,
    rights,
    approvals,
    access_reviews,
    user_accounts,
    system_grants,
    focal_designations,
    registrations,
)
# Routes are tried one after the other: those that every sign-in passes through come first.
WAY_IN = (authorization_requests, sign_ins, token_requests)
PAGES = (
    accounts,
    factors,
    allowed_clients,
    password_resets,
    welcomes,
    signing_keys,
    authorizations,
    device_authorizations,
    userinfo,
    logout_requests,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the identity application; settings come from the environment when not given."""
    settings = settings or load_settings()
    app = install(
        service="identity",
        settings=settings,
        metadata=Base.metadata,
        title="BMMS Identity",
        description="The register of organizations, their members, and who the caller is.",
    )
    # Authlib writes whole tokens at DEBUG.
    logging.getLogger("authlib").setLevel(logging.INFO)
    app.state.settings = settings
    # Identity decides what is revoked: it asks its own database, and needs no feed.
    app.state.feed = None
    app.state.verifier.denied = DenySet.complete()
    app.state.check_revoked = checking(app.state.database)
    _include(app)
    app.add_exception_handler(Forbidden, audit_events.tell_denied)
    static = Path(__file__).parent / "static"
    app.mount("/static/identity", StaticFiles(directory=static), name="static")
    return app


def _include(app: FastAPI) -> None:
    for pages in WAY_IN:
        app.include_router(pages.router, max_body_size=MOST_FORM_BYTES)
    for api in APIS:
        app.include_router(api.router)
    for pages in PAGES:
        app.include_router(pages.router, max_body_size=MOST_FORM_BYTES)
    for other in (
        memberships.me_router,
        roles.catalogue_router,
        grants.single_router,
        rights.check_router,
        user_accounts.member_router,
        user_accounts.grant_router,
        audit_events.platform_router,
        audit_chains.trail_router,
        audit_chains.keys_router,
        registrations.public_router,
        registrations.page_router,
        registrations.applicant_router,
        accounts.elsewhere_router,
    ):
        app.include_router(other)
