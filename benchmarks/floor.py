"""The floor F: what Django REST framework alone needs for a request of this kind.

A POST of a three-line cart of 1 KB, parsed and checked by a nested serializer,
answered from memory: no key, no middleware, no database. Beside it the least that a
redemption over HTTP can be: the same view with the statements of ``pgbench`` (P).
"""

import json
import os
import threading
import uuid
from typing import Any

import psycopg
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


_REDEEM = (
    "UPDATE floor.voucher SET used = used + 1 WHERE id = %s AND used < most",
    "INSERT INTO floor.orders VALUES (%s, %s, %s)",
    "INSERT INTO floor.redemption VALUES (%s, %s, %s, %s, %s, now())",
    "INSERT INTO floor.event (body) VALUES (%s)",
)
_own = threading.local()


class BareRedemption(APIView):
    """Redeems with nothing else: no key, rules, customer, answer of its order."""

    def post(self, request: Request) -> Response:
        checkout = Checkout(data=request.data)
        checkout.is_valid(raise_exception=True)
        asked = checkout.validated_data
        connection = _connection()
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, project FROM floor.voucher "
                "WHERE project = md5('project')::uuid AND code = %s",
                [asked["redeemables"][0]["id"]],
            )
            voucher, project = cursor.fetchone() or (None, None)
            order, redemption = uuid.uuid4(), uuid.uuid4()
            rows: list[list[Any]] = [
                [voucher],
                [order, project, json.dumps(asked["order"])],
                [redemption, project, voucher, uuid.uuid4(), order],
                [json.dumps({"type": "redemption.succeeded"})],
            ]
            for statement, values in zip(_REDEEM, rows, strict=True):
                cursor.execute(statement, values)
        return Response({"id": str(redemption), "result": "SUCCESS"})


def _connection() -> psycopg.Connection[Any]:
    """Return the connection of this thread."""
    if not hasattr(_own, "connection"):
        to = os.environ["FLOOR_DATABASE"]
        _own.connection = psycopg.connect(to, autocommit=True)
    kept: psycopg.Connection[Any] = _own.connection
    return kept


urlpatterns = [
    path("floor", Floor.as_view()),
    path("redeem", BareRedemption.as_view()),
]
