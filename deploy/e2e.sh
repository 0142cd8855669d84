#!/usr/bin/env bash
# The overlay `postgres` on a real cluster, from an empty namespace to an empty one:
#   deploy/e2e.sh --image logitd:0.1.0 [--curl-image IMAGE] [--keep] [--render]
# It needs kubectl, a cluster of Kubernetes 1.30 or newer (kind, k3d or any other) with a default
# storage class, and the image where its nodes find it:
#   kind load image-archive target/image/logitd.tar      k3d image import target/image/logitd.tar
# The nodes also pull PostgreSQL's image and one with curl and a shell, which asks from inside.
# Every step says what it saw; the first that saw something else ends the script with 1. The
# namespace `logitd` must not be there before and is removed at the end, unless --keep says otherwise.
# --render prints what would be applied and needs no cluster.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

image=
curl_image=docker.io/curlimages/curl:8.11.1
keep=
render=
readonly NAMESPACE=logitd

fail() {
  echo "e2e.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --image) image=${2:?} && shift 2 ;;
    --curl-image) curl_image=${2:?} && shift 2 ;;
    --keep) keep=yes && shift ;;
    --render) render=yes && shift ;;
    *) fail "unknown argument $1; the head of the script says what there is" ;;
  esac
done
case $image in
  *:*) ;;
  *) fail "--image NAME:TAG is needed" ;;
esac
command -v kubectl >/dev/null || fail "kubectl is missing"

k() {
  kubectl --namespace "$NAMESPACE" "$@"
}

saw() {
  printf '   saw: %s\n' "$*"
}

step() {
  printf '\n== %s\n' "$*"
}

# Asks again each second until the command succeeds: `eventually SECONDS WHAT COMMAND...`
eventually() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "gave up waiting for $what"
    sleep 1
  done
}

# A copy, so that image and configuration can be changed as an installer would.
work=$(mktemp -d)
cp -r "$here/kustomize" "$work/kustomize"
readonly OVERLAY=$work/kustomize/overlays/postgres
readonly CONFIG=$work/kustomize/base/logitd.toml
sed -i.bak -e "s|^    newTag: .*|    newName: ${image%:*}\n    newTag: \"${image##*:}\"|" "$OVERLAY/kustomization.yaml"

clean_up() {
  local status=$?
  trap - EXIT
  rm -rf "$work"
  if [ -n "${installed:-}" ] && [ -z "$keep" ]; then
    step "clean up"
    kubectl delete namespace "$NAMESPACE" --wait --timeout=180s && saw "the namespace is gone"
  fi
  [ "$status" -eq 0 ] && [ -z "$render" ] && printf '\ne2e.sh: every step saw what it should\n'
  exit "$status"
}
trap clean_up EXIT

# The asker: a pod under `restricted` like every other, allowed to reach the service and names.
asker_yaml() {
  cat <<END
apiVersion: v1
kind: Pod
metadata:
  name: asker
  namespace: $NAMESPACE
  labels:
    app.kubernetes.io/name: asker
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: curl
      image: $curl_image
      command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 1; done"]
      resources:
        requests: {cpu: 50m, memory: 32Mi, ephemeral-storage: 16Mi}
        limits: {cpu: 500m, memory: 128Mi, ephemeral-storage: 64Mi}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 32Mi
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: asker-out
  namespace: $NAMESPACE
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: asker
  policyTypes: [Egress]
  egress:
    - to:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: logitd
      ports:
        - port: 8080
          protocol: TCP
    - ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
END
}

if [ -n "$render" ]; then
  kubectl kustomize "$OVERLAY"
  echo ---
  asker_yaml
  exit
fi

# A key as `logitd key new` makes it: the service knows its digest only. Sets `key` and `line`.
new_key() {
  local digest
  key=logitd_$(od -An -N 32 -t x1 /dev/urandom | tr -d ' \n')
  digest=$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)
  line="  { name = \"$1\", role = \"operate\", sha256 = \"$digest\" },"
}

# The Secret with these lines, made or replaced.
set_keys() {
  printf 'keys = [\n%s\n]\n' "$(printf '%s\n' "$@")" >"$work/keys.toml"
  k create secret generic logitd-keys --from-file="$work/keys.toml" --dry-run=client -o yaml | k apply -f - >/dev/null
}

# ask KEY METHOD PATH [CURL'S ARGUMENTS]: the body, and after it the status on a line of its own.
ask() {
  local with=$1 method=$2 path=$3
  shift 3
  k exec asker -- curl -s -m 20 -X "$method" -H "Authorization: Bearer $with" \
    -w '\n%{http_code}\n' "$@" "http://$service$path"
}

