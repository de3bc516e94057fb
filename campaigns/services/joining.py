"""Who joined a campaign that is joined once, while codes are deleted and restored.

Source: campaigns specification, "Publications".
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from campaigns.models import Publication, Voucher
from campaigns.services.worth import invalid_voucher


def leave(voucher: Voucher) -> list[str]:
    """Let who joined by a code that is being deleted join anew.

    Return the ids of the publications that said so. The caller holds the code, which
    nobody else publishes meanwhile.
    """
    joined = list(
        voucher.publications.filter(joined_once=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if joined:
        Publication.objects.filter(pk__in=joined).update(joined_once=False)
    return joined


def rejoin(publication_ids: Sequence[str]) -> None:
    """Let publications of a restored code say again that their customers joined.

    Raises:
        BadRequest: ``invalid_voucher``; a customer has joined by another code.
    """
    if not publication_ids:
        return
    try:
        with transaction.atomic():
            rows = Publication.objects.filter(pk__in=publication_ids)
            rows.exclude(customer=None).update(joined_once=True)
    except IntegrityError as taken:
        details = "Its customer has joined the campaign by another code since"
        raise invalid_voucher(details) from taken
