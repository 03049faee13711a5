# Turns a folder into targets. A file's name says what it is:
#
#   *_test.cc       unit tests               -> <layer>_test
#   *_slow_test.cc  tests of minutes         -> <layer>_slow_test, ctest label "slow"
#   *_bench.cc      Google Benchmark         -> <layer>_bench, smoke-run by ctest label "bench"
#   *_fuzz.cc       LLVMFuzzerTestOneInput   -> <layer>_<stem>, smoke-run by ctest label "fuzz"
#   *_testprog.cc   a program tests start    -> bin/<stem>
#   *_testing.cc    support code of tests    -> robosync_<layer>_testing, linked by tests only
#   main_*.cc       a program's main         -> robosync_program()
#   anything else                            -> robosync_<layer>
#
# A platform suffix before that (x_linux.cc, x_win32_test.cc) builds the file on that platform only:
# _posix on any UNIX, _linux, _macos, _win32.
#
# A folder without sources becomes an INTERFACE target, so layers can be declared before they exist.
include_guard(GLOBAL)
include(GoogleTest)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# Where programs are installed. On Windows all is in one folder.
if(WIN32)
  set(ROBOSYNC_PROGRAM_DIR .)
else()
  set(ROBOSYNC_PROGRAM_DIR bin)
endif()

# robosync_classify(<path> <role-var> <stem-var>): role is one of
# library test slow_test bench fuzz testprog testing main, or "skip" where the platform is not ours.
function(robosync_classify path role_var stem_var)
  get_filename_component(stem "${path}" NAME_WE)
  set(role library)
  set(rest "${stem}")
  if(stem MATCHES "^main_")
    set(role main)
  elseif(stem MATCHES "^(.+)_(test|bench|fuzz|testprog|testing)$")
    set(rest "${CMAKE_MATCH_1}")
    set(role "${CMAKE_MATCH_2}")
  endif()
  # "slow" and the platform may stand in either order.
  if(role STREQUAL "test" AND rest MATCHES "^(.+)_slow(_posix|_linux|_macos|_win32)?$")
    set(rest "${CMAKE_MATCH_1}${CMAKE_MATCH_2}")
    set(role slow_test)
  endif()
  if((rest MATCHES "_posix$" AND NOT UNIX)
     OR (rest MATCHES "_linux$" AND NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
     OR (rest MATCHES "_macos$" AND NOT APPLE)
     OR (rest MATCHES "_win32$" AND NOT WIN32))
    set(role skip)
  endif()
  set(${role_var} "${role}" PARENT_SCOPE)
  set(${stem_var} "${stem}" PARENT_SCOPE)
endfunction()

# Where "engine/base/result.h" is found, and what every target of ours compiles with.
function(robosync_target_defaults target scope)
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}")
  if(NOT scope STREQUAL "INTERFACE")
    target_link_libraries(${target} PRIVATE robosync_warnings)
    if(target MATCHES "_test$")
      robosync_use_test_options(${target})
    else()
      robosync_use_pch(${target})
    endif()
  endif()
endfunction()

