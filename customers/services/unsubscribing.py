"""Stopping all messages of a kind at once, as mail programs offer it.

Source: data specification, "Consents, double opt-in, preference centre"; RFC 8058.
"""

from contextlib import suppress
from datetime import datetime

from customers.models import Consent, ConsentCategory, Customer
from customers.services.consent import choose_consents, create_consent
from promo.errors import Duplicate
from promo.tenancy.models import Project

CHANNEL = "ONE_CLICK"
_NAME = "Messages by e-mail"


def stop_emails(customer: Customer, *, now: datetime) -> None:
    """Keep that the customer says no to every consent for e-mail.

    A project that asks for none gets one, so that the no is kept somewhere.

    Raises:
        ResourceNotFound: the customer is deleted meanwhile.
    """
    project = customer.project
    asked = _for_email(project)
    if not asked:
        with suppress(Duplicate):
            create_consent(
                project=project, now=now, name=_NAME, category=ConsentCategory.EMAIL
            )
        asked = _for_email(project)
    refused = {one.pk: False for one in asked}
    choose_consents(customer, refused, now=now, channel=CHANNEL)


def _for_email(project: Project) -> list[Consent]:
    return list(project.consents.filter(category=ConsentCategory.EMAIL))
