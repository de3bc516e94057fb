from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models

# Django knows no partitions: the table is made anew by hand, as the model describes it,
# and takes over what the old one holds. The defaults are for processes of the version
# before, which go on recording until they are stopped. A key of a partitioned table holds
# what the parts are cut by.
TABLE = """
ALTER TABLE outbox_domainevent RENAME TO outbox_domainevent_old;
CREATE TABLE outbox_domainevent (
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  type varchar(100) NOT NULL,
  category varchar(10) NOT NULL,
  entity_id varchar(64) NOT NULL,
  customer_id varchar(64) NOT NULL,
  campaign_id varchar(64) NOT NULL,
  payload jsonb NOT NULL,
  source jsonb NOT NULL,
  group_id varchar(64) NOT NULL,
  key varchar(64) NOT NULL DEFAULT '',
  shard smallint NOT NULL DEFAULT 0 CHECK (shard >= 0),
  created_at timestamptz NOT NULL,
  published_at timestamptz,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
"""
FILL = """
INSERT INTO outbox_domainevent
SELECT id, project_id, type, category, entity_id, customer_id, campaign_id, payload,
  source, group_id, CASE WHEN customer_id = '' THEN entity_id ELSE customer_id END,
  0, created_at, published_at
FROM outbox_domainevent_old;
DROP TABLE outbox_domainevent_old;
"""
INDEXES = """
CREATE INDEX event_waiting ON outbox_domainevent (shard, id) WHERE published_at IS NULL;
CREATE INDEX event_of_customer ON outbox_domainevent (project_id, customer_id, id DESC)
  WHERE NOT (customer_id = '');
CREATE INDEX event_of_campaign ON outbox_domainevent (project_id, campaign_id, id DESC)
  WHERE NOT (campaign_id = '');
CREATE INDEX event_of_entity_alone
  ON outbox_domainevent (project_id, entity_id, id DESC)
  WHERE campaign_id = '' AND customer_id = '';
CREATE INDEX event_of_project ON outbox_domainevent (project_id);
"""


def make_months(apps, schema_editor):
    """Give every month that has events, and the next ones, a partition."""
    now = datetime.now(UTC)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE outbox_domainevent_default "
            "PARTITION OF outbox_domainevent DEFAULT"
        )
        cursor.execute(
            "SELECT min(created_at), max(created_at) FROM outbox_domainevent_old"
        )
        first, last = cursor.fetchone()
        month = _month(min(first or now, now))
        until = _after(_after(_month(max(last or now, now))))
        while month <= until:
            after = _after(month)
            cursor.execute(
                f"CREATE TABLE outbox_domainevent_{month:%Y%m} "
                "PARTITION OF outbox_domainevent FOR VALUES "
                f"FROM ('{month.date()} 00:00Z') TO ('{after.date()} 00:00Z')"
            )
            month = after


def _month(moment):
    return moment.astimezone(UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )


def _after(month):
    return month.replace(
        year=month.year + month.month // 12, month=month.month % 12 + 1
    )


BACK = """
ALTER TABLE outbox_domainevent RENAME TO outbox_domainevent_new;
CREATE TABLE outbox_domainevent (LIKE outbox_domainevent_new);
INSERT INTO outbox_domainevent SELECT * FROM outbox_domainevent_new;
DROP TABLE outbox_domainevent_new;
ALTER TABLE outbox_domainevent DROP COLUMN key, DROP COLUMN shard, ADD PRIMARY KEY (id);
CREATE INDEX event_unpublished ON outbox_domainevent (id) WHERE published_at IS NULL;
CREATE INDEX event_of_customer ON outbox_domainevent (project_id, customer_id, id DESC)
  WHERE NOT (customer_id = '');
CREATE INDEX event_of_campaign ON outbox_domainevent (project_id, campaign_id, id DESC)
  WHERE NOT (campaign_id = '');
CREATE INDEX event_of_entity_alone
  ON outbox_domainevent (project_id, entity_id, id DESC)
  WHERE campaign_id = '' AND customer_id = '';
CREATE INDEX event_of_project ON outbox_domainevent (project_id);
"""


SHARDS = "INSERT INTO outbox_shard SELECT generate_series(0, 15)"


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0004_event_of_entity"),
        ("tenancy", "0007_areas_and_stores"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shard",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(primary_key=True, serialize=False),
                ),
            ],
        ),
        migrations.RunSQL(SHARDS, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, BACK),
                migrations.RunPython(make_months, migrations.RunPython.noop),
                migrations.RunSQL(FILL, migrations.RunSQL.noop),
                migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="domainevent",
                    name="key",
                    field=models.CharField(blank=True, default="", max_length=64),
                ),
                migrations.AddField(
                    model_name="domainevent",
                    name="shard",
                    field=models.PositiveSmallIntegerField(default=0),
                ),
                migrations.RemoveIndex(
                    model_name="domainevent", name="event_unpublished"
                ),
                migrations.AddIndex(
                    model_name="domainevent",
                    index=models.Index(
                        condition=models.Q(("published_at", None)),
                        fields=["shard", "id"],
                        name="event_waiting",
                    ),
                ),
            ],
        ),
    ]
