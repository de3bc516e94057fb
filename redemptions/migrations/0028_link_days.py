"""Give the days of customers that are kept already the day before each."""

from django.db import migrations

_LINK = """
UPDATE redemptions_reporttally t SET previous_day = k.previous
FROM (
  SELECT x.id, lag(x.day) OVER (
    PARTITION BY x.project_id, x.scope, x.name ORDER BY x.day) AS previous
  FROM redemptions_reporttally x WHERE x.kind = 's' AND x.count > 0) k
WHERE t.id = k.id AND k.previous IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("redemptions", "0027_days_of_customers")]

    operations = [migrations.RunSQL(_LINK, migrations.RunSQL.noop)]
