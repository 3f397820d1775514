# A room is a folder of src/ and a library. It sees the headers of the rooms it USES and of no
# other: each room shows itself through a door (a link in the build tree), and only the doors it
# links to are on its include path. A forbidden #include is a compile error.
#
# Beside the code stand its tests (x_test.cc), benchmarks (x_bench.cc) and fuzzers (x_fuzz.cc). Each
# room with tests gets a program of its own, test_<room>, and all of them run under ctest.

function(sosie_room room)
  cmake_parse_arguments(ARG "" "" "USES;LIBS" ${ARGN})
  string(REPLACE "/" "_" target ${room})
  set(folder ${PROJECT_SOURCE_DIR}/src/${room})
  set(door ${PROJECT_BINARY_DIR}/doors/${target})

  cmake_path(GET room PARENT_PATH parent)
  file(MAKE_DIRECTORY ${door}/${parent})
  file(CREATE_LINK ${folder} ${door}/${room} SYMBOLIC)

  file(GLOB code CONFIGURE_DEPENDS ${folder}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h)
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cc)
  file(GLOB benches CONFIGURE_DEPENDS ${folder}/*_bench.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${folder}/*_fuzz.cc)
  list(REMOVE_ITEM code ${tests} ${benches} ${fuzzers})
  list(FILTER headers EXCLUDE REGEX "_test\\.h$")  # what a room's tests share

  list(TRANSFORM ARG_USES REPLACE "/" "_")
  if(code)
    add_library(${target} OBJECT ${code})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    list(TRANSFORM headers REPLACE ${folder} ${door}/${room})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${door} FILES ${headers})
    target_link_libraries(${target} PUBLIC ${ARG_USES} fmt::fmt PRIVATE sosie_warnings)
    target_link_libraries(${target} PUBLIC $<LINK_ONLY:${ARG_LIBS}>)
    target_link_libraries(${target} PRIVATE ${ARG_LIBS})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${SOSIE_UNITY} UNITY_BUILD_BATCH_SIZE 0)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${door})
    target_link_libraries(${target} INTERFACE ${ARG_USES} fmt::fmt)
  endif()

  include(${folder}/room.cmake OPTIONAL)  # a room's own needs

  set_property(GLOBAL APPEND PROPERTY SOSIE_ROOMS ${target})
  set_property(GLOBAL PROPERTY SOSIE_USES_${target} "${ARG_USES}")
  if(tests)
    set_property(GLOBAL APPEND PROPERTY SOSIE_TESTED ${target})
    set_property(GLOBAL PROPERTY SOSIE_TESTS_${target} "${tests}")
  endif()
  if(benches)
    set_property(GLOBAL APPEND PROPERTY SOSIE_BENCHED ${target})
    set_property(GLOBAL PROPERTY SOSIE_BENCHES_${target} "${benches}")
  endif()
  foreach(fuzzer ${fuzzers})
    set_property(GLOBAL APPEND PROPERTY SOSIE_FUZZERS ${target}:${fuzzer})
  endforeach()
endfunction()

# For a room.cmake: much arithmetic. Without the optimiser the checking builds compile twice as fast,
# but the tests of such a room would take ten minutes.
function(sosie_computes target)
  if(SOSIE_CHECKS)
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()

# Every sub-folder of src/<shelf> is a plugin: a room of its own, blind to its siblings, known to
# the rest only by `void sosie::register_<shelf>_<folder>(Catalog&)`. Adding one is adding a folder.
function(sosie_shelf shelf)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${PROJECT_SOURCE_DIR}/src/${shelf}
       ${PROJECT_SOURCE_DIR}/src/${shelf}/*)
  foreach(plugin ${folders})
    file(GLOB code ${PROJECT_SOURCE_DIR}/src/${shelf}/${plugin}/*.cc)
    if(code)
      sosie_room(${shelf}/${plugin} ${ARGN})
      set_property(GLOBAL APPEND PROPERTY SOSIE_PLUGINS ${shelf}_${plugin})
    endif()
  endforeach()
endfunction()

function(sosie_write_plugin_list file)
  get_property(plugins GLOBAL PROPERTY SOSIE_PLUGINS)
  set(text "namespace sosie {\nclass Catalog;\n")
  foreach(p ${plugins})
    string(APPEND text "void register_${p}(Catalog&);\n")
  endforeach()
  string(APPEND text "void register_plugins(Catalog& catalog);\nvoid register_plugins(Catalog& catalog) {\n")
  foreach(p ${plugins})
    string(APPEND text "  register_${p}(catalog);\n")
  endforeach()
  file(CONFIGURE OUTPUT ${file} CONTENT "${text}}\n}  // namespace sosie\n" @ONLY)
endfunction()

# All rooms but those that only tests use.
function(sosie_product_rooms out)
  get_property(rooms GLOBAL PROPERTY SOSIE_ROOMS)
  list(REMOVE_ITEM rooms testing)
  set(${out} ${rooms} PARENT_SCOPE)
endfunction()

# The program: src/<room>'s code, every other room, and the list of plug-ins.
function(sosie_program name room)
  set(folder ${PROJECT_SOURCE_DIR}/src/${room})
  set(door ${PROJECT_BINARY_DIR}/doors/${room})
  file(MAKE_DIRECTORY ${door})
  file(CREATE_LINK ${folder} ${door}/${room} SYMBOLIC)
  file(GLOB code CONFIGURE_DEPENDS ${folder}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cc)
  list(REMOVE_ITEM code ${tests})
  sosie_write_plugin_list(${PROJECT_BINARY_DIR}/plugins.cc)
  add_library(plugins OBJECT ${PROJECT_BINARY_DIR}/plugins.cc)
  sosie_product_rooms(rooms)
  add_executable(${name} ${code})
  target_include_directories(${name} PRIVATE ${door})
  target_precompile_headers(${name} PRIVATE <CLI/CLI.hpp>)  # half of what each command costs to compile
  target_link_libraries(${name} PRIVATE ${rooms} plugins fmt::fmt CLI11::CLI11 Threads::Threads sosie_warnings)
  target_compile_definitions(${name} PRIVATE SOSIE_VERSION="${PROJECT_VERSION}")
endfunction()

# Each OBJECT library must stand on the link line itself: gathers what a room needs, itself included.
function(sosie_closure room out)
  set(all ${room})
  get_property(uses GLOBAL PROPERTY SOSIE_USES_${room})
  foreach(used ${uses})
    sosie_closure(${used} more)
    list(APPEND all ${more})
  endforeach()
  list(REMOVE_DUPLICATES all)
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# test_<room> for each room with tests; bench_<room>; fuzz_<name> where SOSIE_FUZZ is on (clang).
function(sosie_tests)
  file(CONFIGURE OUTPUT test_main.cc CONTENT
       "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n")
  add_library(test_main OBJECT ${PROJECT_BINARY_DIR}/test_main.cc)
  target_link_libraries(test_main PUBLIC doctest::doctest)
  get_property(tested GLOBAL PROPERTY SOSIE_TESTED)
  foreach(room ${tested})
    get_property(files GLOBAL PROPERTY SOSIE_TESTS_${room})
    sosie_closure(${room} needed)
    add_executable(test_${room} ${files})
    target_link_libraries(test_${room} PRIVATE ${needed} testing test_main Threads::Threads sosie_warnings)
    target_compile_definitions(test_${room} PRIVATE SOSIE_ROOT="${PROJECT_SOURCE_DIR}")
    set_target_properties(test_${room} PROPERTIES UNITY_BUILD ${SOSIE_UNITY} UNITY_BUILD_BATCH_SIZE 0)
    # The checking builds, which are slow, leave out the test suite "long"; `release` runs all.
    add_test(NAME ${room} COMMAND test_${room} $<$<BOOL:${SOSIE_CHECKS}>:--test-suite-exclude=long>
             COMMAND_EXPAND_LISTS)
  endforeach()
  list(TRANSFORM tested PREPEND test_)
  add_custom_target(tests DEPENDS ${tested})
  get_property(benched GLOBAL PROPERTY SOSIE_BENCHED)
  foreach(room ${benched})
    get_property(files GLOBAL PROPERTY SOSIE_BENCHES_${room})
    sosie_closure(${room} needed)
    add_executable(bench_${room} EXCLUDE_FROM_ALL ${files})
    target_link_libraries(bench_${room} PRIVATE ${needed} benchmark::benchmark_main Threads::Threads sosie_warnings)
    target_compile_definitions(bench_${room} PRIVATE SOSIE_ROOT="${PROJECT_SOURCE_DIR}")
  endforeach()
  if(SOSIE_FUZZ)
    get_property(entries GLOBAL PROPERTY SOSIE_FUZZERS)
    set(fuzzers "")
    foreach(entry ${entries})
      string(REGEX MATCH "^([^:]*):(.*)$" _ ${entry})
      set(room ${CMAKE_MATCH_1})
      set(file ${CMAKE_MATCH_2})
      cmake_path(GET file STEM name)
      sosie_closure(${room} needed)
      add_executable(${name} EXCLUDE_FROM_ALL ${file})
      target_link_libraries(${name} PRIVATE ${needed} Threads::Threads)
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
      # New inputs go to a folder of the build; the seeds beside the code are only read.
      cmake_path(GET file PARENT_PATH folder)
      file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/found/${name})
      add_test(NAME ${name} COMMAND ${name} -max_total_time=10 -rss_limit_mb=2048 -print_final_stats=1
               -artifact_prefix=${PROJECT_BINARY_DIR}/ found/${name} ${folder}/${name}_corpus)
      set_tests_properties(${name} PROPERTIES LABELS fuzz WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
      list(APPEND fuzzers ${name})
    endforeach()
    add_custom_target(fuzzers DEPENDS ${fuzzers})
  endif()
endfunction()
