"""What redeeming would do at any moment, asked by a person; nothing is written."""

from datetime import datetime

from django.db import connection, transaction

from promo.tenancy.models import Project
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
