#pragma once
// Settings and switches that permit what happened: without them, the same faults do no such harm.

#include <string>
#include <vector>

#include "sim/report/why/rules.h"

namespace bsim::why {

// What part of the cluster a check watches; a switch of the same part may permit a violation.
enum class Part { Replication, Controller, Raft, Storage, Producers, Groups, Consumers, All };

// Those of that part of the cluster that have a value which permits violations; `detail` says what
// was found.
std::vector<TrueCause> switches_for(const Case& c, Part part, const std::string& detail);
// The setting that let this leader be elected from outside of the ISR, or the fault that had it
// elected.
TrueCause unclean_permit(const Case& c, const TopicPartition& p, const Event& elected);
// What permits the events that these chains tell of.
std::vector<TrueCause> permits_in(const Case& c, const std::vector<WhyChain>& chains);

}  // namespace bsim::why
