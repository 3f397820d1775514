# Puts the files of a folder into an assembler file: cmake -DFROM=<folder> -DTO=<file.S> -P embed.cmake
#
# The table `sosie_pages` has `sosie_page_count` rows of pointers and sizes, as src/web/pages.cc
# reads them. .incbin costs no compile time, where a C array costs 1.4 s a megabyte.
cmake_minimum_required(VERSION 3.25)
get_filename_component(packed ${TO} DIRECTORY)
set(packed ${packed}/packed)
file(REMOVE_RECURSE ${packed})
file(MAKE_DIRECTORY ${packed})

file(GLOB_RECURSE names RELATIVE ${FROM} ${FROM}/*)
list(SORT names)
set(data "")
set(table "")
set(number 0)
foreach(name ${names})
  set(file ${FROM}/${name})
  set(gz ${packed}/${number}.gz)
  execute_process(COMMAND gzip -9 -n -c ${file} OUTPUT_FILE ${gz} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "gzip ${file} failed")
  endif()
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(APPEND data "name${number}: .asciz \"/${name}\"\ntag${number}: .asciz \"${hash}\"\n"
         "plain${number}: .incbin \"${file}\"\nplain_end${number}:\n"
         "packed${number}: .incbin \"${gz}\"\npacked_end${number}:\n")
  string(APPEND table "  .quad name${number}, tag${number}\n"
         "  .quad plain${number}, plain_end${number} - plain${number}\n"
         "  .quad packed${number}, packed_end${number} - packed${number}\n")
  math(EXPR number "${number} + 1")
endforeach()

file(CONFIGURE OUTPUT ${TO} @ONLY CONTENT [[
.section .note.GNU-stack, "", %progbits
.section .rodata
@data@
.section .data.rel.ro, "aw"
.balign 8
.globl sosie_pages
sosie_pages:
@table@
.globl sosie_page_count
sosie_page_count:
  .quad @number@
]])
