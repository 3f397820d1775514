# Builds the pages: cmake -DUI=<source>/ui -DTO=<folder> -DLOCK=<file> -P ui.cmake
#
# node_modules stands in the source tree and is shared by all build trees: one at a time.
cmake_minimum_required(VERSION 3.25)
file(LOCK ${LOCK} GUARD PROCESS TIMEOUT 600)

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${UI} RESULT_VARIABLE code
                  OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "ui: ${ARGN} failed (${code}):\n${said}")
  endif()
endfunction()

set(installed ${UI}/node_modules/.package-lock.json)
if(NOT EXISTS ${installed})
  run(npm ci --omit=dev --no-audit --no-fund)
elseif(${UI}/package-lock.json IS_NEWER_THAN ${installed})
  run(npm ci --no-audit --no-fund)
  file(TOUCH ${installed})
endif()
run(npm run --silent build -- --outDir ${TO})