status_of() {
  tail -n 1 <<<"$1"
}

# The value of a field of a JSON answer: text, number or boolean, the first of that name.
field() {
  sed -n 's/.*"'"$2"'":"\{0,1\}\([^",}]*\).*/\1/p' <<<"$(tr -d '\n' <<<"$1" | sed 's/"'"$2"'":/\n&/' | sed -n 2p)"
}

expect() {
  [ "$(status_of "$1")" = "$2" ] || fail "expected status $2, and the answer is: $1"
}

# The pods of the service by name, with how often each was restarted.
pods() {
  k get pods -l app.kubernetes.io/name=logitd,app.kubernetes.io/component=service \
    -o 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].restartCount}{"\n"}{end}' | sort
}

run_has_ended() {
  answer=$(ask "$key" GET "$run") || return 1
  case $(field "$answer" status) in
    queued | running | "") return 1 ;;
  esac
}

# Asks for a run by the second service; sets `run`.
request_run() {
  local answer
  answer=$(ask "$key" POST /v1/training-runs)
  expect "$answer" 202
  run=/v1/training-runs/$(field "$answer" id)
  [ "$run" != /v1/training-runs/ ] || fail "no run in $answer"
}

champion() {
  field "$(ask "$key" GET /v1/models/champion)" version
}

kubectl get namespace "$NAMESPACE" >/dev/null 2>&1 && fail "the namespace $NAMESPACE is there already; this script makes and removes it"
service=logitd

step "install"
kubectl apply -f "$here/kustomize/namespace.yaml" >/dev/null
installed=yes
new_key e2e
set_keys "$line"
password=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
k create secret generic logitd-database --from-literal=password="$password" \
  --from-literal=url="postgres://logitd:$password@postgres/logitd" >/dev/null
kubectl apply --dry-run=server -k "$OVERLAY" >/dev/null && saw "the server takes every object in a dry run"
kubectl apply -k "$OVERLAY" >/dev/null
asker_yaml | kubectl apply -f - >/dev/null
k wait pod/asker --for=condition=Ready --timeout=180s >/dev/null
k wait job -l app.kubernetes.io/component=import --for=condition=Complete --timeout=300s >/dev/null && saw "the example is imported"
k rollout status deployment/logitd --timeout=600s >/dev/null && saw "$(pods | wc -l | tr -d ' ') pods are ready: $(pods | tr '\n' ' ')"

