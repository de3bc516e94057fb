"""The floor F: what Django REST framework alone needs for a request of this kind.

A POST of a three-line cart, parsed and checked by a nested serializer, answered from
memory: no key, no middleware, no database.
"""

from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    SECRET_KEY="benchmark",  # noqa: S106 - nothing is signed
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
)
application = get_wsgi_application()

from rest_framework import serializers  # noqa: E402 - needs the settings
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Item(serializers.Serializer[Any]):
    """A line of the cart."""

    product_id = serializers.CharField(max_length=255)
    quantity = serializers.IntegerField(min_value=1)
    price = serializers.IntegerField(min_value=0)


class Order(serializers.Serializer[Any]):
    """The cart."""

    items = Item(many=True)


class Redeemable(serializers.Serializer[Any]):
    """A code."""

    object = serializers.CharField()
    id = serializers.CharField(max_length=512)


class Checkout(serializers.Serializer[Any]):
    """A whole request."""

    redeemables = Redeemable(many=True)
    order = Order()


class Floor(APIView):
    """Checks the cart and adds it up."""

    def post(self, request: Request) -> Response:
        checkout = Checkout(data=request.data)
        checkout.is_valid(raise_exception=True)
        order = checkout.validated_data["order"]
        amount = sum(item["price"] * item["quantity"] for item in order["items"])
        return Response({"valid": True, "order": {**order, "amount": amount}})


urlpatterns = [path("floor", Floor.as_view())]