# robosync_layer(<name> [DIRECTORY <dir>] [DEPENDS <layer>...] [LIBRARIES <target>...]
#                [TEST_TIMEOUT_S <seconds>])
function(robosync_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIRECTORY;TEST_TIMEOUT_S" "DEPENDS;LIBRARIES")
  if(NOT arg_DIRECTORY)
    set(arg_DIRECTORY "engine/${name}")
  endif()
  if(NOT arg_TEST_TIMEOUT_S)
    set(arg_TEST_TIMEOUT_S 300)
  endif()
  set(dir "${PROJECT_SOURCE_DIR}/${arg_DIRECTORY}")
  file(GLOB sources CONFIGURE_DEPENDS "${dir}/*.cc")
  foreach(role IN ITEMS library test slow_test bench fuzz testprog testing main skip)
    set(${role}_sources "")
  endforeach()
  foreach(source IN LISTS sources)
    robosync_classify("${source}" role stem)
    list(APPEND ${role}_sources "${source}")
  endforeach()

  set(target robosync_${name})
  list(TRANSFORM arg_DEPENDS PREPEND robosync:: OUTPUT_VARIABLE depends)
  if(library_sources)
    add_library(${target} STATIC ${library_sources})
    robosync_target_defaults(${target} PUBLIC)
    target_link_libraries(${target} PUBLIC ${depends} ${arg_LIBRARIES})
  else()
    add_library(${target} INTERFACE)
    robosync_target_defaults(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${depends} ${arg_LIBRARIES})
  endif()
  add_library(robosync::${name} ALIAS ${target})

  if(ROBOSYNC_TESTS)
    robosync_layer_tests(${name})
  endif()
  if(ROBOSYNC_BENCH AND bench_sources AND TARGET benchmark::benchmark_main)
    add_executable(${name}_bench ${bench_sources})
    robosync_target_defaults(${name}_bench PRIVATE)
    target_link_libraries(${name}_bench PRIVATE robosync::${name} robosync_${name}_testing
                                                benchmark::benchmark_main)
    add_test(NAME bench.${name} COMMAND ${name}_bench --benchmark_min_time=0.001)
    set_tests_properties(bench.${name} PROPERTIES LABELS bench TIMEOUT 300)
  endif()
endfunction()

# The test side of robosync_layer(); reads the caller's source lists.
function(robosync_layer_tests name)
  # Support code is visible to the tests of every layer that uses this one.
  set(testing robosync_${name}_testing)
  list(TRANSFORM arg_DEPENDS REPLACE "(.+)" "robosync_\\1_testing" OUTPUT_VARIABLE testing_depends)
  if(testing_sources)
    add_library(${testing} STATIC ${testing_sources})
    robosync_target_defaults(${testing} PUBLIC)
    target_link_libraries(${testing} PUBLIC robosync::${name} ${testing_depends} GTest::gmock)
  else()
    add_library(${testing} INTERFACE)
    target_link_libraries(${testing} INTERFACE robosync::${name} ${testing_depends})
  endif()

  set(programs "")
  foreach(source IN LISTS testprog_sources)
    robosync_classify("${source}" role program)
    add_executable(${program} ${source})
    robosync_target_defaults(${program} PRIVATE)
    target_link_libraries(${program} PRIVATE ${testing})
    list(APPEND programs ${program})
  endforeach()

  robosync_test_executable(${name}_test "${test_sources}" unit ${arg_TEST_TIMEOUT_S})
  robosync_test_executable(${name}_slow_test "${slow_test_sources}" slow 1200)

  foreach(source IN LISTS fuzz_sources)
    robosync_classify("${source}" role stem)
    robosync_fuzz_executable(${name}_${stem} "${source}")
  endforeach()
endfunction()

# Tests learn where the programs are from the environment, not from a macro: a path in the compile
# command would keep two clones from sharing ccache's results.
function(robosync_test_executable target sources label timeout_s)
  if(NOT sources)
    return()
  endif()
  add_executable(${target} ${sources})
  robosync_target_defaults(${target} PRIVATE)
  target_link_libraries(${target} PRIVATE ${testing} GTest::gmock GTest::gtest_main)
  if(programs)
    add_dependencies(${target} ${programs})
  endif()
  gtest_discover_tests(
    ${target}
    TEST_PREFIX "${name}."
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} TIMEOUT ${timeout_s}
               ENVIRONMENT "ROBOSYNC_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/robosync${CMAKE_EXECUTABLE_SUFFIX}")
endfunction()

