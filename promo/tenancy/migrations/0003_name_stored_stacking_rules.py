"""Give an id to the stacking rules that projects have already."""

from django.db import migrations

from promo.ids import new_id


def name_rules(apps, schema_editor):
    for project in apps.get_model("tenancy", "Project").objects.exclude(
        stacking_rules={}
    ):
        project.stacking_rules_id = new_id("stk_")
        project.stacking_rules_created_at = project.updated_at or project.created_at
        project.save(update_fields=["stacking_rules_id", "stacking_rules_created_at"])


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_stacking_rules_id")]

    operations = [migrations.RunPython(name_rules, migrations.RunPython.noop)]
