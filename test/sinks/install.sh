#!/bin/bash
# Installs what the tests of sinks, metrics and pages need beside Node, where that can be done: as
# root, with apt-get. Elsewhere it says what is missing; the tests that need it are then skipped.
set -euo pipefail

# A package, and a file by which it is known to be there.
needed=(
  'postgresql /usr/lib/postgresql/*/bin/initdb'
  'prometheus /usr/bin/promtool'
  'chromium /usr/bin/chromium'
)

missing() {
  local entry
  for entry in "${needed[@]}"; do
    compgen -G "${entry#* }" >/dev/null || echo "${entry%% *}"
  done
}

mapfile -t packages < <(missing)
if [ ${#packages[@]} -eq 0 ]; then
  echo 'All servers for tests are installed.'
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "MISSING, their tests are skipped: ${packages[*]}. On Debian: apt-get install ${packages[*]}" >&2
  exit 0
fi
# No package starts its server: tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
