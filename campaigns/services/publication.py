"""Publishing: giving codes to customers, once however often it is asked for.

Source: campaigns specification, "Publications".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from campaigns import events
from campaigns.models import Campaign, Publication, PublicationResult, Voucher
from campaigns.services.access import check_use
from campaigns.services.holders import keep_holders
from campaigns.services.publication_pool import give, take_from_campaign, take_voucher
from campaigns.wire import simple_campaign, simple_voucher
from campaigns.wire.publication import publication_as_json
from customers.models import Customer
from customers.models.customer import ID_PREFIX as CUSTOMER_PREFIX
from customers.services.rendering import simple_customer
from customers.services.upsert import CustomerDraft, insert_anonymous, upsert_along
from promo import request_context
from promo.errors import BadRequest, InvalidPayload, ResourceNotFound
from promo.ids import new_id, parse_or_none
from promo.metadata_schemas.known import changed_metadata
from promo.outbox.events import emit
from promo.tenancy.models import Project

MOST_CODES = 50
CHANNEL = "API"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRequest:
    """Who gets what: a ``voucher`` by code or id, else codes of a ``campaign``.

    ``join_once`` gives who has a code of the campaign the same answer again.
    ``metadata`` of None, as of what nobody asked for in words, are not judged.
    """

    customer: CustomerDraft
    voucher: str | None = None
    campaign: str | None = None
    count: int = 1
    source_id: str | None = None
    channel: str = CHANNEL
    metadata: Mapping[str, Any] | None = None
    join_once: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """A publication with its codes, in the order in which they were given."""

    row: Publication
    vouchers: list[Voucher]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The request with what it names."""

    project: Project
    request: PublicationRequest
    campaign: Campaign | None
    voucher: Voucher | None

    @property
    def joins_once(self) -> bool:
        """Whether the customer may have one code of the campaign."""
        if self.campaign is None:
            return False
        return self.campaign.join_once or self.request.join_once


def recipient(project: Project, text: str) -> CustomerDraft:
    """Return whom a plain text names: somebody known by the id, else by source id."""
    is_id = parse_or_none(CUSTOMER_PREFIX, text) is not None
    if is_id and project.customers.alive().filter(pk=text).exists():
        return CustomerDraft(id=text)
    return CustomerDraft(source_id=text)


def publish(
    *, project: Project, request: PublicationRequest, now: datetime
) -> Published:
    """Give the customer codes, or answer again what was given before.

    Raises:
        BadRequest: ``missing_vouchers``, ``invalid_publish_params``,
            ``too_many_vouchers_requested``, ``duplicate_source_id``,
            ``voucher_already_published``, ``voucher_cannot_be_published``,
            ``no_voucher_suitable_for_publication``; the attempt is on record.
        ResourceNotFound: the voucher, the campaign or the customer id is unknown.
        Forbidden: a restricted caller does not reach the campaign.
        InvalidPayload: a field of the customer is too long.
        MetadataRefused: the project's schemas forbid metadata.
    """
    if request.metadata is not None:
        kept = changed_metadata(project, "publication", {}, request.metadata)
        request = replace(request, metadata=kept)
    wanted = _read(project, request)
    try:
        try:
            return _attempt(wanted, now)
        except IntegrityError:
            # The same request, sent twice at once: the other one is there now.
            return _attempt(wanted, now)
    except (InvalidPayload, ResourceNotFound):
        raise
    except BadRequest as refusal:
        _record_failure(wanted, refusal, now)
        raise


def too_many() -> BadRequest:
    """Return the refusal of more codes than one where one alone is given."""
    return BadRequest(
        "too_many_vouchers_requested",
        "Too many vouchers requested",
        "Only up to 1 can be published",
    )


def _read(project: Project, request: PublicationRequest) -> _Wanted:
    if request.voucher is not None:
        vouchers = project.vouchers.select_related("campaign__category", "category")
        found = vouchers.by_reference(request.voucher).first()
        if found is None:
            raise ResourceNotFound("voucher", request.voucher)
        check_use(found)
        return _Wanted(project, request, found.campaign, found)
    if request.campaign is None:
        details = "Either Campaign or Voucher is required"
        raise BadRequest("missing_vouchers", "Missing vouchers", details)
    if not 1 <= request.count <= MOST_CODES:
        details = f"Property .campaign.count must be between 1 and {MOST_CODES}"
        raise BadRequest("invalid_publish_params", "Invalid publish params", details)
    campaigns = project.campaigns.select_related("category")
    campaign = campaigns.by_reference(request.campaign).first()
    if campaign is None:
        raise ResourceNotFound("campaign", request.campaign)
    check_use(campaign)
    campaign.project = project
    return _Wanted(project, request, campaign, None)


