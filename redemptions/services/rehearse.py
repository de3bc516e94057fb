"""What redeeming would do at any moment, asked by a person; nothing is written."""

from copy import copy
from datetime import datetime

from django.db import connection, transaction

from promo.tenancy.models import Project
from redemptions.services.qualify import (
    MOST,
    Qualified,
    Wanted,
    qualify_candidates,
)
from redemptions.services.requests import CheckoutRequest
from redemptions.services.validate import Validation, validate


def rehearse(
    *, project: Project, request: CheckoutRequest, now: datetime
) -> Validation:
    """Validate ``request`` as if it were ``now``, in a transaction that cannot write.

    Raises:
        BadRequest: duplicated redeemables, too many, or two identities.
        ResourceNotFound: the customer's or the order's id names nobody.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return validate(project=project, request=request, now=now)


def rehearse_qualification(
    *, project: Project, request: CheckoutRequest, now: datetime
) -> Qualified:
    """Return what could apply as if it were ``now``, the best deals first.

    In a transaction that cannot write. Each offer is calculated alone; ``MOST`` at
    most. Rules about the order's amount are asked, whatever the project has the API
    do: the cart is all there.

    Raises:
        BadRequest: two identities, or discounts beyond the order's amount.
        ResourceNotFound: the customer's or the order's id names nobody.
        MetadataRefused: a schema of the project forbids metadata.
    """
    wanted = Wanted(sorting_rule="BEST_DEAL", limit=MOST)
    asking = copy(project)
    asking.qualification_checks_order_amount = True
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return qualify_candidates(
            project=asking, request=request, wanted=wanted, now=now
        )
