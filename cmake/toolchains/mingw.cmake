# Windows from Linux: mingw-w64 g++ with posix threads; what it builds runs under wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
# OpenSSL, zstd and libarchive, which Debian has for its own systems only.
if("$ENV{ROBOSYNC_MINGW_PREFIX}" STREQUAL "")
  execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../../ci/windows/third-party.sh" --where
                  OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT EXISTS "${prefix}")
    message(FATAL_ERROR "The libraries for Windows are not built yet: run ci/windows/third-party.sh")
  endif()
  set(ENV{ROBOSYNC_MINGW_PREFIX} "${prefix}")
endif()
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32 $ENV{ROBOSYNC_MINGW_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
add_compile_definitions(_WIN32_WINNT=0x0A00 NOMINMAX WIN32_LEAN_AND_MEAN UNICODE _UNICODE)
# g++ 12's libstdc++.a and every C++23 object that compares type_info define the same inline operator
# (GCC bug 110572).
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--allow-multiple-definition")
set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/../../ci/windows/wine.sh")
