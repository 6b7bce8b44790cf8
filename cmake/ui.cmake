# The web page, api/ui, built by node and embedded into the program.
#
# COBS_UI=AUTO builds it where Node.js 18 or newer and npm are found and says so where they are not: the program then tells
# how to get the page, and the API is whole. ON: without them the build fails. OFF: nobody looks for them.
set(COBS_UI AUTO CACHE STRING "The web page: AUTO, ON or OFF")
set_property(CACHE COBS_UI PROPERTY STRINGS AUTO ON OFF)

# Sets COBS_NODE and COBS_NPM, to "" where there is none that will do. ops/setup may have brought them into .run/node.
function(cobs_find_node)
    set(hints ${CMAKE_SOURCE_DIR}/.run/node/bin)
    find_program(COBS_NODE_PROGRAM node HINTS ${hints})
    find_program(COBS_NPM_PROGRAM npm HINTS ${hints})
    set(node "")
    set(npm "")
    if(COBS_NODE_PROGRAM AND COBS_NPM_PROGRAM)
        execute_process(COMMAND ${COBS_NODE_PROGRAM} --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        if(version MATCHES "^v([0-9]+)" AND CMAKE_MATCH_1 GREATER_EQUAL 18)
            set(node ${COBS_NODE_PROGRAM})
            set(npm ${COBS_NPM_PROGRAM})
        endif()
    endif()
    set(COBS_NODE "${node}" PARENT_SCOPE)
    set(COBS_NPM "${npm}" PARENT_SCOPE)
endfunction()

# cobs_page(TARGET): the page becomes part of the library TARGET.
function(cobs_page target)
    set(ui ${CMAKE_SOURCE_DIR}/api/ui)
    set(built ${CMAKE_BINARY_DIR}/page)
    set(out ${CMAKE_BINARY_DIR}/generated/page_assets.c)
    if(NOT COBS_UI STREQUAL "OFF")
        cobs_find_node()
        if(NOT COBS_NODE AND COBS_UI STREQUAL "ON")
            message(FATAL_ERROR "COBS_UI=ON, but Node.js (18 or newer) and npm are not found: ops/setup brings them")
        elseif(NOT COBS_NODE)
            message(WARNING "the web page is left out: Node.js (18 or newer) and npm are not found, ops/setup brings them")
        endif()
    endif()
    if(COBS_NODE)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ui}/src/*)
        set(modules ${ui}/node_modules/.package-lock.json)
        add_custom_command(OUTPUT ${modules}
            COMMAND ${CMAKE_COMMAND} -E env "PATH=${CMAKE_SOURCE_DIR}/.run/node/bin:$ENV{PATH}" sh -c "\"$0\" ci --ignore-scripts --loglevel=error >/dev/null" ${COBS_NPM}
            COMMAND ${CMAKE_COMMAND} -E touch ${modules}
            WORKING_DIRECTORY ${ui} DEPENDS ${ui}/package-lock.json COMMENT "Fetching what the page is built with" VERBATIM)
        set(page ${built}/index.html)
        add_custom_command(OUTPUT ${page}
            COMMAND ${COBS_NODE} build.mjs ${built}
            WORKING_DIRECTORY ${ui} DEPENDS ${sources} ${modules} ${ui}/build.mjs ${ui}/h.mjs ${ui}/index.html ${ui}/icons.svg ${ui}/icon.svg
            COMMENT "Building the page" VERBATIM)
    else()
        set(page ${built}/index.html)
        add_custom_command(OUTPUT ${page}
            COMMAND ${CMAKE_COMMAND} -E rm -rf ${built}
            COMMAND ${CMAKE_COMMAND} -E make_directory ${built}/assets
            COMMAND ${CMAKE_COMMAND} -E copy ${ui}/absent.html ${page}
            DEPENDS ${ui}/absent.html VERBATIM)
    endif()
    add_custom_command(OUTPUT ${out}
        COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed_page.py ${built} ${out}
        DEPENDS ${page} ${CMAKE_SOURCE_DIR}/cmake/embed_page.py VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
