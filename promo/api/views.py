"""The base of every endpoint: who asks, in which project, and whether they may."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from promo.api.authentication import ClientKey, origin_is_trusted
from promo.clock import utc_now
from promo.errors import Forbidden, MissingPermission
from promo.tenancy.credentials import Credential
from promo.tenancy.models import Project


class ApiView(APIView):
    """A view of one project, reached with a key.

    ``permissions`` maps an HTTP method to the permission code it needs; a method
    that is not listed needs ``permission``.
    """

    permission: ClassVar[str] = ""
    permissions: ClassVar[dict[str, str]] = {}

    @cached_property
    def now(self) -> datetime:
        """The moment of this request, read once."""
        return utc_now()

    @property
    def credential(self) -> Credential:
        """The key that the caller showed."""
        credential: Credential = self.request.auth  # type: ignore[assignment]  # ours authenticates
        return credential

    @property
    def project(self) -> Project:
        """The project of the key; an unsaved one while the schema is drawn."""
        if getattr(self, "swagger_fake_view", False):
            return Project()
        project = self.credential.project
        if project is None:
            raise Forbidden
        return project

    def required_permission(self) -> str:
        """Return the code that the running request needs; empty for none."""
        return self.permissions.get(str(self.request.method), self.permission)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        code = self.required_permission()
        if code and code not in self.credential.permissions:
            details = f"The role {self.credential.key.role} lacks {code}"
            raise MissingPermission(details)


class ClientView(ApiView):
    """A view for browsers: the origin must be trusted, the switch be on."""

    authentication_classes = (ClientKey,)
    switch: ClassVar[str] = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super(ApiView, self).initial(request, *args, **kwargs)
        origin = request.META.get("HTTP_ORIGIN", "")
        if not origin_is_trusted(origin, self.project.client_trusted_domains):
            details = f"Origin {origin or 'missing'} is not trusted"
            raise Forbidden(details)
        if self.switch and not getattr(self.project, self.switch):
            details = f"The project setting {self.switch} is off"
            raise Forbidden(details)