@transaction.atomic
def _attempt(wanted: _Wanted, now: datetime) -> Published:
    request = wanted.request
    customer = _stored_customer(wanted.project, request.customer, now)
    before = _known(wanted) or _joined(wanted, customer)
    if before is not None:
        rows = before.vouchers.select_related("campaign__category", "category")
        return Published(before, list(rows.order_by("pk")))
    if request.count > 1 and (request.source_id or wanted.joins_once):
        raise too_many()
    vouchers = _taken(wanted, customer, now)
    for voucher in vouchers:
        give(voucher, customer, now)
    row = _stored(wanted, customer, PublicationResult.SUCCESS, now)
    row.vouchers.set(vouchers)
    keep_holders(row, customer, vouchers)
    _tell(wanted.project, row, vouchers, now)
    return Published(row, vouchers)


def _stored_customer(project: Project, draft: CustomerDraft, now: datetime) -> Customer:
    if draft.reference:
        return upsert_along(project, [draft], now)[draft.reference]
    return insert_anonymous(project, draft.values, now)


def _known(wanted: _Wanted) -> Publication | None:
    """Return the publication of the same source id, if it answers this request.

    Raises:
        BadRequest: ``duplicate_source_id``; it was for something else.
    """
    request = wanted.request
    if request.source_id is None:
        return None
    rows = wanted.project.publications.succeeded().select_related("customer__project")
    found = rows.filter(source_id=request.source_id).first()
    if found is None:
        return None
    if wanted.voucher is None:
        is_same = found.campaign_id == (wanted.campaign and wanted.campaign.pk)
    else:
        named = found.customer and {found.customer.pk, found.customer.source_id}
        is_same = found.vouchers.filter(pk=wanted.voucher.pk).exists() and (
            request.customer.reference in (named or ())
        )
    if is_same:
        return found
    raise BadRequest(
        "duplicate_source_id",
        "Duplicate source_id",
        f"Publication with source_id: '{request.source_id}' already exists",
    )


def _joined(wanted: _Wanted, customer: Customer) -> Publication | None:
    """Return how the customer joined a campaign that is joined once.

    Who lost the code by its deletion has not joined any more; who waits for the code of
    a restored campaign has.

    Raises:
        BadRequest: ``voucher_cannot_be_published``; another code is asked for.
    """
    if wanted.campaign is None or not wanted.joins_once:
        return None
    rows = wanted.campaign.publications.succeeded().filter(customer=customer)
    standing = rows.filter(Q(joined_once=True) | Q(vouchers__deleted_at=None))
    found = standing.select_related("customer__project").order_by("created_at").first()
    if found is None or wanted.voucher is None:
        return found
    if found.vouchers.filter(pk=wanted.voucher.pk).exists():
        return None
    raise BadRequest(
        "voucher_cannot_be_published",
        "Voucher cannot be published",
        "Customer already joined program.",
    )


def _taken(wanted: _Wanted, customer: Customer, now: datetime) -> list[Voucher]:
    if wanted.voucher is not None:
        return [take_voucher(wanted.voucher, customer, now)]
    if wanted.campaign is None or not wanted.campaign.has_codes:
        message = "Couldn't find any voucher suitable for publication"
        raise BadRequest("no_voucher_suitable_for_publication", message)
    return take_from_campaign(wanted.campaign, customer, wanted.request.count, now)


def _stored(
    wanted: _Wanted, customer: Customer, result: PublicationResult, now: datetime
) -> Publication:
    request = wanted.request
    again = wanted.voucher is not None and wanted.voucher.publications_count > 0
    return Publication.objects.create(
        pk=new_id("pub_"),
        project=wanted.project,
        customer=customer,
        campaign=wanted.campaign,
        source_id=request.source_id,
        joined_once=(
            wanted.joins_once and result == PublicationResult.SUCCESS and not again
        ),
        channel=request.channel,
        metadata=dict(request.metadata or {}),
        result=result,
        created_at=now,
    )


def _tell(
    project: Project, row: Publication, vouchers: list[Voucher], now: datetime
) -> None:
    if row.customer is None:
        return
    shown, customer = publication_as_json(row, vouchers), simple_customer(row.customer)
    user_id = request_context.current().user_id
    user = {"id": user_id} if user_id else None
    for voucher in vouchers:
        campaign = simple_campaign(voucher.campaign) if voucher.campaign else None
        told = events.published(
            shown, simple_voucher(voucher), campaign, customer, user=user
        )
        emit(project, told, now=now)


@transaction.atomic
def _record_failure(wanted: _Wanted, refusal: BadRequest, now: datetime) -> None:
    customer = _stored_customer(wanted.project, wanted.request.customer, now)
    row = _stored(wanted, customer, PublicationResult.FAILURE, now)
    row.failure_code, row.failure_message = refusal.key, refusal.message
    row.save(update_fields=["failure_code", "failure_message"])
    campaign = simple_campaign(wanted.campaign) if wanted.campaign else None
    shown = publication_as_json(row, [])
    failed = events.publication_failed(shown, campaign, simple_customer(customer))
    emit(wanted.project, [failed], now=now)
