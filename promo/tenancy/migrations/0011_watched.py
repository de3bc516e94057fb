from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0010_second_factor"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch(
            "tenancy_project",
            unwatched=["metadata_schemas_edition"],
            project="SELECT $1 ->> 'id'",
        ),
        watch(
            "tenancy_apikey",
            unwatched=["last_used_at"],
            secret=[
                "salt",
                "secret_hash",
                "sealed_secret",
                "former_salt",
                "former_hash",
            ],
        ),
        watch("tenancy_area"),
        watch(
            "tenancy_areastore",
            part_of="area_id",
            project="SELECT project_id::text FROM tenancy_area WHERE id = ($1 ->> 'area_id')::uuid",
        ),
        watch(
            "tenancy_keyassignment",
            part_of="key_id",
            project="SELECT project_id::text FROM tenancy_apikey WHERE id = ($1 ->> 'key_id')::uuid",
        ),
        watch("tenancy_customrole"),
        watch(
            "tenancy_customrole_approvers",
            part_of="customrole_id",
            project="SELECT project_id::text FROM tenancy_customrole WHERE id = ($1 ->> 'customrole_id')::uuid",
        ),
        watch("tenancy_invitation"),
        watch("tenancy_membership", part_of="user_id"),
        watch("tenancy_organisation"),
        watch("tenancy_user", unwatched=["last_login"], secret=["password"]),
    ]
