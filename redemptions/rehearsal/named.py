"""Customers and orders as a person names them, as the API would."""

from promo.ids import parse_or_none
from promo.tenancy.models import Project


def customer_named(project: Project, text: str) -> dict[str, str]:
    """Return the customer by id, else by source id, else by e-mail address.

    An empty text names nobody.
    """
    if not text:
        return {}
    if parse_or_none("cust_", text):
        return {"id": text}
    rows = project.customers.order_by("-created_at")
    if "@" in text and not rows.filter(source_id=text).exists():
        found = rows.filter(email=text).first()
        if found is not None:
            return {"id": found.pk}
    return {"source_id": text}


def order_named(project: Project, text: str) -> dict[str, str] | None:
    """Return the stored order by id, else by source id; None for one that is not."""
    rows = project.orders.alive()
    by_id = parse_or_none("ord_", text)
    found = rows.filter(pk=text) if by_id else rows.filter(source_id=text)
    order_id = found.values_list("pk", flat=True).first()
    return {"id": order_id} if order_id else None
