"""Schemas kept: what is refused, and what several do at once."""

from functools import partial

import pytest

from promo.errors import Duplicate, InvalidPayload, ResourceNotFound
from promo.metadata_schemas.known import checked_metadata, known_schemas
from promo.metadata_schemas.models import MetadataSchema
from promo.metadata_schemas.services import (
    create_metadata_schema,
    delete_metadata_schema,
    update_metadata_schema,
)
from promo.tenancy.models import Project
from tests.factories.metadata import MetadataSchemaFactory, define
from tests.factories.tenancy import NOW, ProjectFactory
from tests.races import at_once

TEXT = {"type": "string"}


def properties(project: Project, resource: str = "customer") -> dict[str, object]:
    kept = MetadataSchema.objects.get(project=project, related_object=resource)
    return dict(kept.properties)


@pytest.mark.django_db
class TestChanging:
    def test_a_resource_has_one_schema(self, project):
        define(project, "customer", team=TEXT)

        with pytest.raises(Duplicate) as refused:
            define(project, "customer", size=TEXT)

        assert refused.value.details == (
            "Duplicated metadata schema exists with related_object customer"
        )
        assert properties(project).keys() == {"team"}

    def test_an_object_type_names_a_schema_that_is_there(self, project):
        parcel = {"type": "object", "object_type": "Parcel"}

        with pytest.raises(InvalidPayload) as refused:
            define(project, "order", parcel=parcel)
        define(project, "Parcel", weight={"type": "number"})
        define(project, "order", parcel=parcel)

        assert refused.value.details == (
            "Property .properties.parcel.object_type must name the schema of a "
            "nested object"
        )
        assert properties(project, "order")["parcel"]["object_type"] == "Parcel"

    def test_a_schema_stays_changeable_when_its_nested_one_is_gone(self, project):
        parcel = define(project, "Parcel", weight={"type": "number"})
        nested = {"type": "object", "object_type": "Parcel"}
        order = define(project, "order", parcel=nested)
        delete_metadata_schema(parcel, now=NOW)

        update_metadata_schema(order, now=NOW, properties={"size": TEXT})

        assert properties(project, "order").keys() == {"parcel", "size"}
        project.refresh_from_db()
        loose = {"parcel": {"weight": "heavy"}}
        assert checked_metadata(project, "order", loose, result=loose) == loose

    def test_another_projects_schema_names_nothing_here(self, project, other_project):
        define(other_project, "Parcel", weight={"type": "number"})

        with pytest.raises(InvalidPayload):
            define(project, "order", p={"type": "object", "object_type": "Parcel"})

        assert not project.metadata_schemas.exists()

    def test_a_schema_that_is_gone_cannot_be_changed_or_deleted(self, project):
        schema = define(project, "customer", team=TEXT)
        delete_metadata_schema(schema, now=NOW)
        schema.pk = "ms_" + "0" * 32

        for change in (update_metadata_schema, delete_metadata_schema):
            with pytest.raises(ResourceNotFound):
                change(schema, now=NOW)

        assert not project.metadata_schemas.exists()

    def test_a_project_has_a_thousand_schemas_at_most(self, project):
        MetadataSchema.objects.bulk_create(
            MetadataSchemaFactory.build(project=project) for _ in range(1_000)
        )

        with pytest.raises(InvalidPayload) as refused:
            define(project, "customer", team=TEXT)

        assert refused.value.details == "A project has at most 1000 metadata schemas"
        assert project.metadata_schemas.count() == 1_000


@pytest.mark.django_db
class TestRemembering:
    def test_a_project_without_schemas_costs_nothing(
        self, project, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            assert known_schemas(project).schemas == {}

    def test_schemas_are_read_once_an_edition(self, project, django_assert_num_queries):
        schema = define(project, "customer", team=TEXT)
        with django_assert_num_queries(1):
            known_schemas(project)
        with django_assert_num_queries(0):
            assert known_schemas(project).schemas.keys() == {"customer"}

        update_metadata_schema(schema, now=NOW, properties={"size": TEXT})
        project.refresh_from_db()

        with django_assert_num_queries(1):
            known = known_schemas(project).schemas["customer"]
        assert known.definitions.keys() == {"team", "size"}

    def test_who_holds_an_older_edition_leaves_nothing_wrong_behind(self, project):
        schema = define(project, "customer", team=TEXT)
        held_before = Project.objects.get(pk=project.pk)
        update_metadata_schema(schema, now=NOW, properties={"size": TEXT})

        stale = known_schemas(held_before).schemas["customer"]
        project.refresh_from_db()

        assert project.metadata_schemas_edition != held_before.metadata_schemas_edition
        assert stale == known_schemas(project).schemas["customer"]

    def test_the_last_schema_that_goes_takes_the_edition_along(self, project):
        schema = define(project, "customer", team=TEXT)
        edition = project.metadata_schemas_edition

        delete_metadata_schema(schema, now=NOW)

        stale = Project(pk=project.pk, metadata_schemas_edition=edition)
        project.refresh_from_db()
        assert edition
        assert project.metadata_schemas_edition == ""
        assert known_schemas(stale).schemas == {}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_eight_who_define_a_resource_one_does(self):
        project = ProjectFactory.create()
        create = partial(
            create_metadata_schema,
            project=project,
            now=NOW,
            related_object="customer",
            properties={"team": TEXT},
        )

        outcomes = at_once(*[create] * 8)

        assert outcomes.count("duplicate_found") == 7
        assert project.metadata_schemas.count() == 1

    def test_definitions_added_at_once_are_all_kept(self):
        project = ProjectFactory.create()
        schema = define(project, "customer", team=TEXT)

        at_once(
            *(
                partial(
                    update_metadata_schema,
                    schema,
                    now=NOW,
                    properties={f"k{n}": TEXT},
                )
                for n in range(8)
            )
        )

        assert len(properties(project)) == 9

    def test_the_hundredth_definition_is_added_once(self):
        project = ProjectFactory.create()
        schema = define(project, "customer", **{f"k{n}": TEXT for n in range(99)})

        outcomes = at_once(
            *(
                partial(
                    update_metadata_schema,
                    schema,
                    now=NOW,
                    properties={f"new{n}": TEXT},
                )
                for n in range(4)
            )
        )

        assert outcomes.count("invalid_payload") == 3
        assert len(properties(project)) == 100
