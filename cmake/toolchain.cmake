# Where third-party libraries come from (Debian packages), compiler flags, and the build's helpers.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(doctest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(date REQUIRED)
foreach(name sqlite3 zstd zlib mosquitto re2 curl mongoc rdkafka udunits)
  set(module ${name})
  if(name MATCHES "^(zstd|mosquitto|curl)$")
    set(module lib${name})
  elseif(name STREQUAL "mongoc")
    set(module libmongoc-1.0)
  endif()
  pkg_check_modules(PC_${name} REQUIRED IMPORTED_TARGET ${module})
  add_library(${name} INTERFACE IMPORTED)
  target_link_libraries(${name} INTERFACE PkgConfig::PC_${name})
endforeach()
add_library(tomlplusplus INTERFACE IMPORTED)
add_library(boost_headers INTERFACE IMPORTED)  # Beast and Asio, header only

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the tree, so that every build directory shares one cache; by the preprocessed
  # text (no "direct mode"), which cannot be wrong when headers change while others compile.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_NODIRECT=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(sosie_warnings INTERFACE)
target_compile_options(sosie_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Werror
  # A room as one file shadows what no file does, and its files look like headers.
  $<IF:$<BOOL:${SOSIE_UNITY}>,$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>,-Wshadow>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>        # g++ 12 sees overlaps that are not there (PR105651)
  # clang 19 blames us for what libstdc++ 12's std::stable_sort calls.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression -Wno-gnu-statement-expression-from-macro-expansion
                             -Wno-deprecated-declarations>)

# x86-64-v3 (AVX2, FMA) where the machine that builds has it; floating point stays IEEE: no
# contraction, so the same seed gives the same readings on every machine.
add_compile_options(-ffp-contract=off)
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_FLAGS "-march=x86-64-v3")
check_cxx_source_runs("int main(){return __builtin_cpu_supports(\"avx2\")&&__builtin_cpu_supports(\"fma\")?0:1;}" SOSIE_HAS_AVX2)
unset(CMAKE_REQUIRED_FLAGS)
if(SOSIE_HAS_AVX2)
  add_compile_options(-march=x86-64-v3)
endif()
