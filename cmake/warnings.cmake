# Warnings for our own code, carried by one interface target.
add_library(cobs_flags INTERFACE)
target_compile_features(cobs_flags INTERFACE c_std_17)
target_compile_definitions(cobs_flags INTERFACE _GNU_SOURCE)
target_compile_options(cobs_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wwrite-strings
    -Wcast-qual -Wpointer-arith -Wnull-dereference -Wimplicit-fallthrough
    -fno-common
    $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init>
    $<$<C_COMPILER_ID:Clang>:-Wcomma -Wunreachable-code -Wno-gnu-statement-expression>
    $<$<BOOL:${COBS_WERROR}>:-Werror>)
if(COBS_SANITIZE)
    target_compile_options(cobs_flags INTERFACE -fsanitize=${COBS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(cobs_flags INTERFACE -fsanitize=${COBS_SANITIZE})
endif()
if(COBS_HARDEN)
    target_compile_options(cobs_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
        -fcf-protection=full -ftrivial-auto-var-init=zero -fPIE)
    target_link_options(cobs_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
if(COBS_FUZZ)
    target_compile_options(cobs_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(COBS_COVERAGE) # asserts state what cannot happen: their branches are not for tests to take
    target_compile_options(cobs_flags INTERFACE -O0 -g --coverage -DNDEBUG)
    target_link_options(cobs_flags INTERFACE --coverage)
endif()
