# The pages: ui/dist if someone has built them, else built here, else (no ui/ at all) none.
set(ui ${PROJECT_SOURCE_DIR}/ui)
set(embedded ${PROJECT_BINARY_DIR}/ui/pages.S)
set(pages ${PROJECT_BINARY_DIR}/ui/dist)
set(page_sources ${PROJECT_SOURCE_DIR}/cmake/embed.cmake)
if(EXISTS ${ui}/dist/index.html)
  set(pages ${ui}/dist)
  file(GLOB_RECURSE built CONFIGURE_DEPENDS ${ui}/dist/*)
  list(APPEND page_sources ${built})
  set(build_pages)
elseif(EXISTS ${ui}/package.json)
  file(GLOB_RECURSE ui_sources CONFIGURE_DEPENDS ${ui}/src/* ${ui}/pages/* ${ui}/tools/*)
  list(APPEND page_sources ${ui_sources} ${ui}/package.json ${ui}/package-lock.json ${ui}/index.html
       ${PROJECT_SOURCE_DIR}/cmake/ui.cmake)
  set(build_pages COMMAND ${CMAKE_COMMAND} -DUI=${ui} -DTO=${pages}
      -DLOCK=${PROJECT_SOURCE_DIR}/build/ui.lock -P ${PROJECT_SOURCE_DIR}/cmake/ui.cmake)
else()
  set(build_pages COMMAND ${CMAKE_COMMAND} -E make_directory ${pages})
endif()
add_custom_command(OUTPUT ${embedded} ${build_pages}
  COMMAND ${CMAKE_COMMAND} -DFROM=${pages} -DTO=${embedded} -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  COMMAND ${CMAKE_COMMAND} -E touch ${embedded}
  DEPENDS ${page_sources} COMMENT "Building and embedding the pages" VERBATIM)
target_sources(web PRIVATE ${embedded})
