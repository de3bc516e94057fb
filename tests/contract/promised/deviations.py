"""Where answers differ from the reference's schemas, and which text says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True)
class Deviation:
    """How one schema of the reference is read.

    ``fields`` are added or replaced, those in ``nullable`` may also be null, those
    in ``optional`` may be left out, and ``required`` may not. Where fields lie deeper,
    ``at`` leads there. A schema of several kinds has those in ``or_else`` too.
    """

    schema: str
    reason: str
    at: tuple[str | int, ...] = ()
    fields: Mapping[str, Schema] = field(default_factory=dict)
    nullable: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    or_else: tuple[str, ...] = ()

    def applied(self, schema: Schema) -> Schema:
        """Return the schema as it is read."""
        more = [_ref(name) for name in self.or_else]
        if more:
            return {**schema, "anyOf": [*schema["anyOf"], *more]}
        return self._at(schema, self.at)

    def _at(self, schema: Any, path: tuple[str | int, ...]) -> Any:
        if path:
            step, *rest = path
            found = schema.copy()
            found[step] = self._at(schema[step], tuple(rest))
            return found
        fields = {**schema.get("properties", {}), **self.fields}
        for name in set(self.nullable) & fields.keys():
            fields[name] = {"anyOf": [fields[name], {"type": "null"}]}
        required = (set(schema.get("required", ())) - set(self.optional)) | set(
            self.required
        )
        return {**schema, "properties": fields, "required": sorted(required)}


#: Operations that the specification has and the reference has no schema of.
OPERATIONS_OF_OURS: Mapping[str, Mapping[str, str | None]] = {
    "POST /v1/metadata-schemas": {"200": "MetadataSchemasGetResponseBody"},
    "PUT /v1/metadata-schemas/{metadataSchemaId}": {
        "200": "MetadataSchemasGetResponseBody"
    },
    "DELETE /v1/metadata-schemas/{metadataSchemaId}": {"204": None},
    "PUT /v1/segments/{segmentId}": {"200": "SegmentsGetResponseBody"},
    "GET /v1/segments/{segmentId}/activities": {"200": "Activities"},
    "GET /v1/product-collections/{productCollectionId}/activities": {
        "200": "Activities"
    },
    "GET /v1/consents": {"200": "Consents"},
    "PUT /v1/customers/{customerId}/consents": {"204": None},
    "GET /client/v1/consents": {"200": "Consents"},
    "PUT /client/v1/customers/{customerId}/consents": {"204": None},
    "POST /client/v1/customers": {"200": "CustomersCreateResponseBody"},
    "POST /v1/trash-bin/{binEntryId}/restore": {"200": "Restored"},
}
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
_COUNT = {"type": "integer"}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def _list(row: Schema, **fields: Schema) -> Schema:
    return _object(
        object={"enum": ["list"]},
        data_ref={"enum": ["data"]},
        data={"type": "array", "items": row},
        **fields,
    )


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _export(kind: str) -> Schema:
    """Return an export of rows that the reference has no schema of."""
    asked = {
        "fields": {"type": "array", "items": _TEXT},
        "order": _TEXT,
        "filters": {"type": "object"},
    }
    named = _object(
        exported_object={"enum": [kind]},
        parameters={"type": "object", "properties": asked},
    )
    return {"allOf": [_ref("ExportBase"), named]}


#: Rings of points.
_RINGS: Schema = {
    "type": "array",
    "items": {
        "type": "array",
        "items": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        },
    },
}
_ENTRY = _object(
    id=_TEXT,
    type=_TEXT,
    data={"type": "object"},
    created_at=_MOMENT,
    group_id=_TEXT,
)
_AGREED = {"id": _TEXT, "name": _TEXT, "description": {"type": ["string", "null"]}} | {
    "created_at": _MOMENT,
    "updated_at": _MOMENT_OR_NULL,
}
#: Schemas of ours, from the text alone.
SHAPES: Mapping[str, Schema] = {
    # data specification, "Segments" and "Product collections": the activity logs
    "Activities": _list(_ENTRY, has_more={"type": "boolean"})
    | {"additionalProperties": {"type": "string"}},
    # data specification, "Consents, double opt-in, preference centre"
    "Consents": _object(
        groups=_list(
            _object(
                **_AGREED,
                consents={"type": "array", "items": _TEXT},
                object={"enum": ["consent_group"]},
            ),
            total=_COUNT,
        ),
        consents=_list(
            _object(**_AGREED, category=_TEXT, object={"enum": ["consent"]}),
            total=_COUNT,
        ),
    ),
    "UnconfirmedCustomer": _object(
        object={"enum": ["unconfirmed_customer"]},
        summary=_ref("CustomerSummary"),
        email=_TEXT,
        loyalty=_ref("CustomerLoyalty"),
    ),
    # Promo's own
    "Restored": _object(
        id=_TEXT,
        async_action_id={"type": ["string", "null"]},
        object={"enum": ["campaign", "product", "sku", "voucher"]},
    ),
    "ExportProduct": _export("product"),
    "ExportSku": _export("sku"),
    "ExportApiLog": _export("api_log"),
}
_NO_FIELD_OF_A_CUSTOMER = "data, Customers 1.1: null where empty"
_NO_FIELD_OF_A_VOUCHER = "campaigns, Voucher object: nulls are kept"
_NOBODY_ASKED = "data, Exports 13.1: user_id is set for exports of the dashboard alone"
_MORE_KINDS = "data, Exports 13.2: products, SKUs and the API log are exported too"
_REPORT = "data, Bulk updates: the result has the form of a report"
_FAILED = "data, Async actions: failed is a list"
_VOUCHER = (
    *("campaign", "campaign_id", "category_id", "discount", "gift", "loyalty_card"),
    *("start_date", "expiration_date", "additional_info", "updated_at"),
    *("validity_timeframe", "validity_day_of_week", "validity_hours", "holder_id"),
)


_ORDER = ("customer", "referrer", "order", "redemption")
#: What bodies of a customer's events must hold, where the reference leaves it open.
NEEDED_IN_EVENTS: Mapping[str, tuple[str, ...]] = {
    # data, Status and side effects 6.3
    f"customer.order.{what}": _ORDER
    for what in ("created", "updated", "paid", "fulfilled", "canceled")
} | {
    # data, Custom events and their schemas
    "customer.custom_event": ("event", "event_schema", "customer"),
    # platform, Project events 8.3
    **{
        f"customer.{what}": ("customer",)
        for what in ("created", "updated", "deleted", "confirmed")
    },
    "customer.publication.succeeded": ("customer", "campaign", "publication"),
}
#: What bodies of a customer's events hold beside what the reference names.
MORE_OF_EVENTS: Mapping[str, tuple[str, ...]] = {
    # platform, Distribution events 8.4
    "customer.publication.succeeded": ("voucher",),
}


def _errors(name: str) -> Schema:
    """Return the first rows that failed, each under the name of its key."""
    row = _object(message=_TEXT, details=_TEXT, key=_TEXT, **{name: _TEXT})
    return {"type": "array", "items": row}


def _failed(name: str) -> Schema:
    """Return the rows that were refused."""
    return {"type": "array", "items": _object(reason=_TEXT, **{name: _TEXT})}


def _of_vouchers(schema: str) -> tuple[Deviation, ...]:
    """Return how a voucher is read, wherever the reference describes one."""
    return (
        Deviation(schema, _NO_FIELD_OF_A_VOUCHER, nullable=_VOUCHER),
        Deviation(
            schema,
            _NO_FIELD_OF_A_VOUCHER,
            at=("properties", "redemption"),
            fields={"redeemed_amount": _COUNT},
            nullable=("quantity",),
        ),
        Deviation(
            schema,
            _NO_FIELD_OF_A_VOUCHER,
            at=("properties", "gift", "anyOf", 0),
            nullable=("effect",),
        ),
        Deviation(
            schema,
            _NO_FIELD_OF_A_VOUCHER,
            at=("properties", "loyalty_card", "anyOf", 0),
            nullable=("next_expiration_date", "next_expiration_points"),
        ),
    )


def _report_of(kind: str, key: str) -> Deviation:
    """Return how the result of a change of metadata is read."""
    return Deviation(
        f"AsyncActionResult{kind}MetadataUpdateResponseBody",
        _REPORT,
        fields={
            "done_count": _COUNT,
            "failed_count": _COUNT,
            "reports": {"type": "array", "items": _TEXT},
            "reports_available_till": _MOMENT,
            "errors": _errors(key),
        },
        required=("done_count", "failed_count", "reports", "reports_available_till"),
    )


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation("CustomerBase", _NO_FIELD_OF_A_CUSTOMER, nullable=("name", "email")),
    Deviation(
        "CustomerWithSummaryLoyaltyReferrals",
        _NO_FIELD_OF_A_CUSTOMER,
        at=("allOf", 0),
        nullable=("source_id",),
    ),
    Deviation(
        "SimpleCustomerRequiredObjectType",
        _NO_FIELD_OF_A_CUSTOMER,
        nullable=("name", "email", "source_id"),
    ),
    Deviation(
        "CustomerActivity",
        "data, Activity 1.5: the body stands directly under data, its source beside it",
        fields={
            "data": {
                **_object(event_source=_ref("EventSource")),
                "additionalProperties": {"type": ["object", "string", "null"]},
            }
        },
    ),
    Deviation(
        "SegmentsListResponseBody",
        "data, Segments 2.1: the key of the list is data; platform 6: has_more",
        fields={
            "data": {"type": "array", "items": _ref("Segment")},
            "has_more": {"type": "boolean"},
        },
    ),
    Deviation(
        "ProductCollectionsItem",
        "data, Product collections: updated_at after an update",
        fields={"updated_at": _MOMENT},
    ),
    Deviation(
        "MetadataSchemasListResponseBody",
        "data, Metadata schemas 7.3: the key of the list is schemas",
        optional=("data",),
        required=("schemas",),
    ),
    Deviation(
        "GeojsonPolygon",
        "data, Locations: longitude and latitude; the reference's own example",
        fields={"coordinates": _RINGS},
    ),
    Deviation(
        "GeojsonMultiPolygon",
        "data, Locations: longitude and latitude; the reference's own example",
        fields={"coordinates": {"type": "array", "items": _RINGS}},
    ),
    *_of_vouchers("VoucherBase"),
    *_of_vouchers("RedeemableVoucher"),
    Deviation("VoucherBase", _NO_FIELD_OF_A_VOUCHER, nullable=("category",)),
    Deviation("ExportScheduledBase", _NOBODY_ASKED, nullable=("user_id",)),
    Deviation(
        "LoyaltiesPointsExpirationExportCreateResponseBody",
        _NOBODY_ASKED + ", and result is null until the file is there",
        nullable=("user_id", "result"),
    ),
    *(
        Deviation(
            name,
            _MORE_KINDS,
            or_else=("ExportProduct", "ExportSku", "ExportApiLog"),
        )
        for name in ("ExportsCreateResponseBody", "ExportsGetResponseBody", "Export")
    ),
    *(
        Deviation(
            f"AsyncActionResult{name}",
            _FAILED,
            fields={
                "failed": {
                    "type": "array",
                    "items": _object(**{key: _TEXT}, reason=_TEXT),
                }
            },
        )
        for name, key in (("VouchersImport", "code"), ("OrdersImport", "source_id"))
    ),
    Deviation(
        "AsyncAction",
        "data, Async actions: user and log_id were added to the detail read",
        at=("allOf", 1),
        fields={"user": {"type": "object"}, "log_id": {"type": ["string", "null"]}},
        required=("log_id",),
    ),
    _report_of("Customers", "source_id"),
    _report_of("Products", "source_id"),
    _report_of("Vouchers", "code"),
)
