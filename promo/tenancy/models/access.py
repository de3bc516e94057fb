"""API keys: what a machine shows to get in."""

from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models.project import Organisation, Project


class KeyKind(models.TextChoices):
    """What a key opens."""

    SERVER = "server"
    CLIENT = "client"
    MANAGEMENT = "management"


class Integration(models.TextChoices):
    """A platform that calls Promo out of its own templates and flows."""

    AIRSHIP = "airship", "Airship"
    AMPLIENCE = "amplience", "Amplience"
    BLOOMREACH = "bloomreach", "Bloomreach"
    BRAZE = "braze", "Braze"
    CLEVERTAP = "clevertap", "CleverTap"
    COMMERCETOOLS = "commercetools", "commercetools"
    CONTENTFUL = "contentful", "Contentful"
    INFOBIP = "infobip", "Infobip"
    ITERABLE = "iterable", "Iterable"
    MOENGAGE = "moengage", "MoEngage"
    MPARTICLE = "mparticle", "mParticle"
    SALESFORCE = "salesforce", "Salesforce"
    SEGMENT = "segment", "Segment"
    WYNG = "wyng", "Wyng"
    ZAPIER = "zapier", "Zapier"
    ZOHO = "zoho", "Zoho"
    OTHER = "other", "Another platform"


class ApiKey(models.Model):
    """A key pair; of the secret only a salted hash and its end are kept.

    A sandbox project's secrets may be seen again, so those are kept sealed too.
    Server and client keys belong to a project, management keys to an organisation.
    ``allowed_networks`` lists CIDR networks; none admits every address. A server key
    with an ``integration`` is that platform's, and may do less than its role. Until
    ``former_until`` the secret before the last rotation works, too. ``last_used_at`` is
    to the minute, as the API log tells.
    """

    id = PrefixedIdField("key_", primary_key=True, editable=False)
    kind = models.CharField(max_length=10, choices=KeyKind.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="keys"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="keys", null=True, blank=True
    )
    name = models.CharField(max_length=255, blank=True, default="")
    role = models.CharField(max_length=64, default="ADMIN")
    integration = models.CharField(
        max_length=32, choices=Integration.choices, blank=True, default=""
    )
    app_id = models.UUIDField(unique=True)
    salt = models.CharField(max_length=32)
    secret_hash = models.CharField(max_length=64)
    last_four = models.CharField(max_length=4)
    sealed_secret = models.TextField(blank=True, default="")
    allowed_networks = models.JSONField(default=list, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    former_salt = models.CharField(max_length=32, blank=True, default="")
    former_hash = models.CharField(max_length=64, blank=True, default="")
    former_until = models.DateTimeField(
        null=True, blank=True, verbose_name="former secret works until"
    )
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                name="key_has_its_owner",
                condition=models.Q(kind="management", project=None)
                | models.Q(kind__in=["server", "client"], project__isnull=False),
            ),
            models.CheckConstraint(
                name="integration_has_a_server_key",
                condition=models.Q(integration="") | models.Q(kind="server"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.kind} …{self.last_four}"
