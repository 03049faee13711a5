# The library robosync_version: "robosync/version.h" says which version and commit this build is.
# Only its one generated source changes with the commit, so a commit recompiles one file.
include_guard(GLOBAL)

set(robosync_generated "${CMAKE_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${robosync_generated}/robosync")
configure_file("${PROJECT_SOURCE_DIR}/cmake/version.h.in" "${robosync_generated}/robosync/version.h"
               @ONLY)

add_custom_target(
  robosync_commit
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
          "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.cc.in"
          "-DOUTPUT=${robosync_generated}/version.cc" "-DVERSION=${PROJECT_VERSION}" -P
          "${PROJECT_SOURCE_DIR}/cmake/write_version.cmake"
  BYPRODUCTS "${robosync_generated}/version.cc"
  COMMENT "Noting the commit")

add_library(robosync_version STATIC "${robosync_generated}/version.cc")
target_include_directories(robosync_version SYSTEM PUBLIC "${robosync_generated}")
add_dependencies(robosync_version robosync_commit)
