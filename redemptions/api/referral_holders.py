"""``/v1/referrals/…/holders``: who has a referral code, and as what."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.holders import HolderList, HolderSerializer
from campaigns.models import Holder, Voucher
from campaigns.services.holders import MOST_HOLDERS, add_referees
from campaigns.wire.holder import holder_as_json
from campaigns.wire.limits import without_nulls
from customers.api.customers import CustomerInput
from customers.services.upsert import CustomerDraft
from promo.api.fields import JsonObject, ListOf
from promo.api.resource import NO_CONTENT, Actions, find_or_404
from promo.api.schema import ResourceSchema
from promo.api.serializers import ApiSerializer
from promo.errors import MissingPermission
from redemptions.services.referees import remove_referee

_TO_ADD = ("customers.modify", "vouchers.publish")


class RefereeInput(CustomerInput):
    """Somebody who gets a code; one of the ids must say who."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("id") or attrs.get("source_id")):
            msg = "must have required property 'source_id'"
            raise ValidationError(msg)
        return attrs


class HoldersInput(ApiSerializer):
    """The body of adding holders."""

    holders = ListOf(RefereeInput(), fewest=1, most=MOST_HOLDERS)
    metadata = JsonObject(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return without_nulls(attrs)


class HoldersSerializer(ApiSerializer):
    """The holders that were added."""

    holders = ListOf(HolderSerializer())


class ReferralHolderSchema(ResourceSchema):
    """Tells the addresses with a campaign from those without."""

    def get_operation_id(self) -> str:
        """Return an id of its own for each."""
        base = "campaign_referral" if "{campaign}" in self.path else "referral"
        return f"{base}_holders_{self.view.action}"


class ReferralHolderResource(HolderList):
    """Holders of one referral code, with the campaign in the address or without."""

    schema = ReferralHolderSchema()

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the routes; the short ones go first."""
        everybody: Actions = {"get": "holders", "post": "add"}
        routes = []
        for start, name in (
            ("v1/referrals", "referrals"),
            ("v1/referrals/<reference:campaign>", "campaign-referrals"),
        ):
            route = f"{start}/members/<reference:member>/holders"
            one = f"{route}/<reference:holder>"
            routes += [
                path(route, cls.as_view(everybody), name=f"v1-{name}-holders"),
                path(one, cls.as_view({"delete": "remove"}), name=f"v1-{name}-holder"),
            ]
        return routes

    def check_caller(self, request: Request) -> None:
        """Refuse to give or take codes without both permissions that it needs."""
        if request.method != "GET":
            lacked = [
                code for code in _TO_ADD if code not in self.credential.permissions
            ]
            if lacked:
                details = f"The role {self.credential.key.role} lacks {lacked[0]}"
                raise MissingPermission(details)

    def required_permission(self) -> str:
        """Return the code that listing needs; the others are checked before."""
        return "customers.details.read" if self.request.method == "GET" else ""

    @extend_schema(responses={200: HolderSerializer(many=True)})
    def holders(self, request: Request, **_: str) -> Response:
        """Answer who has the code."""
        self.voucher = self._voucher()
        return self.list(request)

    @extend_schema(request=HoldersInput, responses={200: HoldersSerializer})
    def add(self, _: Request, **__: str) -> Response:
        """Give the code to people."""
        voucher = self._voucher()
        body = self.parse(HoldersInput)
        drafts = [
            CustomerDraft(
                id=one.pop("id", ""), source_id=one.pop("source_id", ""), values=one
            )
            for one in body["holders"]
        ]
        made = add_referees(
            voucher, drafts=drafts, metadata=body.get("metadata", {}), now=self.now
        )
        return Response({"holders": [holder_as_json(one) for one in made]})

    @extend_schema(responses={204: None})
    def remove(self, _: Request, **named: str) -> Response:
        """Take the code from one person."""
        remove_referee(self._voucher(), named["holder"], now=self.now)
        return Response(status=NO_CONTENT)

    def _voucher(self) -> Voucher:
        """Return the referral code in the address."""
        codes = self.project.vouchers.filter(is_referral_code=True)
        if "campaign" in self.kwargs:
            campaign = find_or_404(
                self.project.campaigns.all(), self.kwargs["campaign"], "campaign"
            )
            codes = codes.filter(campaign=campaign)
        found: Voucher = find_or_404(codes, self.kwargs["member"], "voucher")
        found.project = self.project
        return found

    def get_queryset(self) -> QuerySet[Holder]:
        voucher = getattr(self, "voucher", None)
        rows = self.project.holders.alive().filter(voucher=voucher)
        return rows.with_related()
