"""Every failure a caller can act on.

PromoError                  what went wrong, as key, message and details
├── InvalidPayload          400 invalid_payload
├── InvalidQueryParams      400 invalid_query_params
├── MetadataRefused         400 metadata_validation_failed
├── BadRequest              400 with a key of its own (`bad_request` builds one)
├── ResourceInUse           400 resource_in_use
├── ResourceProtected       400 resource_protected
├── Unauthorized            401 unauthorized
├── Forbidden               403 forbidden
├── MissingPermission       403 missing_required_permission
├── InsufficientScope       403 insufficient_scope
├── IntegrationKeyRequired  403 integration_api_key_required
├── ResourceNotFound        404 not_found, naming the resource
├── RouteNotFound           404 not_found, naming nothing
├── Duplicate               409 duplicate_found
├── Conflict                409 with a key of its own
└── Rejected                400 a redeemable cannot be used

``promo.api.errors`` alone turns these into HTTP answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar


class PromoError(Exception):
    """A failure with the API's key, message and details.

    ``resource_id`` and ``resource_type`` name the object concerned, ``error_message``
    is a text the marketer wrote for the customer.
    """

    code: ClassVar[int] = 400
    key: str = "bad_request"
    message: str = "Bad request"

    def __init__(
        self,
        details: str | None = None,
        *,
        message: str | None = None,
        resource_id: str | None = None,
        resource_type: str | None = None,
        error_message: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(details or message or self.message)
        self.details = details
        self.message = message or self.message
        self.resource_id = resource_id
        self.resource_type = resource_type
        self.error_message = error_message
        self.extra = dict(extra or {})


class InvalidPayload(PromoError):
    """The body does not have the documented shape."""

    key = "invalid_payload"
    message = "Invalid payload"


class InvalidQueryParams(PromoError):
    """The query string does not have the documented shape."""

    key = "invalid_query_params"
    message = "Invalid query params"


class MetadataRefused(PromoError):
    """Metadata that the project's schema forbids."""

    key = "metadata_validation_failed"
    message = "Metadata validation failed"


class BadRequest(PromoError):
    """A refusal whose key is given where it is raised."""

    def __init__(self, key: str, message: str, details: str | None = None, **rest: Any):
        super().__init__(details, message=message, **rest)
        self.key = key


class ResourceInUse(PromoError):
    """Something else still refers to the object."""

    key = "resource_in_use"
    message = "Resource in use"

    @classmethod
    def by(
        cls, users: Sequence[str], kind: str, *, resource_type: str, resource_id: str
    ) -> "ResourceInUse":
        """Return the refusal that names its users: their ids and what they are.

        The plural is built with a bare ``s``, whatever the ``kind``.

        Source: data specification, "Product collections".
        """
        return cls(
            f"Resource {resource_type} with id {resource_id} is in use by "
            f"{kind}s with ids [{', '.join(users)}]",
            resource_id=resource_id,
            resource_type=resource_type,
            extra={"related_object_ids": list(users), "related_object_type": kind},
        )

    @classmethod
    def check(
        cls,
        users: Iterable[tuple[str, Sequence[str]]],
        *,
        resource_type: str,
        resource_id: str,
    ) -> None:
        """Refuse where there are ``users``: a kind and the ids of that kind, in turn.

        Raises:
            ResourceInUse: naming those of the first kind that has any.
        """
        for kind, named in users:
            if named:
                raise cls.by(
                    named, kind, resource_type=resource_type, resource_id=resource_id
                )


class ResourceProtected(PromoError):
    """The object may not be changed."""

    key = "resource_protected"
    message = "Resource is protected"


class Unauthorized(PromoError):
    """No valid credentials."""

    code = 401
    key = "unauthorized"
    message = "Unauthorized"


class Forbidden(PromoError):
    """Valid credentials that do not reach this."""

    code = 403
    key = "forbidden"
    message = "Forbidden"


class MissingPermission(Forbidden):
    """The role lacks the permission."""

    key = "missing_required_permission"
    message = "Missing permission"


class InsufficientScope(Forbidden):
    """The token's scope does not cover the route."""

    key = "insufficient_scope"
    message = "Insufficient scope"


class IntegrationKeyRequired(Forbidden):
    """Only a platform's own key gets in here."""

    key = "integration_api_key_required"


class ResourceNotFound(PromoError):
    """No such object in this project."""

    code = 404
    key = "not_found"
    message = "Resource not found"

    def __init__(self, resource_type: str, resource_id: str):
        super().__init__(
            f"Cannot find {resource_type} with id {resource_id}",
            resource_id=resource_id,
            resource_type=resource_type,
        )


class RouteNotFound(PromoError):
    """No such path."""

    code = 404
    key = "not_found"
    message = "Resource not found"


class Duplicate(PromoError):
    """The identifier is taken, in the project or in its bin."""

    code = 409
    key = "duplicate_found"
    message = "Duplicated resource found"

    def __init__(self, resource_type: str, resource_id: str, by: str = "id"):
        super().__init__(
            f"Duplicated {resource_type} exists with {by} {resource_id}",
            resource_id=resource_id,
            resource_type=resource_type,
        )


class Conflict(PromoError):
    """What is there already keeps another one out; the key is given at the raise."""

    code = 409

    def __init__(self, key: str, message: str, details: str | None = None, **rest: Any):
        super().__init__(details, message=message, **rest)
        self.key = key


class Rejected(PromoError):
    """A redeemable cannot be used; nothing has moved."""

    def __init__(self, key: str, message: str, details: str | None = None, **rest: Any):
        super().__init__(details, message=message, **rest)
        self.key = key
