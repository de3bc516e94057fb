"""The base of every endpoint: who asks, in which project, and whether they may."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from promo import ids
from promo.api import idempotency
from promo.api.authentication import ClientKey, ManagementKey
from promo.api.fields import ListOf
from promo.api.models import IdempotentAnswer
from promo.api.origins import origin_is_trusted
from promo.api.problems import sentence
from promo.api.reading import read_body
from promo.api.serializers import ApiSerializer
from promo.clock import utc_now
from promo.errors import (
    Forbidden,
    InvalidPayload,
    InvalidQueryParams,
    MissingPermission,
    ResourceNotFound,
)
from promo.tenancy.credentials import Credential
from promo.tenancy.models import Organisation, Project

_SERVER_ERROR = 500


class ApiView(APIView):
    """A view of one project, reached with a key.

    ``permissions`` maps an HTTP method to the permission code it needs; a method
    that is not listed needs ``permission``. Checks run in the documented order:
    key, address, origin and switch, permission, and only then the body. A POST to a
    project honours ``Idempotency-Key``.
    """

    permission: ClassVar[str] = ""
    permissions: ClassVar[Mapping[str, str]] = {}
    _claim: IdempotentAnswer | None = None

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
        self.perform_authentication(request)
        self.check_caller(request)
        code = self.required_permission()
        if code and code not in self.credential.permissions:
            details = f"The role {self.credential.key.role} lacks {code}"
            raise MissingPermission(details)
        super().initial(request, *args, **kwargs)
        self._claim_key(request)

    def check_caller(self, request: Request) -> None:
        """Refuse a caller whom this surface does not serve."""

    def parse(
        self, serializer_class: type[ApiSerializer], *, partial: bool = False
    ) -> dict[str, Any]:
        """Return the body as ``serializer_class`` reads it.

        Raises:
            InvalidPayload: it does not fit; the details name the first problem.
        """
        return self.parse_sent(self.request.data, serializer_class, partial=partial)

    def parse_sent(
        self, sent: Any, serializer_class: type[ApiSerializer], *, partial: bool = False
    ) -> dict[str, Any]:
        """Return ``sent``, which stands for a body, as ``serializer_class`` reads it.

        Raises:
            InvalidPayload: it does not fit; the details name the first problem.
        """
        return read_body(sent, serializer_class, partial=partial)

    def parse_list(
        self, item_class: type[ApiSerializer], *, most: int
    ) -> list[dict[str, Any]]:
        """Return the body, an array of 1 to ``most`` items that ``item_class`` reads.

        Raises:
            InvalidPayload: it does not fit; the details name the first problem.
        """
        try:
            reader = ListOf(item_class(), fewest=1, most=most)
            items: list[dict[str, Any]] = reader.run_validation(self.request.data)
        except ValidationError as refused:
            raise InvalidPayload(sentence(refused.detail)) from refused
        return items

    def _claim_key(self, request: Request) -> None:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key or self.credential.project is None:
            return
        if len(key) > idempotency.LONGEST_KEY:
            details = "Header Idempotency-Key must NOT have more than 255 characters"
            raise InvalidQueryParams(details)
        self._claim = idempotency.begin(
            project=self.project,
            key=key,
            path=request.get_full_path(),
            body=_django_request(request).body,
            now=self.now,
        )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.Replay):
            answer = exc.answer
            headers = {"Idempotent-Replayed": "true"}
            return Response(answer.body, answer.status, headers=headers)
        response = None
        try:
            response = super().handle_exception(exc)
        finally:
            # A failure of ours leaves by an exception: the key may be tried again.
            if response is None:
                self._settle(None)
        return response

    def finalize_response(
        self,
        request: Request,
        response: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        self._settle(final)
        return final

    def _settle(self, response: HttpResponseBase | None) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        if isinstance(response, Response) and response.status_code < _SERVER_ERROR:
            idempotency.finish(
                claim, status=response.status_code, body=response.rendered_content
            )
        else:
            idempotency.release(claim)


class ClientView(ApiView):
    """A view for browsers: the origin must be trusted, the switch be on."""

    authentication_classes = (ClientKey,)
    switch: ClassVar[str] = ""

    def check_caller(self, request: Request) -> None:
        origin = request.headers.get("Origin", "")
        if not origin_is_trusted(origin, self.project.client_trusted_domains):
            details = f"Origin {origin or 'missing'} is not trusted"
            raise Forbidden(details)
        if self.switch and not getattr(self.project, self.switch):
            details = f"The project setting {self.switch} is off"
            raise Forbidden(details)


class ManagementView(ApiView):
    """A view of one organisation, reached with a management key."""

    authentication_classes = (ManagementKey,)

    @property
    def organisation(self) -> Organisation:
        """The organisation of the key; an unsaved one while the schema is drawn."""
        if getattr(self, "swagger_fake_view", False):
            return Organisation()
        return self.credential.organisation


def _django_request(request: Request) -> HttpRequest:
    return request._request  # noqa: SLF001 - DRF has no public way


class ProjectManagementView(ManagementView):
    """A view of the project that the path calls ``project``, of the organisation."""

    @property
    def project(self) -> Project:
        """The project that the path names.

        Raises:
            ResourceNotFound: the organisation has none with this id.
        """
        if getattr(self, "swagger_fake_view", False):
            return Project()
        named = str(self.kwargs["project"])
        found: Project | None = None
        if ids.parse_or_none("proj_", named) is not None:
            found = self.organisation.projects.filter(pk=named).first()
        if found is None:
            raise ResourceNotFound("project", named)
        return found
