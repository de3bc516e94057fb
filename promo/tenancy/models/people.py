"""People who sign in, and what they may do in which project."""

from typing import ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, Group
from django.db import models

from promo.ids import PrefixedIdField
from promo.tenancy.models.project import Project


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

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # ours makes people without a username

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """A person's role in one project; the role is a Django group."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.ForeignKey(
        Group, on_delete=models.PROTECT, related_name="memberships"
    )

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="one_role_per_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role_id} {self.project_id}"
