# Placeholder until the message generator stands here: sets BSIM_WIRE_SOURCES.
set(BSIM_WIRE_SOURCES)
