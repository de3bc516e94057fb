#!/bin/sh
# The tutorial's journey with curl. Run it from the folder of the project while
# `make demo` or `make run` serves:
#
#     sh docs/tutorial/with_curl.sh
#
# It makes a project of its own and stops at the first answer that is not as told.
set -eu
PROMO=${PROMO:-http://127.0.0.1:8000}
PYTHON=${PYTHON:-.venv/bin/python}

# field NAME.0.NAME: what stands there in the JSON on the standard input.
field() {
    "$PYTHON" -c '
import json, sys
found = json.load(sys.stdin)
for step in sys.argv[1].split("."):
    found = found[int(step)] if isinstance(found, list) else found[step]
print(found if isinstance(found, str) else json.dumps(found))' "$1"
}

# ask METHOD PATH [BODY]: what the API answers.
ask() {
    curl --silent --show-error --request "$1" "$PROMO$2" \
        --header "X-App-Id: $app_id" --header "X-App-Token: $app_token" \
        --header "Content-Type: application/json" ${3:+--data "$3"}
}

# expect WANTED FOUND: stop unless they are the same.
expect() {
    [ "$1" = "$2" ] || { echo "Expected $1, found $2." >&2; exit 1; }
}

echo "1. A project and its keys"
keys=$("$PYTHON" manage.py create_project Tutorial --json)
app_id=$(echo "$keys" | field app_id)
app_token=$(echo "$keys" | field app_token)

echo "2. A customer and a product"
customer=$(ask POST /v1/customers '{"source_id": "ada", "name": "Ada"}')
expect ada "$(echo "$customer" | field source_id)"
product=$(ask POST /v1/products '{"source_id": "mug", "name": "Mug", "price": 1000}')
expect 1000 "$(echo "$product" | field price)"

echo "3. The rule: an order of at least 50.00"
rule=$(ask POST /v1/validation-rules '{
  "name": "Order of at least 50.00",
  "rules": {
    "1": {
      "name": "order.amount",
      "conditions": {"$more_than_or_equal": [5000]},
      "error": {"message": "Spend at least 50.00"}
    },
    "logic": "1"
  }
}' | field id)

echo "4. The campaign: 20 % off, 1,000 codes, each for one use"
campaign=$(ask POST /v1/campaigns '{
  "name": "Twenty off",
  "campaign_type": "DISCOUNT_COUPONS",
  "vouchers_count": 1000,
  "validation_rules": ["'"$rule"'"],
  "voucher": {
    "type": "DISCOUNT_VOUCHER",
    "discount": {"type": "PERCENT", "percent_off": 20},
    "redemption": {"quantity": 1},
    "code_config": {"pattern": "MUG-########"}
  }
}' | field id)
tries=0
while vouchers=$(ask GET "/v1/vouchers?campaign_id=$campaign&limit=1"); do
    [ "$(echo "$vouchers" | field total)" = 1000 ] && break
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "No codes: is a worker running?" >&2; exit 1; }
    sleep 0.5
done
code=$(echo "$vouchers" | field vouchers.0.code)

# basket ORDER: a request of Ada's with the code.
basket() {
    printf '{"customer": {"source_id": "ada"}, "order": %s,
      "redeemables": [{"object": "voucher", "id": "%s"}]}' "$1" "$code"
}
mugs='{"items": [{"source_id": "mug", "related_object": "product", "quantity": 5}]}'

echo "5. Validating: refused at 49.99, accepted at 50.00"
refused=$(ask POST /v1/validations "$(basket '{"amount": 4999}')")
expect false "$(echo "$refused" | field valid)"
error=$(echo "$refused" | field redeemables.0.result.error)
expect order_rules_violated "$(echo "$error" | field key)"
expect "Spend at least 50.00" "$(echo "$error" | field error.message)"
accepted=$(ask POST /v1/validations "$(basket '{"amount": 5000}')")
expect true "$(echo "$accepted" | field valid)"
expect 1000 "$(echo "$accepted" | field order.total_discount_amount)"
expect 4000 "$(echo "$accepted" | field order.total_amount)"

echo "6. Redeeming: once, and not a second time"
redeemed=$(ask POST /v1/redemptions "$(basket "$mugs")")
expect SUCCESS "$(echo "$redeemed" | field redemptions.0.result)"
expect 4000 "$(echo "$redeemed" | field order.total_amount)"
again=$(ask POST /v1/redemptions "$(basket "$mugs")")
expect quantity_exceeded "$(echo "$again" | field key)"

echo "7. Rolling back, and redeeming again"
redemption=$(echo "$redeemed" | field redemptions.0.id)
rolled_back=$(ask POST "/v1/redemptions/$redemption/rollback?reason=returned")
expect SUCCESS "$(echo "$rolled_back" | field result)"
redeemed=$(ask POST /v1/redemptions "$(basket "$mugs")")
expect SUCCESS "$(echo "$redeemed" | field redemptions.0.result)"

echo "Everything went as told."
