"""What the operations store forgets after a while: history that nobody looks back on any more.

Never what is still so: the newest transition of a table before the limit, which says how it stood then, the newest
incident of each subject, whose number the next one goes on from, and messages of what is not resolved. Notes stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, delete, func, select

from sg_assets.api_calls import api_call
from sg_assets.message import Kind
from sg_assets.operations_incidents import incident, transition
from sg_assets.outbox import delivery, message

ENDED = (str(Kind.RESOLVED), str(Kind.DIGEST))


def forget(engine: Engine, before: datetime) -> Mapping[str, int]:
    """Remove what was over before an instant; gives how many rows of each table were."""
    gone: list[tuple[Table, ColumnElement[bool]]] = [
        (transition, _has_later_transition(before)),
        (incident, _is_resolved_and_not_the_newest(before)),
        (message, _is_of_one_that_ended(before)),
        (delivery, delivery.c.message_id.not_in(select(message.c.id))),
        (api_call, api_call.c.day_on < before.date()),
    ]
    with engine.begin() as connection:
        return {table.name: connection.execute(delete(table).where(which)).rowcount for table, which in gone}


def _has_later_transition(before: datetime) -> ColumnElement[bool]:
    """Old transitions that do not say how a table stood at the limit."""
    newest = (
        select(func.max(transition.c.id)).where(transition.c.recorded_at < before).group_by(transition.c.table_name)
    )
    return (transition.c.recorded_at < before) & transition.c.id.not_in(newest)


def _is_resolved_and_not_the_newest(before: datetime) -> ColumnElement[bool]:
    others = incident.alias("others")
    newest = select(func.max(others.c.number)).where(others.c.subject == incident.c.subject).scalar_subquery()
    return (incident.c.resolved_at < before) & (incident.c.number < newest)


def _is_of_one_that_ended(before: datetime) -> ColumnElement[bool]:
    """Messages of incidents whose last one is old; a digest is an incident of its own."""
    last = message.alias("last")
    ended = select(last.c.incident).where(last.c.kind.in_(ENDED), last.c.created_at < before)
    return message.c.incident.in_(ended)
