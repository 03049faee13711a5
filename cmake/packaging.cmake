# What `cmake --install` puts where, and the packages that CPack makes of it: tar.gz and deb on Linux,
# zip for Windows.
#
#   cpack --preset release     build/release/packages/robosync-<version>-linux-x86_64.tar.gz, ...deb
#   cpack --preset mingw       build/mingw/packages/robosync-<version>-windows-x86_64.zip
#
# Programs are installed by robosync_program(). Third-party code is linked into them, so the texts of
# its licences go along (packaging/licenses).
include_guard(GLOBAL)
include(GNUInstallDirs)

if(WIN32)
  set(doc_dir .)
  set(example_dir .)
else()
  set(doc_dir "${CMAKE_INSTALL_DATAROOTDIR}/doc/robosync")
  set(example_dir "${doc_dir}/examples")
endif()
# The pages lead from one to another as they do in the repository.
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
              "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${doc_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${doc_dir}" PATTERN "decisions" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/packaging/licenses" DESTINATION "${doc_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/packaging/robosyncd.toml" DESTINATION "${example_dir}")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/packaging/systemd/" DESTINATION lib/systemd/system)
  install(FILES "${PROJECT_SOURCE_DIR}/packaging/debian/copyright" DESTINATION "${doc_dir}")
endif()

# The program writes its own completion scripts.
function(robosync_completions shell folder name)
  set(script "${CMAKE_BINARY_DIR}/completions/${name}")
  add_custom_command(
    OUTPUT "${script}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/completions"
    COMMAND robosync completions ${shell} > "${script}"
    DEPENDS robosync
    COMMENT "Writing the completion script for ${shell}"
    VERBATIM)
  add_custom_target(robosync_completions_${shell} ALL DEPENDS "${script}")
  install(FILES "${script}" DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/${folder}")
endfunction()
if(UNIX AND NOT CMAKE_CROSSCOMPILING)
  robosync_completions(bash bash-completion/completions robosync)
  robosync_completions(zsh zsh/vendor-completions _robosync)
  robosync_completions(fish fish/vendor_completions.d robosync.fish)
endif()

string(TOLOWER "${CMAKE_SYSTEM_NAME}" system)
set(processor "${CMAKE_SYSTEM_PROCESSOR}")
if(processor STREQUAL "AMD64")
  set(processor x86_64)
endif()
set(CPACK_PACKAGE_VENDOR "RoboSync authors")
set(CPACK_PACKAGE_CONTACT "RoboSync authors <robosync@users.noreply.github.com>")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_PACKAGE_FILE_NAME "robosync-${PROJECT_VERSION}-${system}-${processor}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
if(WIN32)
  set(CPACK_GENERATOR ZIP)
elseif(APPLE)
  set(CPACK_GENERATOR TGZ)
else()
  set(CPACK_GENERATOR TGZ DEB)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://github.com/robosync/robosync")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "${PROJECT_DESCRIPTION}
robosync copies, mirrors, moves and verifies directory trees: here, over ssh,
and with robosyncd over TLS. An entry at its final name is complete, a mirror
deletes last, and no symbolic link leads it out of a tree.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS openssh-client)
# Directories as Debian's policy wants them, whatever the umask.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
                                                GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
