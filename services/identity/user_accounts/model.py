"""What administrators may not do to an account."""

from __future__ import annotations

from libs.refusals import Conflict, Forbidden, Invalid


class OwnAccount(Forbidden):
    """Nobody locks themselves out, or lets themselves in."""

    title = "You cannot do this to your own account."


class ServesElsewhere(Conflict):
    """An organization looks after people who are its own alone."""

    title = "This person serves another office too; end their membership, or ask the platform."


class LockEndsInPast(Invalid):
    """A lock that has ended locks nothing."""

    title = "A lock must end later than now."


class NoFactor(Conflict):
    """There is nothing that could have been lost."""

    title = "The person has no second factor; whoever needs one sets it up at the next sign-in."