step "predict"
# Every feature with the example that the configuration has for it.
query=$(awk -F ' = ' '/^\[\[dataset.features\]\]/ {inside = 1} inside && $1 == "name" {gsub(/"/, "", $2); name = $2}
  inside && $1 == "example" {printf "%s%s=%s", sep, name, $2; sep = "&"}' "$CONFIG")
answer=$(ask "$key" GET "/v1/predict?$query")
expect "$answer" 200
saw "$(field "$answer" label) with probability $(field "$answer" probability)"
answer=$(ask wrong GET "/v1/predict?$query")
expect "$answer" 401
saw "a wrong key is refused: $(field "$answer" code)"

step "train"
service=logitd-admin
request_run
eventually 180 "the end of $run" run_has_ended
second=$(field "$answer" version)
[ -n "$second" ] || fail "the run made no version: $answer"
saw "the run ended as $(field "$answer" status) and made version $second"

step "change the configuration under load"
service=logitd
# Three clients that keep their connections for 2,000 requests each, and write down every status. Of a
# kept connection that was closed before its answer began, curl makes a second attempt by itself, as
# clients do; the test tests/it/rolling_update.rs counts those too.
# shellcheck disable=SC2016  # the shell in the pod expands these
k exec asker -- sh -c '
  rm -f /tmp/stop /tmp/codes.*
  for client in 1 2 3; do
    (while [ ! -e /tmp/stop ]; do
       curl -s -o /dev/null -m 10 -H "Authorization: Bearer $1" -w "%{http_code}\n" "http://logitd/v1/predict?$2#[1-2000]" >>/tmp/codes.$client
     done) >/dev/null 2>&1 &
  done' sh "$key" "$query"
before=$(k get deployment logitd -o 'jsonpath={.spec.template.spec.volumes[?(@.name=="config")].configMap.name}')
sed -i.bak 's/^penalties = .*/penalties = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]\nfolds = 20/' "$CONFIG"
kubectl apply -k "$OVERLAY" >/dev/null
k rollout status deployment/logitd --timeout=600s >/dev/null
after=$(k get deployment logitd -o 'jsonpath={.spec.template.spec.volumes[?(@.name=="config")].configMap.name}')
[ "$before" != "$after" ] || fail "the configuration's name did not change: $after"
k get configmap "$before" >/dev/null && saw "$before became $after, and the old one stays"
# The old pods drain for some seconds after the new ones are ready: the load outlasts that.
are_two() { [ "$(pods | wc -l)" -eq 2 ]; }
eventually 120 "the old pods to go" are_two
codes=$(k exec asker -- sh -c 'touch /tmp/stop; sleep 15; cat /tmp/codes.* | sort | uniq -c')
[ "$(awk '{print $2}' <<<"$codes")" = 200 ] || fail "not every request was answered with 200: $codes"
saw "$(awk '{print $1}' <<<"$codes") requests, all answered with 200"

step "delete a pod in the middle of a training run"
service=logitd-admin
# More rows make the run last: each row two hundred times, with keys of their own.
k exec postgres-0 -- psql --quiet --username=logitd --dbname=logitd --command="insert into breast_cancer
  select (jsonb_populate_record(b, jsonb_build_object('id', -(g * 1000 + place)))).*
  from (select one, row_number() over () as place from breast_cancer one) numbered (b, place), generate_series(1, 200) g"
request_run
trainer() {
  pod=$(k logs -l app.kubernetes.io/component=service --prefix --tail=-1 | grep '"training"' | grep "${run##*/}" |
    sed -n '$s|^\[pod/\([^/]*\)/.*|\1|p')
  [ -n "$pod" ]
}
eventually 120 "a pod that works on $run" trainer
answer=$(ask "$key" GET "$run")
[ "$(field "$answer" status)" = running ] || fail "the run ended before a pod could be deleted: $answer"
victim=$pod
# Two seconds are the preStop alone: the process is killed in the middle, and gives nothing back.
k delete pod "$victim" --grace-period=2 --wait=true >/dev/null
saw "$victim is gone while the run was $(field "$answer" status), step $(field "$answer" step)"
eventually 1200 "the end of $run" run_has_ended
case $(field "$answer" status) in
  promoted | kept) saw "the run ended as $(field "$answer" status) at attempt $(field "$answer" attempt)" ;;
  *) fail "the run did not end well: $answer" ;;
esac
[ "$(field "$answer" attempt)" -ge 2 ] || fail "nobody took the run over: $answer"
k rollout status deployment/logitd --timeout=600s >/dev/null

step "rotate a key"
service=logitd
old_key=$key old_line=$line before=$(pods)
new_key e2e-next
set_keys "$old_line" "$line"
is_valid() { [ "$(status_of "$(ask "$1" GET "/v1/schema")")" = 200 ]; }
is_shut_out() { [ "$(status_of "$(ask "$1" GET "/v1/schema")")" = 401 ]; }
# Ten times in a row: each pod has been asked.
all() {
  local left=10
  while [ "$left" -gt 0 ]; do
    "$@" || return 1
    left=$((left - 1))
  done
}
eventually 300 "the new key to be valid" all is_valid "$key"
all is_valid "$old_key" || fail "the old key is not valid any more"
saw "both keys are valid"
set_keys "$line"
eventually 300 "the old key to be shut out" all is_shut_out "$old_key"
all is_valid "$key" || fail "the new key is not valid"
[ "$(pods)" = "$before" ] || fail "a pod was restarted: $before, then $(pods)"
saw "the old key is refused, the new one valid, and no pod was restarted"

step "roll the model back"
first=$(champion)
[ "$first" != "$second" ] || second=$((second - 1))
expect "$(ask "$key" POST "/v1/models/$second/promote" -H 'Content-Type: application/json' -d '{"reason": "e2e"}')" 200
serves() { [ "$(champion)" = "$1" ]; }
eventually 60 "every pod to serve version $second" all serves "$second"
saw "version $second serves in place of $first"
answer=$(ask "$key" POST /v1/models/rollback -H 'Content-Type: application/json' -d '{"reason": "e2e"}')
expect "$answer" 200
eventually 60 "every pod to serve version $first" all serves "$first"
saw "rolled back: version $first serves again, and is pinned"
expect "$(ask "$key" DELETE '/v1/models/pin?reason=e2e')" 200
saw "the pin is off"
