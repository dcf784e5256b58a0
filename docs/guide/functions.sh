# Functions of the guides that ask a running service (`make run`): a person, a shelter's software, a request.

BASE=${BASE:-http://127.0.0.1:8000}
VAR=${PLACEMENT_VAR:-var}

show() { .venv/bin/python -c 'import json, sys; it = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
call() { curl -sS -K "$3" -X "$1" "$BASE/api/v1$2" -H "Accept-Language: en" -H "Content-Type: application/json" ${4:+-d "$4"}; }
send() { curl -sS "$BASE/api/v1$1" -H "Content-Type: application/json" -d @- "${@:2}"; }
sign_in() (
  umask 077
  show "[json.dumps(one) for one in it['people'] if one['email'] == '$1'][0]" < "$VAR/demo-credentials.json" > "$VAR/$1.json"
  CHALLENGE=$(show "json.dumps({name: it[name] for name in ('email', 'password')})" < "$VAR/$1.json" |
    send /session | show "it['challenge']")
  CSRF=$(show "json.dumps({'challenge': '$CHALLENGE', 'code': __import__('pyotp').TOTP(it['totp_secret']).now()})" < "$VAR/$1.json" |
    send /session/code -c "$VAR/$1.cookies" | show "it['csrf_token']")
  printf 'cookie = "%s"\nheader = "X-CSRF-Token: %s"\n' "$VAR/$1.cookies" "$CSRF" > "$VAR/$1.curl"
  rm "$VAR/$1.json"
  echo "$VAR/$1.curl"
)
use_key() (
  umask 077
  TOKEN=$(show "[json.dumps({'key': one['api_key']}) for one in it['shelters'] if one['shelter_id'] == '$1'][0]" \
    < "$VAR/demo-credentials.json" | send /token | show "it['token']")
  printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" > "$VAR/$1.curl"
  echo "$VAR/$1.curl"
)
