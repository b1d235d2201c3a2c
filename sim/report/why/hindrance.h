#pragma once
// What kept acknowledgements of a partition away for a while, and what kept a group from coming
// along: questions about a span of time instead of one event.

#include <set>
#include <string>
#include <vector>

#include "sim/report/why/explainer.h"
#include "sim/report/why/rules.h"

namespace bsim::why {

struct Wait {
    TopicPartition p;
    SimTime from;
    SimTime to;
    EventNumber end;                // the first event that is too young to matter
    std::set<std::string> clients;  // who waits
    bool all_acks = true;           // for the ISR, or else the leader alone
    bool must_find = true;          // it was long: what is weak counts, too, if it is all there is
};

// Its end is Unexplained without a next if there is nothing.
Because hindered(const Case& c, const Wait& wait);

// How much of the wait, in thousandths, something was in the way that faults and settings make.
int share_hindered(const Case& c, const Wait& wait);
// Is the node down, paused or struck by a fault then?
bool is_troubled(const Case& c, const std::string& node, SimTime at);

// A group that falls behind.
struct Behind {
    std::string group;
    SimTime at;
    EventNumber end;
};
Because fell_behind(const Case& c, const Behind& behind);
// What kept its members from joining between then and the moment in question; nothing to say if
// nothing did.
Because not_settled(const Case& c, const Behind& behind, SimTime from);

// Producers that send to the topic, and members that ever joined the group.
std::set<std::string> producers_of(const Case& c, const std::string& topic);
std::set<std::string> members_of(const Case& c, EventNumber end, const std::string& group);
// The node of that client id.
std::string node_of_client(const Case& c, const std::string& client);

// Followers that did not fetch what the leader had, shortly before the leader was gone.
struct Unfetched {
    std::string leader;
    std::set<std::string> followers;
    SimTime from;
    SimTime to;
};
std::vector<const Event*> kept_from_fetching(const Case& c, const Unfetched& lack);
// The changes by which those replicas left the ISR that were out of it already before this change.
std::vector<const Event*> earlier_leavers(const Case& c, const Event& change);
// What was in the way of what was awaited.
Because in_the_way(const Case& c, const Concern& concern);

// The topic is gone at that moment: its deletion, else nullptr.
const Event* deletion_of(const Case& c, EventNumber end, const std::string& topic);
// A fault that has one of these requests answered with that error at that moment.
const Event* answered_with(const Case& c,
                           SimTime at,
                           const std::string& error,
                           const std::set<std::string>& apis);

}  // namespace bsim::why