# robosync_tests_again(<layer> <name> FILTER <filter> ENVIRONMENT <variable=value>): the layer's tests
# once more, as <layer>.<name>.*, under other circumstances.
function(robosync_tests_again layer name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "FILTER;ENVIRONMENT" "")
  if(NOT TARGET ${layer}_test)
    return()
  endif()
  gtest_discover_tests(
    ${layer}_test
    TEST_PREFIX "${layer}.${name}."
    TEST_FILTER "${arg_FILTER}"
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()

# Without a libFuzzer the target is linked with a driver of our own that feeds it a fixed sequence of
# pseudo-random inputs and the corpus (<stem>_corpus/ beside the source), so fuzzers run everywhere.
function(robosync_fuzz_executable target source)
  add_executable(${target} ${source} "${PROJECT_SOURCE_DIR}/cmake/fuzz_driver.cc")
  robosync_target_defaults(${target} PRIVATE)
  target_link_libraries(${target} PRIVATE ${testing})
  get_filename_component(stem "${source}" NAME_WE)
  get_filename_component(source_dir "${source}" DIRECTORY)
  add_test(NAME fuzz.${target} COMMAND ${target} --runs=20000 "${source_dir}/${stem}_corpus")
  set_tests_properties(fuzz.${target} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()

# What Windows is told of a program: that its paths may be long and its texts are UTF-8. The resource
# compiler of mingw is called by hand, since CMake would give it the options of the C++ compiler.
function(robosync_add_manifest target)
  set(manifest "${PROJECT_SOURCE_DIR}/cmake/program.manifest")
  if(MSVC)
    target_sources(${target} PRIVATE "${manifest}")
  elseif(MINGW)
    set(object "${CMAKE_BINARY_DIR}/generated/program_manifest.o")
    if(NOT TARGET robosync_manifest)
      add_custom_command(
        OUTPUT "${object}"
        COMMAND "${CMAKE_RC_COMPILER}" -I "${PROJECT_SOURCE_DIR}" -O coff
                "${PROJECT_SOURCE_DIR}/cmake/program.rc" "${object}"
        DEPENDS "${manifest}" "${PROJECT_SOURCE_DIR}/cmake/program.rc"
        COMMENT "Compiling the manifest")
      add_custom_target(robosync_manifest DEPENDS "${object}")
    endif()
    add_dependencies(${target} robosync_manifest)
    target_link_options(${target} PRIVATE "${object}")
  endif()
endfunction()

# robosync_program(<name> DIRECTORY <dir> MAIN <stem> DEPENDS <layer>...): bin/<name> from <stem>.cc
# and its platform variants. Where <stem>_win32.cc exists it defines wmain.
function(robosync_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIRECTORY;MAIN" "DEPENDS")
  set(dir "${PROJECT_SOURCE_DIR}/${arg_DIRECTORY}")
  file(GLOB candidates CONFIGURE_DEPENDS "${dir}/${arg_MAIN}.cc" "${dir}/${arg_MAIN}_*.cc")
  set(sources "")
  set(wide FALSE)
  foreach(source IN LISTS candidates)
    get_filename_component(stem "${source}" NAME_WE)
    if((stem MATCHES "_posix$" AND UNIX) OR (stem MATCHES "_win32$" AND WIN32)
       OR (stem MATCHES "_linux$" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
       OR (stem MATCHES "_macos$" AND APPLE) OR stem STREQUAL arg_MAIN)
      list(APPEND sources "${source}")
    endif()
    if(stem MATCHES "_win32$")
      set(wide TRUE)
    endif()
  endforeach()
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND robosync::)
  add_executable(${name} ${sources})
  robosync_target_defaults(${name} PRIVATE)
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
  if(ROBOSYNC_STATIC)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  if(MINGW AND wide)
    target_link_options(${name} PRIVATE -municode)
  endif()
  robosync_add_manifest(${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${ROBOSYNC_PROGRAM_DIR})
endfunction()

# robosync_tests_run(<program> <layer>...): the tests of these layers start bin/<program>.
function(robosync_tests_run program)
  foreach(layer IN LISTS ARGN)
    foreach(target IN ITEMS ${layer}_test ${layer}_slow_test)
      if(TARGET ${program} AND TARGET ${target})
        add_dependencies(${target} ${program})
      endif()
    endforeach()
  endforeach()
endfunction()
