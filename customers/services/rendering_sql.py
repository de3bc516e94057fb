"""Customers as the API and events show them, put together by the database.

For what is told of many at once; a test holds it to ``rendering.full_customer``.
"""

#: A moment as ``promo.clock.isoformat`` writes it.
MOMENT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#: A row ``w`` of customers as ``full_customer`` shows it.
SHOWN = f"""
jsonb_build_object(
  'id', 'cust_' || replace(w.id::text, '-', ''), 'source_id', nullif(w.source_id, ''),
  'name', nullif(w.name, ''), 'email', nullif(w.email, ''), 'address', w.address,
  'summary', w.summary, 'loyalty', w.loyalty, 'referrals', w.referrals,
  'metadata', w.metadata, 'system_metadata', w.system_metadata,
  'created_at', {MOMENT.format("w.created_at")}, 'object', 'customer')
|| jsonb_strip_nulls(jsonb_build_object(
  'description', nullif(w.description, ''), 'phone', nullif(w.phone, ''),
  'birthdate', w.birthdate::text, 'birthday', w.birthday::text,
  'updated_at', {MOMENT.format("w.updated_at")}))
"""
#: A fresh id that grows with time, as ``promo.ids.new_uuid`` makes them.
NEW_ID = """
overlay(overlay(replace(gen_random_uuid()::text, '-', '')
  placing lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
  from 1 for 12) placing '7' from 13 for 1)::uuid
"""
