#!/usr/bin/env bash
# Runs a Windows program under wine: CMake's CMAKE_CROSSCOMPILING_EMULATOR for the mingw preset.
# Headless, quiet, 64-bit, UTF-8 names (LC_ALL=C would break names that are not ASCII).
unset DISPLAY
export WINEPREFIX="${ROBOSYNC_WINEPREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/robosync/wine}"
export WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=" LC_ALL=C.UTF-8
exec "${ROBOSYNC_WINE:-wine}" "$@"
