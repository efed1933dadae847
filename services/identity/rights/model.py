"""What one person may do in one organization: facts in, one decision out, default deny.

The order is the identity sheet's (section 5): account, organization, membership, module, denial of
the person, denial by a role, grant to the person, grant by a role with its parents, what another
member delegated, and then no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.refusals import Conflict, Forbidden, NotFound
from libs.tenancy.actor import DENIAL, OVERSIGHT, Actor
from services.identity.delegations.model import Delegation
from services.identity.permissions.model import Entry, Source, covered, merged, overlaps
from services.identity.role_catalogue.model import PRIVILEGED

_NOBODY = UUID(int=0)

MODULES = ("planning", "budgeting", "mana", "coordination")
"""The services that an organization can have switched off, which is also their module's name."""


class NotYourMatter(Forbidden):
    """What another person may do is their organization's matter."""

    title = "You may ask this about yourself, and about people whose rights you look after."


class PersonNotFound(NotFound):
    """The person is not known here."""

    title = "There is no such person."


class ReviewTooLarge(Conflict):
    """Taking out more than a thousand people needs a second person (SECURITY 1.5, number 4)."""

    title = "This takes out more than 1,000 people; a second person must approve it first."


MOST_UNAPPROVED = 1000
"""How many people one person may take out alone."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides about one person in one organization at one moment."""

    account: str = "active"
    is_organization_active: bool = True
    is_member: bool = True
    """Whether an active membership or a system-wide grant ties the person to the organization."""
    modules: tuple[str, ...] = MODULES
    roles: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    is_privileged: bool = False

    @property
    def acts(self) -> bool:
        """Tell whether the person acts for the organization at all."""
        return self.account == "active" and self.is_organization_active and self.is_member


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an evaluation, in words."""

    step: str
    passed: bool
    finding: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a person may do something, and each step that led there."""

    allowed: bool
    steps: tuple[Step, ...]
    for_user_id: UUID | None = None
    """Who delegated it, where nothing else allows it."""

    @property
    def why(self) -> str:
        """The step that decided."""
        return self.steps[-1].finding


@dataclass(frozen=True, slots=True)
class Rights:
    """What one user may do in one organization now, as the token says it."""

    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    modules: tuple[str, ...]
    requires_mfa: bool = False
    stands_in: tuple[str, ...] = ()
    """`PERMISSION PERSON ROLE,ROLE` for each permission that the user has for that person alone."""
    ends_at: datetime | None = None
    """When the first delegation among them is over, and no token may say so any longer."""


def decide(facts: Facts, permission: str) -> Decision:
    """Decide about one permission; what nothing grants is denied."""
    steps: list[Step] = []
    for name, passed, finding in _gates(facts, permission):
        steps.append(Step(name, passed, finding))
        if not passed:
            return Decision(allowed=False, steps=tuple(steps))
    for name, is_denial, source in (
        ("denial of the person", True, Source.person),
        ("denial by a role", True, Source.role),
        ("grant to the person", False, Source.person),
        ("grant by a role", False, Source.role),
        ("delegation by another member", False, Source.delegation),
    ):
        found = _first(facts.entries, permission, is_denial=is_denial, source=source)
        if found is None:
            steps.append(Step(name, is_denial, "There is none."))
            continue
        verb = "denies" if is_denial else "grants"
        finding = f"{found.name} {verb} {found.pattern}."
        steps.append(Step(name, not is_denial, finding))
        return Decision(not is_denial, tuple(steps), found.delegator)
    steps.append(Step("default", False, "Nothing grants it, so it is denied."))
    return Decision(allowed=False, steps=tuple(steps))


def rights_of(facts: Facts) -> Rights:
    """Add up what the facts allow, as patterns; a denial stays visible as a denial."""
    granted = [entry.pattern for entry in facts.entries if not entry.is_denial]
    denied = dict.fromkeys(
        f"{DENIAL}{pattern}"
        for pattern in merged(entry.pattern for entry in facts.entries if entry.is_denial)
    )
    own = [entry.pattern for entry in facts.entries if not entry.is_denial and not entry.delegator]
    lent = [each for each in facts.entries if each.delegator and not covered(own, each.pattern)]
    stands_in = {
        each.pattern: f"{each.pattern} {each.delegator} {','.join(each.roles_away)}"
        for each in lent
    }
    return Rights(
        roles=facts.roles,
        permissions=(*merged(granted), *denied),
        modules=facts.modules,
        stands_in=tuple(stands_in.values()),
        ends_at=min((each.ends_at for each in lent if each.ends_at), default=None),
        requires_mfa=facts.is_privileged
        or any(overlaps(each, dangerous) for each in granted for dangerous in PRIVILEGED),
    )


def delegated(held: Iterable[Delegation], own: Mapping[UUID, tuple[str, Facts]]) -> list[Entry]:
    """Return what delegations give, as far as who gave them still has it and acts here.

    `own` are the names and facts of those who gave them, without what was delegated to these:
    that is never passed on.
    """
    found = []
    for one in held:
        name, facts = own.get(one.delegator_id, ("", Facts(is_member=False)))
        patterns = rights_of(facts).permissions if facts.acts else ()
        found += [
            Entry(
                pattern,
                Source.delegation,
                f"A delegation by {name}",
                delegator=one.delegator_id,
                roles_away=facts.roles,
                ends_at=one.ends_at,
            )
            for pattern in one.permissions
            if covered(patterns, pattern)
        ]
    return found


def _gates(facts: Facts, permission: str) -> Iterator[tuple[str, bool, str]]:
    is_active = facts.account == "active"
    yield "account", is_active, f"The account is {facts.account}."
    known = facts.is_organization_active
    yield "organization", known, f"The organization is {'' if known else 'not '}active."
    told = "The person acts" if facts.is_member else "No active membership or grant lets them act"
    yield "membership", facts.is_member, f"{told} for the organization."
    service = permission.split(".", maxsplit=1)[0]
    if service not in MODULES:
        yield "module", True, "It belongs to no module."
    else:
        is_on = service in facts.modules
        yield "module", is_on, f"The module {service} is {'on' if is_on else 'off'}."


def _first(
    entries: Iterable[Entry], permission: str, *, is_denial: bool, source: Source
) -> Entry | None:
    for entry in entries:
        if entry.is_denial is is_denial and entry.source is source:
            probe = (f"{DENIAL}{entry.pattern}", "*.*.*", "oversight.*.*")
            if is_denial and not _may(probe, permission):
                return entry
            if not is_denial and _may((entry.pattern,), permission):
                return entry
    return None


def _may(permissions: tuple[str, ...], permission: str) -> bool:
    """Ask exactly as the services ask a token."""
    return Actor(_NOBODY, _NOBODY, "", permissions=permissions).may(permission)


OBSERVER_ROLE = "observer"
OBSERVER = ("planning,budgeting,mana,coordination.*.read",)
"""What the oversight office sees of one organization while it observes it; it changes nothing."""


def may_observe(rights: Rights) -> bool:
    """Tell whether someone may look into other organizations, by name and for a purpose."""
    return _may(rights.permissions, OVERSIGHT)


def observer_rights(own: Rights | None, modules: Iterable[str] | None) -> Rights | None:
    """Return the rights of an observer, as long as their own office lets them observe."""
    if own is None or modules is None or not may_observe(own):
        return None
    denied = tuple(each for each in own.permissions if each.startswith(DENIAL))
    return Rights(
        roles=(OBSERVER_ROLE,),
        permissions=(*OBSERVER, *denied),
        modules=tuple(modules),
        requires_mfa=True,
    )
