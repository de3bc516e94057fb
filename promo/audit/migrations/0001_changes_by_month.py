import django.db.models.deletion
from django.db import migrations, models

import promo.ids

# Django knows no partitions: the table is made by hand, as the model describes it. A
# key of a partitioned table holds what the parts are cut by. Months are made ahead by a
# task; until then the default partition takes what comes.
TABLE = """
CREATE TABLE audit_change (
  id uuid NOT NULL,
  project_id uuid,
  created_at timestamptz NOT NULL,
  "table" varchar(63) NOT NULL,
  object_id varchar(64) NOT NULL,
  about_id varchar(64) NOT NULL,
  customer_id uuid,
  name varchar(255) NOT NULL,
  action varchar(10) NOT NULL,
  before jsonb NOT NULL,
  after jsonb NOT NULL,
  rows integer NOT NULL CHECK (rows >= 0),
  actor_kind varchar(10) NOT NULL,
  actor_id varchar(64) NOT NULL,
  actor_name varchar(255) NOT NULL,
  channel varchar(20) NOT NULL,
  request_id varchar(64) NOT NULL,
  reason varchar(500) NOT NULL,
  erased_at timestamptz,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
"""
INDEXES = """
CREATE INDEX change_made ON audit_change (project_id, created_at, id);
CREATE INDEX change_kind ON audit_change (project_id, "table", created_at, id);
CREATE INDEX change_actor ON audit_change (project_id, actor_id, created_at, id);
CREATE INDEX change_object ON audit_change (object_id, created_at);
CREATE INDEX change_about ON audit_change (about_id, created_at)
  WHERE NOT (about_id = '');
CREATE INDEX change_customer ON audit_change (customer_id)
  WHERE customer_id IS NOT NULL;
CREATE INDEX change_request ON audit_change (request_id);
CREATE TABLE audit_change_default PARTITION OF audit_change DEFAULT;
"""
FUNCTIONS = r"""
-- Who the running statement works for, as promo.audit.telling writes in front of it:
-- a comment of hex digits, so nothing inside it can end it. Null for anybody else.
CREATE OR REPLACE FUNCTION audit_who() RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN convert_from(decode(
    substring(current_query() FROM '^/\*promo[+-]:([0-9a-f]*)\*/'), 'hex'), 'UTF8')::jsonb;
END $$;

-- Rows of tables that checkouts and long work write are told of one by one only where
-- somebody changes just them, which a plus sign says.
CREATE OR REPLACE FUNCTION audit_is_by_hand() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT left(current_query(), 9) = '/*promo+:'
$$;

-- A column as the log keeps it: what is secret is dots, what is too long its length.
CREATE OR REPLACE FUNCTION audit_value(value jsonb, is_secret boolean)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN is_secret AND value NOT IN ('null', '""') THEN '"•••"'::jsonb
    WHEN length(value::text) > 20000
      THEN to_jsonb(format('(%s characters)', length(value::text)))
    ELSE value END
$$;

-- Writes what a statement did to a watched table. Arguments: columns that are no change,
-- columns told only along with others, secret columns (arrays each), the column with
-- what the object is a part of, how to find the project where the row has none, and
-- the column with the customer.
CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT integer := 100;
  unwatched text[] := TG_ARGV[0]::text[];
  silent text[] := TG_ARGV[0]::text[] || TG_ARGV[1]::text[];
  secret text[] := TG_ARGV[2]::text[];
  number bigint;
  one jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT count(*) INTO number FROM after_rows;
  ELSE
    SELECT count(*) INTO number FROM before_rows;
  END IF;
  IF number = 0 THEN RETURN NULL; END IF;
  IF number > most THEN
    IF TG_OP = 'INSERT' THEN
      SELECT to_jsonb(a) INTO one FROM after_rows a LIMIT 1;
    ELSE
      SELECT to_jsonb(b) INTO one FROM before_rows b LIMIT 1;
    END IF;
    PERFORM audit_store(TG_TABLE_NAME::text, TG_OP, NULL, one, NULL, NULL,
      number::integer, TG_ARGV[3], TG_ARGV[4], TG_ARGV[5]);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM audit_store(TG_TABLE_NAME::text, TG_OP, NULL, row_after, '{}', (
        SELECT coalesce(jsonb_object_agg(key, audit_value(value, key = ANY(secret))), '{}')
        FROM jsonb_each(row_after) WHERE key <> ALL(unwatched || '{id,project_id}')
        AND value NOT IN ('null', '""', '{}', '[]')),
      1, TG_ARGV[3], TG_ARGV[4], TG_ARGV[5])
    FROM (SELECT to_jsonb(a) AS row_after FROM after_rows a) rows;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM audit_store(TG_TABLE_NAME::text, TG_OP, NULL, row_before, (
        SELECT coalesce(jsonb_object_agg(key, audit_value(value, key = ANY(secret))), '{}')
        FROM jsonb_each(row_before) WHERE key <> ALL(unwatched || '{id,project_id}')
        AND value NOT IN ('null', '""', '{}', '[]')),
      '{}', 1, TG_ARGV[3], TG_ARGV[4], TG_ARGV[5])
    FROM (SELECT to_jsonb(b) AS row_before FROM before_rows b) rows;
  ELSE
    PERFORM audit_store(TG_TABLE_NAME::text, TG_OP, row_before, row_after, (
        SELECT coalesce(jsonb_object_agg(key, audit_value(value, key = ANY(secret))), '{}')
        FROM jsonb_each(row_before) WHERE key <> ALL(unwatched)
        AND value IS DISTINCT FROM row_after -> key), (
        SELECT coalesce(jsonb_object_agg(key, audit_value(value, key = ANY(secret))), '{}')
        FROM jsonb_each(row_after) WHERE key <> ALL(unwatched)
        AND value IS DISTINCT FROM row_before -> key),
      1, TG_ARGV[3], TG_ARGV[4], TG_ARGV[5])
    FROM (SELECT to_jsonb(b) AS row_before, to_jsonb(a) AS row_after
          FROM before_rows b JOIN after_rows a USING (id)) rows
    WHERE (row_before - silent) IS DISTINCT FROM (row_after - silent);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_store(
  named text, done text, former jsonb, shown jsonb, was jsonb, is_now jsonb,
  number integer, part_of text, project_of text, customer_in text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  who jsonb := audit_who();
  owner text := shown ->> 'project_id';
  act text := CASE done WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted'
    ELSE 'changed' END;
BEGIN
  IF owner IS NULL AND project_of <> '' THEN
    EXECUTE project_of INTO owner USING shown;
  END IF;
  IF former ->> 'deleted_at' IS NULL AND shown ->> 'deleted_at' IS NOT NULL
    AND done = 'UPDATE' THEN act := 'deleted'; END IF;
  IF former ->> 'deleted_at' IS NOT NULL AND shown ->> 'deleted_at' IS NULL
    THEN act := 'restored'; END IF;
  INSERT INTO audit_change (id, project_id, created_at, "table", object_id, about_id,
    customer_id, name, action, before, after, rows, actor_kind, actor_id, actor_name,
    channel, request_id, reason)
  VALUES (
    overlay(overlay(replace(gen_random_uuid()::text, '-', '')
      placing lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
      from 1 for 12) placing '7' from 13 for 1)::uuid, owner::uuid, clock_timestamp(), named,
    CASE WHEN number = 1 THEN replace(coalesce(shown ->> 'id', ''), '-', '') ELSE '' END,
    CASE WHEN number = 1 AND part_of <> ''
      THEN regexp_replace(replace(coalesce(shown ->> part_of, ''), '-', ''),
        '^[a-z_]+_([0-9a-f]{32})$', '\1') ELSE '' END,
    CASE WHEN number = 1 AND customer_in <> '' THEN (shown ->> customer_in)::uuid END,
    CASE WHEN number = 1 THEN left(coalesce(nullif(shown ->> 'name', ''),
      nullif(shown ->> 'code', ''), nullif(shown ->> 'email', ''),
      nullif(shown ->> 'source_id', ''), nullif(shown ->> 'target_url', ''), ''), 255)
      ELSE '' END,
    act, coalesce(was, '{}'), coalesce(is_now, '{}'), number,
    coalesce(who ->> 'kind', 'system'), coalesce(who ->> 'id', ''),
    left(coalesce(who ->> 'name', ''), 255), coalesce(who ->> 'channel', 'INTERNAL'),
    coalesce(who ->> 'request', ''), left(coalesce(who ->> 'reason', ''), 500));
END $$;

-- The log only grows; an erasure and dropping old months open it for their transaction.
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('promo.audit_open', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
APPEND_ONLY = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_change
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""
UNDONE = """
DROP TABLE audit_change;
DROP FUNCTION audit_refuse, audit_record, audit_store, audit_value, audit_is_by_hand,
  audit_who;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("tenancy", "0008_integration_keys")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE + INDEXES + FUNCTIONS + APPEND_ONLY, UNDONE)
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        (
                            "id",
                            promo.ids.PrefixedIdField(
                                editable=False,
                                prefix="chg_",
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("table", models.CharField(max_length=63, verbose_name="kind")),
                        (
                            "object_id",
                            models.CharField(max_length=64, verbose_name="object"),
                        ),
                        ("about_id", models.CharField(max_length=64)),
                        ("customer_id", models.UUIDField(null=True)),
                        ("name", models.CharField(max_length=255)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("created", "Created"),
                                    ("changed", "Changed"),
                                    ("deleted", "Deleted"),
                                    ("restored", "Restored"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("before", models.JSONField()),
                        ("after", models.JSONField()),
                        ("rows", models.PositiveIntegerField()),
                        (
                            "actor_kind",
                            models.CharField(
                                choices=[
                                    ("person", "Person"),
                                    ("key", "API key"),
                                    ("system", "System"),
                                ],
                                max_length=10,
                                verbose_name="kind of actor",
                            ),
                        ),
                        ("actor_id", models.CharField(max_length=64)),
                        (
                            "actor_name",
                            models.CharField(max_length=255, verbose_name="who"),
                        ),
                        ("channel", models.CharField(max_length=20)),
                        ("request_id", models.CharField(max_length=64)),
                        ("reason", models.CharField(max_length=500)),
                        ("erased_at", models.DateTimeField(null=True)),
                        (
                            "project",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="changes",
                                to="tenancy.project",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "indexes": [
                            models.Index(
                                fields=["project", "created_at", "id"],
                                name="change_made",
                            ),
                            models.Index(
                                fields=["project", "table", "created_at", "id"],
                                name="change_kind",
                            ),
                            models.Index(
                                fields=["project", "actor_id", "created_at", "id"],
                                name="change_actor",
                            ),
                            models.Index(
                                fields=["object_id", "created_at"], name="change_object"
                            ),
                            models.Index(
                                condition=models.Q(("about_id", ""), _negated=True),
                                fields=["about_id", "created_at"],
                                name="change_about",
                            ),
                            models.Index(
                                condition=models.Q(("customer_id__isnull", False)),
                                fields=["customer_id"],
                                name="change_customer",
                            ),
                            models.Index(fields=["request_id"], name="change_request"),
                        ],
                    },
                ),
            ],
        ),
    ]
