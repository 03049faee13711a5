# How every target is compiled: language level, warnings, sanitizers, precompiled headers, and the
# tools that only make it quicker (ccache, mold), used where they are found.
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Linked PRIVATE by targets of ours; third-party headers are SYSTEM and stay quiet.
add_library(robosync_warnings INTERFACE)
if(MSVC)
  target_compile_options(robosync_warnings INTERFACE /W4 /permissive- /utf-8 /Zc:__cplusplus
                                                     $<$<BOOL:${ROBOSYNC_WERROR}>:/WX>)
else()
  target_compile_options(
    robosync_warnings
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wshadow
              -Wconversion
              -Wsign-conversion
              -Wnon-virtual-dtor
              -Wold-style-cast
              -Woverloaded-virtual
              -Wcast-qual
              -Wdouble-promotion
              -Wextra-semi
              -Wformat=2
              -Wimplicit-fallthrough
              -Wundef
              -Wunused
              # Named initializers leave the other members at their defaults on purpose.
              -Wno-missing-field-initializers
              $<$<BOOL:${ROBOSYNC_WERROR}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(robosync_warnings INTERFACE -Wduplicated-branches -Wduplicated-cond
                                                       -Wlogical-op)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # GCC 12 sees faults inside inlined std::string and std::optional that cannot happen (its bugs
      # 105651, 105329, 105562). The sanitizer builds look for the real ones.
      target_compile_options(robosync_warnings INTERFACE -Wno-restrict -Wno-array-bounds
                                                         -Wno-stringop-overflow -Wno-maybe-uninitialized)
    endif()
  else()
    target_compile_options(
      robosync_warnings
      # Apple's clang does not know them all.
      INTERFACE -Wno-unknown-warning-option -Wthread-safety
                -Wno-missing-designated-field-initializers -Wno-string-conversion
                # libstdc++'s own stable_sort calls what it deprecates.
                -Wno-deprecated-declarations)
  endif()
endif()

if(ROBOSYNC_SANITIZE)
  add_compile_options(-fsanitize=${ROBOSYNC_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ROBOSYNC_SANITIZE})
endif()

if(UNIX AND NOT APPLE)
  find_program(ROBOSYNC_MOLD mold)
  if(ROBOSYNC_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

# ccache refuses precompiled headers unless told which differences do not matter; the base directory
# makes a second clone of the same tree hit the same cache.
find_program(ROBOSYNC_CCACHE ccache)
if(ROBOSYNC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "${ROBOSYNC_CCACHE}")
endif()
if(NOT MSVC)
  add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
  if(ROBOSYNC_PCH AND ROBOSYNC_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Two precompiled headers, since a target reuses one only with the flags it was made with: one for the
# product, one with GoogleTest for test code. Test code is compiled without optimisation: it takes
# half the time (a third with the sanitizers), and what it tests keeps the preset's flags.
set(robosync_std_headers
    <algorithm>
    <array>
    <atomic>
    <chrono>
    <condition_variable>
    <cstddef>
    <cstdint>
    <cstring>
    <deque>
    <expected>
    <functional>
    <limits>
    <map>
    <memory>
    <mutex>
    <optional>
    <span>
    <string>
    <string_view>
    <system_error>
    <thread>
    <tuple>
    <unordered_map>
    <utility>
    <variant>
    <vector>)
# What test code compiles with, linked after robosync_warnings. GoogleTest's macros are well formed,
# but GCC sees a dangling else in `if (x) EXPECT_TRUE(y);` and a shadowed parameter in the naming
# function of INSTANTIATE_TEST_SUITE_P.
add_library(robosync_test_flags INTERFACE)
if(NOT MSVC)
  target_compile_options(robosync_test_flags INTERFACE -O0 -Wno-dangling-else -Wno-shadow)
endif()

# robosync_pch_target(<target> <header>...)
function(robosync_pch_target target)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/${target}.cc" CONTENT "\n" @ONLY)
  add_library(${target} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/${target}.cc")
  target_link_libraries(${target} PRIVATE robosync_warnings)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

if(ROBOSYNC_PCH)
  robosync_pch_target(robosync_pch ${robosync_std_headers})
endif()

# For product code.
function(robosync_use_pch target)
  if(ROBOSYNC_PCH)
    target_precompile_headers(${target} REUSE_FROM robosync_pch)
  endif()
endfunction()

# For test code, which links GTest::gmock.
function(robosync_use_test_options target)
  target_link_libraries(${target} PRIVATE robosync_test_flags)
  if(ROBOSYNC_PCH)
    if(NOT TARGET robosync_test_pch)
      robosync_pch_target(robosync_test_pch ${robosync_std_headers} <gmock/gmock.h> <gtest/gtest.h>)
      target_link_libraries(robosync_test_pch PRIVATE robosync_test_flags GTest::gmock)
    endif()
    target_precompile_headers(${target} REUSE_FROM robosync_test_pch)
  endif()
endfunction()
