#!/bin/sh
# Installs the real servers that the tests talk to: Dovecot, PostgreSQL, Chromium, a CJK font, openssl, and
# Tesseract, which reads faxes.
# Where it may not install, it says exactly which command is missing and ends with 1.
set -u

missing=""
need() { # need PROGRAM PACKAGE...: the program may be in sbin or, for PostgreSQL, in a folder of its own
  program=$1
  shift
  for folder in $(echo "$PATH" | tr ':' ' ') /usr/sbin /usr/lib/postgresql/*/bin; do
    [ -x "$folder/$program" ] && return 0
  done
  missing="$missing $*"
}

need dovecot dovecot-imapd
need postgres postgresql
need chromium chromium
need openssl openssl
need tesseract tesseract-ocr
[ -f /usr/share/tesseract-ocr/5/tessdata/chi_sim.traineddata ] || missing="$missing tesseract-ocr-chi-sim"
[ -d /usr/share/fonts/opentype/noto ] || [ -d /usr/share/fonts/truetype/noto ] || missing="$missing fonts-noto-cjk"

[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "the tests need programs that are not here; run as root: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
  echo "apt-get could not install:$missing" >&2
  exit 1
}
