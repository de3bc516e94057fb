"""Who calls, by the key pair in the headers.

Order of checks: credentials (401), network (403); the views go on with origin,
switches and permissions.
"""

from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication

from promo import request_context
from promo.api.client_address import client_address
from promo.errors import Forbidden, Unauthorized
from promo.tenancy.credentials import Credential, authenticate


class KeyPair(BaseAuthentication):
    """A pair of headers naming a key and its secret."""

    kind: ClassVar[str]
    id_header: ClassVar[str]
    token_header: ClassVar[str]

    def authenticate(self, request: Any) -> tuple[None, Credential]:
        app_id = request.META.get(self.id_header, "")
        token = request.META.get(self.token_header, "")
        credential = authenticate(self.kind, app_id, token)
        if credential is None:
            details = "Application id and token are missing or wrong"
            raise Unauthorized(details)
        address = client_address(request)
        if not credential.admits(address):
            details = f"The key may not be used from {address}"
            raise Forbidden(details)
        key = credential.key
        request_context.bind_caller(
            api_key={"name": key.name, "app_id": str(key.app_id)},
            places=credential.places,
        )
        return None, credential

    def authenticate_header(self, _request: Any) -> str:
        return "ApiKey"


class ServerKey(KeyPair):
    kind = "server"
    id_header, token_header = "HTTP_X_APP_ID", "HTTP_X_APP_TOKEN"


class ClientKey(KeyPair):
    kind = "client"
    id_header = "HTTP_X_CLIENT_APPLICATION_ID"
    token_header = "HTTP_X_CLIENT_TOKEN"  # noqa: S105 - a header's name


class ManagementKey(KeyPair):
    kind = "management"
    id_header = "HTTP_X_MANAGEMENT_ID"
    token_header = "HTTP_X_MANAGEMENT_TOKEN"  # noqa: S105 - a header's name
