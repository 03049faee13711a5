# Run at build time: writes OUTPUT from TEMPLATE with the commit of SOURCE_DIR, touching the file
# only when its text changes. A tree without git (a release archive) has the commit "unknown".
find_program(GIT git)
set(COMMIT "unknown")
if(GIT)
  execute_process(
    COMMAND "${GIT}" -C "${SOURCE_DIR}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed
    ERROR_QUIET)
  if(NOT failed)
    set(COMMIT "${described}")
  endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
