#!/usr/bin/env bash
# Makes sure that everything `make test` drives is here: a C compiler for the
# race detector, Node, Chromium with fonts, htpasswd, the servers that connectors
# ask, and the npm packages of e2e/clients. As root on Debian it installs what is missing; elsewhere it says
# what to install, and the tests that need it say so again.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
want() { # Debian package, then a test for it
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}

node_is_new() { [ "$(node -p '(([a, b]) => a * 100 + +b)(process.versions.node.split("."))')" -ge 2019 ]; }
chromium_is_here() { [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome; }
fonts_are_here() { [ "$(uname)" != Linux ] || ls /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf; }

want gcc command -v "${CC:-cc}"
want nodejs node_is_new
want npm command -v npm
want chromium chromium_is_here
want fonts-noto-core fonts_are_here
want apache2-utils command -v htpasswd
want whois command -v mkpasswd
want postgresql ls /usr/lib/postgresql/*/bin/initdb
want mariadb-server command -v mariadbd
want slapd command -v slapd
want slapd-contrib ls /usr/lib/ldap/pw-sha2.so
want ldap-utils command -v ldapadd
want samba command -v samba
want samba-ad-provision ls /usr/share/samba/setup/provision.ldif
want samba-dsdb-modules ls /usr/lib/*/samba/ldb/samba_dsdb.so
want samba-vfs-modules ls /usr/lib/*/samba/vfs/acl_xattr.so
want winbind command -v winbindd
want python3 ls /usr/bin/python3
want python3-samba /usr/bin/python3 -c 'import samba'
want freeradius command -v freeradius
want yubiserver command -v yubiserver
want zbar-tools command -v zbarimg
want libpam0g-dev ls /usr/include/security/pam_appl.h

# Debian starts what it installs; the tests start servers of their own. For the
# time of the installation it is told not to.
install_missing() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    ours=1
  fi
  apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  local status=$?
  [ -z "$ours" ] || rm -f "$policy"
  return $status
}

if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]}"
  install_missing
  missing=()
fi
# Debian 12 has Node 18. The registry has newer ones as packages; the Makefile
# puts this folder in front of the path.
if command -v npm >/dev/null && ! node_is_new && [ "$(uname)" = Linux ]; then
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch= ;; esac
  if [ -n "$arch" ]; then
    echo "fetching Node 20"
    npm install --prefix .cache/node --silent --no-save --ignore-scripts "node-linux-$arch@20" &&
      mkdir -p .cache/bin && ln -sf "../node/node_modules/node-linux-$arch/bin/node" .cache/bin/node
    export PATH="$PWD/.cache/bin:$PATH"
    hash -r
  fi
fi
if command -v node >/dev/null && ! node_is_new; then
  echo "node is $(node --version), the clients need 20.19 or later: https://nodejs.org/en/download"
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing for the whole test run: ${missing[*]}"
  echo "  Debian, Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}"
  echo "  macOS:          brew install node chromium httpd postgresql mariadb openldap samba freeradius-server    (and: xcode-select --install)"
fi

lock=e2e/clients/package-lock.json
if command -v npm >/dev/null && [ "$lock" -nt e2e/clients/node_modules/.package-lock.json ]; then
  echo "fetching the npm packages of e2e/clients"
  npm ci --prefix e2e/clients --silent --ignore-scripts
  touch e2e/clients/node_modules/.package-lock.json
fi
