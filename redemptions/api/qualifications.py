"""``/v1/qualifications``, for servers and for browsers."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.assigned import rendered_assignments
from promo.api.fields import (
    Choice,
    JsonObject,
    ListOf,
    Text,
    WholeNumber,
    moment_or_none,
)
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView, ClientView
from promo.errors import InvalidPayload
from redemptions.api.checkout_body import (
    CustomerBody,
    OrderBody,
    SessionBody,
    as_request,
)
from redemptions.api.narrowing import narrowing_of
from redemptions.engine.decision import Entry
from redemptions.engine.order_rendering import uncalculated_order_as_json
from redemptions.engine.wire import stacking_rules_as_json
from redemptions.services.pages import Cursor
from redemptions.services.qualify import Qualified, Wanted, qualify_candidates
from redemptions.services.requests import CheckoutRequest
from redemptions.services.scenarios import SCENARIOS
from redemptions.wire.qualification import bearers_of, candidate_as_json

Json = dict[str, Any]


class QualificationOptions(ApiSerializer):
    """Which candidates to show."""

    limit = WholeNumber(least=1, required=False)
    starting_after = Text(required=False, allow_null=True)
    sorting_rule = Choice(("DEFAULT", "BEST_DEAL", "LEAST_DEAL"), required=False)
    expand = ListOf(
        Choice(("redeemable", "category", "validation_rules")), required=False
    )
    filters = JsonObject(required=False)


class QualificationBody(ApiSerializer):
    """A qualification as sent."""

    scenario = Choice(tuple(SCENARIOS), required=False)
    customer = CustomerBody(required=False)
    order = OrderBody(required=False)
    tracking_id = Text(longest=1024, required=False)
    metadata = JsonObject(required=False)
    session = SessionBody(required=False, allow_null=True)
    options = QualificationOptions(required=False)


class QualificationAnswer(ApiSerializer):
    """What the customer could use."""

    redeemables = JsonObject()
    tracking_id = Text(required=False)
    order = JsonObject()
    stacking_rules = JsonObject()


def wanted_of(values: Mapping[str, Any], now: Any) -> Wanted:
    """Return what a body asks to see.

    Raises:
        InvalidPayload: a filter or the cursor is malformed.
    """
    options = values.get("options") or {}
    cursor = options.get("starting_after")
    moment = None
    if cursor not in {None, "", "null"}:
        moment = moment_or_none(str(cursor))
        if moment is None:
            raise InvalidPayload("Property .options.starting_after must be a date-time")
    return Wanted(
        scenario=values.get("scenario") or "ALL",
        sorting_rule=options.get("sorting_rule") or "DEFAULT",
        limit=options.get("limit", 5),
        starting_after=None if moment is None else Cursor.at(moment),
        narrowing=narrowing_of(options.get("filters"), now),
    )


class QualificationView(ApiView):
    permission = "qualifications.qualify"

    @extend_schema(
        operation_id="qualifications_create",
        request=QualificationBody,
        responses={200: QualificationAnswer},
    )
    def post(self, _: Request) -> Response:
        values = self.parse(QualificationBody)
        request = as_request(values)
        found = qualify_candidates(
            project=self.project,
            request=request,
            wanted=wanted_of(values, self.now),
            now=self.now,
        )
        return Response(self._answer(found, request))

    def _answer(self, found: Qualified, request: CheckoutRequest) -> Json:
        expand, session = request.expand, request.session
        entries, cursor = found.page.entries, found.page.next
        rendered: Mapping[str, Any] = {}
        if "validation_rules" in expand and entries:
            rendered = rendered_assignments(self.project, _bearers(entries))
        data = [
            candidate_as_json(
                each,
                found.facts,
                expand=expand,
                assignments=rendered,
                with_locks=session is not None and session.opens,
            )
            for each in entries
        ]
        redeemables: Json = {
            "object": "list",
            "data_ref": "data",
            "data": data,
            "total": len(data),
            "has_more": cursor is not None,
        }
        if cursor is not None:
            redeemables["more_starting_after"] = str(cursor)
        answer: Json = {
            "redeemables": redeemables,
            "order": uncalculated_order_as_json(found.facts.order),
            "stacking_rules": stacking_rules_as_json(found.facts.stacking),
        }
        if found.tracking_id:
            answer["tracking_id"] = found.tracking_id
        return answer


def _bearers(entries: Sequence[Entry]) -> list[str]:
    """Return the ids of everything whose rules guard an entry, or a tier of it."""
    alone = [one.redeemable for each in entries for one in each.members or (each,)]
    names = [name for each in alone for name in bearers_of(each)]
    return list(dict.fromkeys(names))


class ClientQualificationView(ClientView, QualificationView):
    """The same for a browser: no switch, the origin decides."""

    @extend_schema(
        operation_id="client_qualifications_create",
        request=QualificationBody,
        responses={200: QualificationAnswer},
    )
    def post(self, request: Request) -> Response:
        return super().post(request)
