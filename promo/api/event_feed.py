"""Feeds of recorded events: what happened to one thing."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api import query
from promo.api.columns import TextColumn
from promo.api.fields import JsonObject, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import DatePagination, IdPagination, ListPagination
from promo.api.resource import Resource
from promo.api.serializers import ApiSerializer
from promo.clock import isoformat
from promo.outbox.models import DomainEvent

_STORED_PREFIX = "ev_"


class FeedSerializer(ApiSerializer):
    """One event; its source stands beside the body."""

    id = Text()
    type = Text()
    data = JsonObject()  # type: ignore[assignment]  # the API names it so
    created_at = Text()
    group_id = Text()

    def to_representation(self, instance: DomainEvent) -> dict[str, Any]:
        prefix: str = self.context["view"].id_prefix
        return {
            "id": prefix + instance.pk.removeprefix(_STORED_PREFIX),
            "type": instance.type,
            "data": {**instance.data, "event_source": instance.source},
            "created_at": isoformat(instance.created_at),
            "group_id": instance.group_id,
        }


class FeedPagination(IdPagination):
    """The events behind one event, by the ids that are shown."""

    id_prefix = _STORED_PREFIX

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the events behind the one named."""
        self.id_prefix = view.id_prefix
        rows = super().paginate_queryset(queryset, request, view)
        if "more_starting_after" in self.extra:
            stored = str(self.extra["more_starting_after"])
            shown = self.id_prefix + stored.removeprefix(_STORED_PREFIX)
            self.extra["more_starting_after"] = shown
        return rows

    def _row(self, queryset: QuerySet[Any], cursor: str) -> Any:
        stored = _STORED_PREFIX + cursor.removeprefix(self.id_prefix)
        return super()._row(queryset, stored)


class OldFeedPagination(DatePagination):
    """Pages, the events behind a date or behind an event, and how many there are."""

    parameters: ClassVar[tuple[str, ...]] = (
        *DatePagination.parameters,
        "starting_after_id",
    )
    extra_properties = {"total": {"type": "integer"}}

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the events of the page, or behind the one or the date named."""
        rows = queryset
        if query.text(request.query_params, "starting_after_id") is not None:
            feed = FeedPagination(
                resource_type=self.resource_type,
                orderings=self.orderings,
                default_order=self.default_order,
            )
            found = feed.paginate_queryset(rows, request, view)
            self.extra = {"total": rows.count()}
            return found
        found = super().paginate_queryset(rows, request, view)
        self.extra.pop("has_more", None)
        return found


class EventFeed(Resource[DomainEvent]):
    """The events of one thing, newest first, below the thing's own route.

    A subclass says ``route`` (with its ``<reference:reference>``), what the thing
    is and which events are about it; it may show ids with a prefix of their own.
    """

    id_prefix: ClassVar[str] = _STORED_PREFIX
    serializer_class: ClassVar[type[Any]] = FeedSerializer
    pagination_class: ClassVar[type[ListPagination]] = FeedPagination
    query_filters = QueryFilters(
        shortcuts={
            "type": TextColumn("type"),
            "category": TextColumn("category"),
            "campaign_id": TextColumn("campaign_id"),
        },
        date_range="created_at",
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the one route."""
        name = cls.route.replace("/", "-").replace("<reference:reference>", "one")
        return [path(cls.route, cls.as_view({"get": "feed"}), name=name)]

    def required_permission(self) -> str:
        """Return the code that reading the thing needs."""
        return f"{self.permission_resource}.read"

    @extend_schema(responses={200: FeedSerializer(many=True)})
    def feed(self, request: Request, reference: str) -> Response:
        """Answer the events, newest first."""
        self.subject_id = self.find_subject(reference)
        return self.list(request)

    def find_subject(self, reference: str) -> str:
        """Return the id of the thing named ``reference``.

        Raises:
            ResourceNotFound: this project has none.
        """
        raise NotImplementedError

    def events_of(self, subject_id: str) -> QuerySet[DomainEvent]:
        """Return the project's events about the thing."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[DomainEvent]:
        return self.events_of(getattr(self, "subject_id", ""))
