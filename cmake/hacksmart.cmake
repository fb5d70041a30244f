# Build rules of this project: one static library a folder of src/, its tests beside it.

add_library(hs_options INTERFACE)
target_include_directories(hs_options INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
target_compile_options(hs_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wnon-virtual-dtor -Werror)
target_compile_definitions(hs_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED HS_VERSION="${PROJECT_VERSION}")
# Where this tree lies: for tests and benchmarks, and for the one file that finds our own resources.
# Not for everything, so that compiler caches serve several checkouts.
add_library(hs_tree_paths INTERFACE)
target_compile_definitions(hs_tree_paths INTERFACE HS_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                           HS_BINARY_DIR="${CMAKE_BINARY_DIR}")
# With optimisation, g++ 12 reports flow problems inside the standard library that are not there.
set(HS_FLOW_WARNINGS -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread
    -Wno-error=maybe-uninitialized -Wno-error=restrict -Wno-error=free-nonheap-object
    -Wno-error=mismatched-new-delete)
target_compile_options(hs_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:${HS_FLOW_WARNINGS}>)
if(APP_FAULTS)
  target_compile_definitions(hs_options INTERFACE HS_FAULTS=1)
endif()
if(APP_SANITIZE)
  target_compile_options(hs_options INTERFACE -fsanitize=${APP_SANITIZE} -fno-omit-frame-pointer
    ${HS_FLOW_WARNINGS})
  target_link_options(hs_options INTERFACE -fsanitize=${APP_SANITIZE})
endif()
if(APP_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "APP_FUZZ needs clang: -DCMAKE_CXX_COMPILER=clang++-19")
  endif()
  # Warnings are g++'s matter: clang 19 also warns of what g++ 12's own headers use.
  target_compile_options(hs_options INTERFACE -fsanitize=fuzzer-no-link -Wno-error)
endif()
# Hardening belongs to release builds: it would hide from the sanitizers what they look for.
add_library(hs_hardening INTERFACE)
target_compile_options(hs_hardening INTERFACE -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
  -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero -fPIE
  $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
target_link_options(hs_hardening INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
if(NOT APP_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_link_libraries(hs_options INTERFACE hs_hardening)
endif()
find_program(HS_LLD ld.lld)
if(HS_LLD AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  target_link_options(hs_options INTERFACE -fuse-ld=lld)
endif()

# hs_precompiled(NAME HEADER LINK libraries…): with APP_PCH, HEADER compiled once for targets that reuse it.
function(hs_precompiled name header)
  if(APP_PCH)
    cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
    file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE hs_options ${ARG_LINK})
    target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/${header})
  endif()
endfunction()

# hs_reuse(TARGET NAME): TARGET takes the precompiled headers of NAME.
function(hs_reuse target name)
  if(APP_PCH)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

# hs_library(NAME USES folders… LINK libraries…): src/NAME/**.cpp without tests and helper programs.
function(hs_library name)
  cmake_parse_arguments(ARG "" "" "USES;LINK" ${ARGN})
  # Relative: the folder of the checkout may be called decoder, too.
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
       ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test\\.cpp$|/decoder/|/sphinx/)")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/src/)
  list(TRANSFORM tests PREPEND ${CMAKE_SOURCE_DIR}/src/)
  if(NOT sources)
    add_library(hs_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(hs_${name} STATIC ${sources})
    set(scope PUBLIC)
    if(NOT name STREQUAL "audio") # its own flags would not fit
      hs_reuse(hs_${name} hs_foreign)
    endif()
  endif()
  target_link_libraries(hs_${name} ${scope} hs_options ${ARG_LINK})
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(hs_${name} ${scope} hs_${used})
  endforeach()
  file(GLOB sql CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/sql/*.sql)
  if(sql)
    set(out ${CMAKE_BINARY_DIR}/generated/${name}/queries.hpp)
    add_custom_command(OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=hs::${name}::sql "-DFILES=${sql}"
              -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
      DEPENDS ${sql} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake VERBATIM)
    add_custom_target(hs_${name}_sql DEPENDS ${out})
    add_dependencies(hs_${name} hs_${name}_sql)
    if(scope STREQUAL PUBLIC)
      target_sources(hs_${name} PRIVATE ${out})
    endif()
  endif()
  if(tests AND APP_TESTS)
    set_property(GLOBAL APPEND PROPERTY HS_TESTED_FOLDERS ${name})
    set_property(GLOBAL PROPERTY HS_TESTS_OF_${name} ${tests})
  endif()
endfunction()

# hs_helper(PROGRAM FOLDER libraries…): a child process of its own, built from all .cpp of FOLDER.
function(hs_helper program folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_executable(${program} ${sources})
    target_link_libraries(${program} PRIVATE hs_helper_options ${ARGN})
  endif()
endfunction()

# Helpers run under an address-space limit, where a sanitizer cannot start: they are built without.
add_library(hs_helper_options INTERFACE)
target_include_directories(hs_helper_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(hs_helper_options INTERFACE -O2 -Wall -Wextra -Wshadow -Werror)
target_link_libraries(hs_helper_options INTERFACE hs_hardening)
