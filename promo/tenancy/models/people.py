"""People who sign in, and what they may do in which project."""

from typing import ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models.functions import Lower

from promo.ids import PrefixedIdField
from promo.tenancy.models.project import Project
from promo.tenancy.permissions import ALL, BY_PERSON_ROLE, TITLES


class UserManager(BaseUserManager["User"]):
    """Makes people who sign in with their e-mail address."""

    use_in_migrations = True

    def create_user(
        self, email: str, password: str | None = None, **fields: object
    ) -> "User":
        """Return a new stored person; without a password nobody can sign in."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: object
    ) -> "User":
        """Return a new person who may do everything everywhere."""
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractUser):
    """A person; the e-mail address is the login."""

    id = PrefixedIdField("user_", primary_key=True, editable=False)
    username = None  # type: ignore[assignment]  # the e-mail address takes its place
    email = models.EmailField(unique=True)
    #: Projects whose first steps the person has put away.
    without_first_steps = models.ManyToManyField(Project, related_name="+", blank=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # ours makes people without a username

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.email


class CustomRole(models.Model):
    """A role of a project's own.

    ``permissions`` lists codes; those of ``limited`` become a request that somebody
    else approves: one of ``approvers``, or without any whoever may decide.
    """

    id = PrefixedIdField("role_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="custom_roles"
    )
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=255, blank=True, default="")
    permissions = models.JSONField(default=list, blank=True)
    limited = models.JSONField(default=list, blank=True)
    approvers = models.ManyToManyField(
        "tenancy.Membership", related_name="approves_for", blank=True
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "role"
        constraints = [
            models.UniqueConstraint(
                "project", Lower("name"), name="one_custom_role_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class HoldsRole(models.Model):
    """What gives somebody a role: one that every project has, or one of its own."""

    role = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="%(class)ss")
    custom_role = models.ForeignKey(
        CustomRole,
        on_delete=models.RESTRICT,
        related_name="%(class)ss",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True

    @property
    def permissions(self) -> frozenset[str]:
        """The codes that the role holds, those that need approval included."""
        if self.custom_role is not None:
            return frozenset(self.custom_role.permissions) & ALL
        return BY_PERSON_ROLE.get(self.role.name, frozenset())

    @property
    def limited(self) -> frozenset[str]:
        """The codes that only make a request."""
        if self.custom_role is None:
            return frozenset()
        return frozenset(self.custom_role.limited) & self.permissions

    @property
    def role_key(self) -> str:
        """The role as services take it: its name, or the id of a project's own."""
        return self.custom_role_id or self.role.name

    @property
    def role_title(self) -> str:
        """The role as people read it."""
        return str(self.custom_role or TITLES.get(self.role.name, self.role.name))


class Membership(HoldsRole):
    """A person's role in one project; the role is a Django group."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="memberships"
    )

    class Meta:
        ordering = ["project", "user"]
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="one_role_per_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role_id} {self.project_id}"


class Invitation(HoldsRole):
    """Somebody asked into a project by e-mail; until they accept it changes nothing.

    The link carries ``id`` and ``round``: inviting again makes older links void.
    """

    id = PrefixedIdField("inv_", primary_key=True, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    round = models.PositiveIntegerField(default=1)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                "project", Lower("email"), name="one_invitation_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.email


class Letter(models.Model):
    """An e-mail to somebody of the team that waits to go out; gone once it did."""

    recipient = models.EmailField()
    subject = models.CharField(max_length=255)
    text = models.TextField()
    created_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.subject
