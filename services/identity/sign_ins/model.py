"""What can stand between a person and their session."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from libs.refusals import Refusal
from services.identity.organizations.model import Organization
from services.identity.sessions.model import SignInSession, Step
from services.identity.users.model import User

MOST_UNSEARCHED = 7
"""More organizations than these are searched, not only listed (identity sheet, appendix A)."""


class WrongCredentials(Refusal):
    """Address or password is wrong, or the account is closed; nobody learns which: 401."""

    status = 401
    title = "The e-mail address, user name or password is not right."


class NotThisStep(Refusal):
    """The browser is not at this step of a sign-in: 409."""

    status = 409
    title = "Sign in from the beginning."


@dataclass(frozen=True, slots=True)
class Browser:
    """What is known of the browser that someone sits before."""

    network: str
    label: str
    device_secret: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sign-in has come: the cookie's new secret, and what is still awaited."""

    secret: str
    awaits: Step | None
    language: str
    has_choice: bool = False


def first_step(
    session: SignInSession, user: User, *, has_factor: bool, needs_factor: bool
) -> Step | None:
    """Return what the person owes next; None when the session proves who they are."""
    if has_factor and not session.has_second_factor:
        return Step.second_factor
    if user.must_change_password:
        return Step.new_password
    if needs_factor and not session.has_second_factor:
        return Step.enrolment
    return None


def factor_account(user_id: UUID) -> str:
    """Return the name under which wrong second factors of a person are counted.

    Whoever can cause a wait here knows the password already.
    """
    return f"second factor {user_id}"


def is_meant(organization: Organization, words: str) -> bool:
    """Tell whether every word of a search is part of what an organization is called."""
    names = (
        organization.code,
        organization.acronym,
        organization.name,
        organization.official_name,
    )
    called = " ".join(names).casefold()
    return all(word in called for word in words.casefold().split())
