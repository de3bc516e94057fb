"""The floor F: what Django REST framework alone needs for a request of this kind.

A POST of a three-line cart of 1 KB, parsed and checked by a nested serializer,
answered from memory: no key, no middleware, no database.
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


class Product(serializers.Serializer[Any]):
    """What a line says of its product."""

    source_id = serializers.CharField(max_length=255)
    name = serializers.CharField(max_length=255)
    price = serializers.IntegerField(min_value=0)
    metadata = serializers.DictField()


class Item(serializers.Serializer[Any]):
    """A line of the cart."""

    source_id = serializers.CharField(max_length=255)
    related_object = serializers.ChoiceField(["product", "sku"])
    quantity = serializers.IntegerField(min_value=1)
    price = serializers.IntegerField(min_value=0)
    amount = serializers.IntegerField(min_value=0)
    product = Product()


class Order(serializers.Serializer[Any]):
    """The cart."""

    amount = serializers.IntegerField(min_value=0)
    items = Item(many=True)
    metadata = serializers.DictField()


class Customer(serializers.Serializer[Any]):
    """Who buys."""

    source_id = serializers.CharField(max_length=255)


class Redeemable(serializers.Serializer[Any]):
    """A code."""

    object = serializers.ChoiceField(["voucher", "promotion_tier"])
    id = serializers.CharField(max_length=255)


class Checkout(serializers.Serializer[Any]):
    """A whole request."""

    redeemables = Redeemable(many=True)
    customer = Customer()
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
