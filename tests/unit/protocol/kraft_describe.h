#pragma once
// What a Raft node does, in one line each, for text scripts and failure reports. A point of a log
// is OFFSET@EPOCH.

#include <string>

#include "sim/protocol/kraft/raft_io.h"

namespace bsim::kraft {

std::string describe(const RaftEffect& effect);
// "1500ms", "1500001us".
std::string milliseconds_of(SimTime at);

}  // namespace bsim::kraft
