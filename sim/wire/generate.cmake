# Generates the message structs and codecs from sim/wire/schema into the build directory. Sets
# BSIM_WIRE_SOURCES; target bsim_wire_messages brings everything up to date, and whoever links
# bsim_wire compiles after it.
set(BSIM_WIRE_SCHEMA ${CMAKE_CURRENT_LIST_DIR}/schema)
set(BSIM_WIRE_OUT ${BSIM_GENERATED}/sim/wire/messages)
set(BSIM_WIRE_GENERATOR ${CMAKE_SOURCE_DIR}/scripts/generate_messages.py)
file(GLOB BSIM_WIRE_SCHEMAS CONFIGURE_DEPENDS ${BSIM_WIRE_SCHEMA}/*.json)
file(GLOB BSIM_WIRE_GENERATOR_PARTS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scripts/message_*.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${BSIM_WIRE_GENERATOR})

execute_process(
  COMMAND ${Python3_EXECUTABLE} -B ${BSIM_WIRE_GENERATOR}
    ${BSIM_WIRE_SCHEMA} ${BSIM_WIRE_OUT} --list
  OUTPUT_VARIABLE BSIM_WIRE_SOURCES OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" BSIM_WIRE_SOURCES "${BSIM_WIRE_SOURCES}")
list(TRANSFORM BSIM_WIRE_SOURCES PREPEND ${BSIM_WIRE_OUT}/)

# The stamp carries the time of the last run; the outputs keep theirs unless their text changed.
add_custom_command(
  OUTPUT ${BSIM_WIRE_OUT}.stamp
  BYPRODUCTS ${BSIM_WIRE_SOURCES}
  COMMAND ${Python3_EXECUTABLE} -B ${BSIM_WIRE_GENERATOR} ${BSIM_WIRE_SCHEMA} ${BSIM_WIRE_OUT}
  COMMAND ${CMAKE_COMMAND} -E touch ${BSIM_WIRE_OUT}.stamp
  DEPENDS ${BSIM_WIRE_SCHEMAS} ${BSIM_WIRE_GENERATOR} ${BSIM_WIRE_GENERATOR_PARTS}
  COMMENT "Generating Kafka messages")
add_custom_target(bsim_wire_messages DEPENDS ${BSIM_WIRE_OUT}.stamp)
set_source_files_properties(${BSIM_WIRE_SOURCES} PROPERTIES GENERATED TRUE)
