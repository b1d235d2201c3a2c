#pragma once
// What a violation of a check goes back to: the strands of the story that must be told, the
// settings and switches that permit it, and, if there are none, what is to blame.

#include <string>
#include <vector>

#include "sim/report/why/explainer.h"
#include "sim/report/why/rules.h"

namespace bsim::why {

struct CheckCauses {
    std::vector<Side> strands;       // the first one is about the event that broke the rule
    std::vector<TrueCause> permits;  // settings and switches that allow it
    std::string blame;               // a sentence, for when nothing allows it
    // Faults that are still felt may break it, or settings alone: that is no bug.
    bool is_liveness = false;
    bool settings_excuse = false;
};

CheckCauses causes_of(const Case& c, const CheckFinding& finding);

// Adds to it, each strand once; nothing if there is no event.
void strand(CheckCauses& out, std::string title, const Event* event);
void permit(CheckCauses& out, std::string text, EventNumber i);

// What the detail of a finding speaks of, as far as the trace knows it.
struct Mentions {
    std::vector<TopicPartition> partitions;
    std::vector<std::string> nodes;
    std::vector<EventNumber> events;  // "event 17"
    std::vector<std::string> groups;
    std::vector<std::int32_t> epochs;  // "epoch 3"
};
Mentions mentions_of(const Case& c, const std::string& detail);

// Something that should have gone on, or been read (check_outage.cpp).
void tell_outage(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out);
void tell_unread(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out);

}  // namespace bsim::why
