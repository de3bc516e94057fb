"""What must hold before a campaign may be changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from campaigns.models import Campaign, PoolType, WorkStatus
from campaigns.services.access import check_change
from campaigns.services.worth import invalid_campaign
from promo.errors import ResourceNotFound, ResourceProtected
from promo.tenancy.models import Project

BUSY = frozenset({WorkStatus.IN_PROGRESS, WorkStatus.MODIFYING})
# PostgreSQL looks for circles of waiting after a second.
_PATIENCE = "250ms"


class InTheWay(Exception):
    """Somebody else holds or has changed what is needed: begin again, a bit later."""


@contextmanager
def giving_way() -> Iterator[None]:
    """Wait for nobody longer than a moment.

    Whoever makes codes in bulk has them first and takes the campaign after them, so
    that it is held briefly: the other way round than everybody else. Two could wait
    for each other in a circle; this one lets go before anybody is the worse for it.
    The caller's savepoint has to be around it.

    Raises:
        InTheWay: what others hold was not to be had.
    """
    _wait_at_most(f"'{_PATIENCE}'")
    try:
        yield
    except OperationalError as waited:
        if not isinstance(waited.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        raise InTheWay from waited
    _wait_at_most("DEFAULT")


def _wait_at_most(patience: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout TO {patience}")


def lock_alive(project: Project, campaign_id: str) -> Campaign | None:
    """Return a campaign as it is now, held until the commit; None when deleted.

    Whoever makes or deletes codes takes the campaign first and the codes after it,
    so that two of them cannot wait for each other; bulk work gives way instead.
    """
    rows = project.campaigns.alive().select_related("category")
    stored = rows.select_for_update(no_key=True, of=("self",)).filter(pk=campaign_id)
    found = stored.first()
    if found is not None:
        found.project = project
    return found


def lock_campaign(campaign: Campaign) -> Campaign:
    """Return the row behind ``campaign``, held until the commit, to be changed.

    Raises:
        ResourceNotFound: it has been deleted meanwhile.
        ResourceProtected: nobody may change it.
        Forbidden: a restricted caller is not everywhere that it runs.
    """
    found = lock_alive(campaign.project, campaign.pk)
    if found is None:
        raise ResourceNotFound("campaign", campaign.pk)
    check_unprotected(found)
    check_change(found)
    return found


def check_unprotected(campaign: Campaign) -> None:
    """Refuse to change a campaign that nobody may change.

    Raises:
        ResourceProtected: it is one.
    """
    if campaign.protected:
        raise ResourceProtected(
            f"Resource campaign with id {campaign.pk} is protected and cannot be "
            "modified",
            resource_id=campaign.pk,
            resource_type="campaign",
        )


def check_idle(campaign: Campaign) -> None:
    """Refuse a change while the campaign is being made or its codes rewritten.

    Raises:
        BadRequest: ``invalid_campaign``.
    """
    if campaign.creation_status in BUSY:
        raise invalid_campaign("campaign is being processed")


def check_takes_codes(campaign: Campaign) -> None:
    """Refuse further codes for a promotion or a campaign of one generic code.

    Raises:
        BadRequest: ``invalid_campaign``.
    """
    if not campaign.has_codes or campaign.type == PoolType.STANDALONE:
        kind = PoolType.STANDALONE if campaign.has_codes else campaign.campaign_type
        raise invalid_campaign(
            f"You can not generate vouchers for {kind} type campaign."
        )
