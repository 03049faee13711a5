# Third-party code, each as one third_party:: target. Which layer may include what is decided in
# docs/style.md and checked by ci/tidy_test.
include_guard(GLOBAL)

# robosync_header_only(<target> <header>): a header-only library. Distribution packages install into
# /usr/include, which must not reach a cross compiler, so there the one header (or its folder) is
# linked into the build tree and only that is put on the path.
function(robosync_header_only target header)
  string(MAKE_C_IDENTIFIER "${target}" id)
  add_library(third_party_${target} INTERFACE)
  add_library(third_party::${target} ALIAS third_party_${target})
  if(CMAKE_CROSSCOMPILING)
    find_path(ROBOSYNC_${id}_DIR "${header}" NO_CMAKE_FIND_ROOT_PATH REQUIRED)
    foreach(name IN LISTS header ARGN)
      string(REGEX REPLACE "/.*" "" top "${name}")
      file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/third_party")
      file(CREATE_LINK "${ROBOSYNC_${id}_DIR}/${top}" "${CMAKE_BINARY_DIR}/third_party/${top}"
           SYMBOLIC)
    endforeach()
    target_include_directories(third_party_${target} SYSTEM
                               INTERFACE "${CMAKE_BINARY_DIR}/third_party")
  else()
    find_path(ROBOSYNC_${id}_DIR "${header}" REQUIRED)
    target_include_directories(third_party_${target} SYSTEM INTERFACE "${ROBOSYNC_${id}_DIR}")
  endif()
endfunction()

robosync_header_only(fmt fmt/format.h)
target_compile_definitions(third_party_fmt INTERFACE FMT_HEADER_ONLY=1)
# xxhash.h takes its SIMD half from xxh3.h in older releases.
robosync_header_only(xxhash xxhash.h xxh3.h)
robosync_header_only(cli11 CLI/CLI.hpp)
robosync_header_only(nlohmann_json nlohmann/json.hpp)

# SHA-256: OpenSSL's libcrypto, or what Windows brings along.
add_library(third_party_system_crypto INTERFACE)
add_library(third_party::system_crypto ALIAS third_party_system_crypto)
if(WIN32)
  target_link_libraries(third_party_system_crypto INTERFACE bcrypt ntdll)
else()
  if(ROBOSYNC_STATIC)
    set(OPENSSL_USE_STATIC_LIBS TRUE)
  endif()
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
  target_link_libraries(third_party_system_crypto INTERFACE OpenSSL::Crypto)
endif()

find_package(Threads REQUIRED)

# What only remote routes need. For a cross build the libraries are those of
# ci/windows/third-party.sh, which the toolchain file puts on the search path.
robosync_header_only(asio asio.hpp)
target_compile_definitions(third_party_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
robosync_header_only(tomlplusplus toml++/toml.h)
foreach(name IN ITEMS tls archive zstd)
  add_library(third_party_${name} INTERFACE)
  add_library(third_party::${name} ALIAS third_party_${name})
endforeach()
if(WIN32)
  set(OPENSSL_USE_STATIC_LIBS TRUE)
endif()
# Another prefix (another version, or recipe) is looked through anew.
if(CMAKE_CROSSCOMPILING AND NOT "$ENV{ROBOSYNC_MINGW_PREFIX}" STREQUAL "${ROBOSYNC_PREFIX_SEEN}")
  get_cmake_property(cached CACHE_VARIABLES)
  list(FILTER cached INCLUDE REGEX "^(OPENSSL_|SSL_EAY|LIB_EAY|ROBOSYNC_(ARCHIVE|ZSTD)_)")
  foreach(name IN LISTS cached)
    unset(${name} CACHE)
  endforeach()
  set(ROBOSYNC_PREFIX_SEEN "$ENV{ROBOSYNC_MINGW_PREFIX}" CACHE INTERNAL "")
endif()
find_package(OpenSSL REQUIRED COMPONENTS SSL Crypto)
target_link_libraries(third_party_tls INTERFACE OpenSSL::SSL OpenSSL::Crypto)
# Linked statically only what is used comes along; the shared one brings an XML parser, which doubles
# the time a program takes to start. One complaint about kinds of entries that we never write would
# pull in every format there is.
set(suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(ROBOSYNC_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_library(ROBOSYNC_ARCHIVE_LIBRARY NAMES archive archive_static REQUIRED)
find_library(ROBOSYNC_ZSTD_LIBRARY NAMES zstd zstd_static REQUIRED)
set(CMAKE_FIND_LIBRARY_SUFFIXES ${suffixes})
target_link_libraries(third_party_archive INTERFACE ${ROBOSYNC_ARCHIVE_LIBRARY})
if(ROBOSYNC_STATIC OR MINGW)
  target_link_options(third_party_archive INTERFACE
                      "LINKER:--defsym=__archive_write_entry_filetype_unsupported=abort")
endif()
target_link_libraries(third_party_zstd INTERFACE ${ROBOSYNC_ZSTD_LIBRARY})
if(WIN32)
  target_link_libraries(third_party_asio INTERFACE ws2_32 mswsock)
  target_link_libraries(third_party_tls INTERFACE ws2_32 crypt32 gdi32 user32 advapi32)
  target_compile_definitions(third_party_archive INTERFACE LIBARCHIVE_STATIC)
  find_path(ROBOSYNC_ARCHIVE_INCLUDE archive.h REQUIRED)
  find_path(ROBOSYNC_ZSTD_INCLUDE zstd.h REQUIRED)
  target_include_directories(third_party_archive SYSTEM INTERFACE "${ROBOSYNC_ARCHIVE_INCLUDE}")
  target_include_directories(third_party_zstd SYSTEM INTERFACE "${ROBOSYNC_ZSTD_INCLUDE}")
endif()

if(ROBOSYNC_TESTS)
  if(CMAKE_CROSSCOMPILING)
    set(ROBOSYNC_GTEST_SOURCE /usr/src/googletest CACHE PATH "GoogleTest's sources")
    set(INSTALL_GTEST OFF)
    add_subdirectory("${ROBOSYNC_GTEST_SOURCE}" "${CMAKE_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL
                     SYSTEM)
    foreach(name IN ITEMS gtest gtest_main gmock)
      if(NOT TARGET GTest::${name})
        add_library(GTest::${name} ALIAS ${name})
      endif()
    endforeach()
  else()
    find_package(GTest REQUIRED)
  endif()
endif()
if(ROBOSYNC_BENCH AND NOT CMAKE_CROSSCOMPILING)
  find_package(benchmark REQUIRED)
endif()
