"""Raising and clearing alerts: what the tables say against what is open."""

from __future__ import annotations

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.budgeting.alerts.events import AlertCleared, AlertRaised
from services.budgeting.alerts.model import Alert
from services.budgeting.alerts.queries import (
    hold_open_alerts,
    list_findings,
    list_live_organizations,
)
from services.budgeting.alerts.schemas import AlertsChecked


async def check_alerts(uow: UnitOfWork) -> AlertsChecked:
    """Raise what is new, clear what is gone, and leave what is the same as it is."""
    held = await hold_open_alerts(uow.session, uow.actor.org_id)
    today = uow.today()
    found = {each.key: each for each in await list_findings(uow.session, uow.actor.org_id, today)}
    cleared = 0
    for alert in held:
        finding = found.pop((alert.alert_type, alert.subject_id), None)
        if finding is None:
            alert.cleared_at = uow.now()
            cleared += 1
            uow.publish(AlertCleared.about(alert), of=alert)
            continue
        alert.subject_title, alert.detail = finding.subject_title, finding.detail
        if alert.severity != finding.severity:
            alert.severity = finding.severity
            uow.publish(AlertRaised.about(alert), of=alert)
    new = [
        Alert(
            alert_type=each.alert_type,
            severity=each.severity,
            subject_type=each.subject_type,
            subject_id=each.subject_id,
            subject_title=each.subject_title,
            detail=each.detail,
        )
        for each in found.values()
    ]
    uow.session.add_all(new)
    await uow.session.flush()
    for alert in new:
        uow.publish(AlertRaised.about(alert), of=alert)
    return AlertsChecked(raised=len(new), cleared=cleared, open=len(held) - cleared + len(new))


async def check_alerts_daily(database: Database) -> None:
    """Check every organization that is not retired, each in its own transaction."""
    async with database.sessions() as session:
        organizations = await list_live_organizations(session)
    for org_id in organizations:
        async with database.unit_of_work(Actor.system(org_id)) as uow:
            await check_alerts(uow)
