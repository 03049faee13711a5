# robosync_embed(<layer> <namespace> <directory> <pattern>): makes the files of a folder part of a
# layer's library, so that the installed program needs no folder beside it. The layer's embedded.h
# declares what the generated source defines.
#
# In script mode (cmake -D... -P embed.cmake) this file writes that source.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "#include \"${header}\"\n\n#include <array>\n\nnamespace ${namespace} {\n\n")
  string(APPEND text "std::span<const EmbeddedFile> embedded_files() {\n")
  string(REPLACE "|" ";" files "${files}")
  list(LENGTH files count)
  string(APPEND text "  static constexpr std::array<EmbeddedFile, ${count}> kFiles{{\n")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" content)
    string(APPEND text "      {\"${name}\", R\"embed(${content})embed\"},\n")
  endforeach()
  string(APPEND text "  }};\n  return kFiles;\n}\n\n}  // namespace ${namespace}\n")
  file(WRITE "${output}" "${text}")
  return()
endif()

include_guard(GLOBAL)
set(robosync_embed_script "${CMAKE_CURRENT_LIST_FILE}")

function(robosync_embed layer namespace directory pattern)
  set(dir "${PROJECT_SOURCE_DIR}/${directory}")
  file(GLOB files CONFIGURE_DEPENDS "${dir}/${pattern}")
  string(REPLACE ";" "|" joined "${files}")
  get_target_property(sources robosync_${layer} SOURCES)
  list(GET sources 0 first)
  get_filename_component(layer_dir "${first}" DIRECTORY)
  file(RELATIVE_PATH header "${PROJECT_SOURCE_DIR}" "${layer_dir}/embedded.h")
  set(output "${CMAKE_BINARY_DIR}/embedded/${layer}.cc")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-Dheader=${header}" "-Dnamespace=${namespace}" "-Dfiles=${joined}"
            "-Doutput=${output}" -P "${robosync_embed_script}"
    DEPENDS ${files} "${robosync_embed_script}"
    COMMENT "Embedding ${directory}/${pattern}"
    VERBATIM)
  target_sources(robosync_${layer} PRIVATE "${output}")
endfunction()
