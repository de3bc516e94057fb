"""People who have yet to say, by a link in an e-mail, that they are who they say."""

from django.db import models
from django.db.models.functions import Lower

from customers.models.customer import Customer
from promo.ids import PrefixedIdField
from promo.tenancy.models import Project

UNCONFIRMED_PREFIX = "ucust_"


class UnconfirmedCustomer(models.Model):
    """A profile as sent from a browser, until its address is confirmed.

    ``profile`` holds the fields with ``source_id``, as in JSON. ``mailed_at`` is
    when the link went out, ``claimed_until`` how long somebody may be at sending it.
    Confirmed, it only leads to its ``customer``; after ``expires_at`` it is nothing.

    Source: data specification, "Consents, double opt-in, preference centre".
    """

    id = PrefixedIdField(UNCONFIRMED_PREFIX, primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="unconfirmed_customers"
    )
    email = models.CharField(max_length=320, blank=True, default="")
    profile = models.JSONField(default=dict)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="confirmations",
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            # Who asks again before confirming gets the same link, not more mail.
            models.UniqueConstraint(
                models.F("project"),
                Lower("email"),
                name="one_pending_confirmation_an_address",
                condition=models.Q(confirmed_at=None),
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="unconfirmed_by_expiry"),
            models.Index(
                fields=["id"],
                name="unconfirmed_to_mail",
                condition=models.Q(mailed_at=None, confirmed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.pk
